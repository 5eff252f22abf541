#include "matcher.h"

#include <omp.h>

#include <algorithm>
#include <cmath>

namespace mote {
namespace {

constexpr int kPeakReach = 2;     // a peak is the highest of 5x5
constexpr float kNothing = -1;    // the least that a similarity can be
constexpr float kLeast = 1e-12F;  // shortest length that is divided by

// A constant number of sums: the compiler makes vectors of them.
float dot(const float* a, const float* b, int count) {
  constexpr int kSums = 16;
  float sums[kSums] = {};
  int i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (int k = 0; k < kSums; k++) {
      sums[k] += a[i + k] * b[i + k];
    }
  }
  float total = 0;
  for (; i < count; i++) {
    total += a[i] * b[i];
  }
  for (const float sum : sums) {
    total += sum;
  }
  return total;
}

float length(const float* vector, int count) {
  return std::max(std::sqrt(dot(vector, vector, count)), kLeast);
}

}  // namespace

Matcher::Matcher(Context& context, const mote_config& config, const Geometry& geometry,
                 const Ring& ring, const Correlator& correlator)
    : context_(context),
      geometry_(geometry),
      ring_(ring),
      correlator_(correlator),
      scale_(static_cast<float>(config.correlation_scale)),
      level_(geometry.levels[0]) {
  const int64_t row = static_cast<int64_t>(level_.width) * correlator.lanes_count();
  for (int i = 0; i < context.threads; i++) {
    workspaces_.push_back(
        {Array<float>(context.memory, geometry.pips ? 0 : row),
         Array<float>(context.memory, static_cast<int64_t>(level_.height) * level_.width)});
  }
}

// Every feature is met once: its product with patch pixel k counts for the position from which k
// points at it.
void Matcher::patch_map(int slot, int template_id, Workspace& w) const {
  const int width = level_.width;
  const int lanes = correlator_.lanes_count();
  const int support = geometry_.support;
  const Correlation level = correlator_.at(slot, 0);
  const float share = 1 / (scale_ * static_cast<float>(geometry_.patch));
  std::fill_n(w.map.data(), static_cast<int64_t>(level_.height) * width, 0.0F);
  for (int y = 0; y < level_.height; y++) {
    context_.kernels.patch_dots(level, 0, y, {0, 1, 0, width}, correlator_.lanes(template_id, 0),
                                lanes, w.row.data());
    for (int k = 0; k < geometry_.patch; k++) {
      const int dy = k / (2 * support + 1) - support;
      const int dx = k % (2 * support + 1) - support;
      if (y - dy < 0 || y - dy >= level_.height) {
        continue;
      }
      float* to = w.map.data() + static_cast<int64_t>(y - dy) * width;
      for (int x = std::max(0, dx); x < std::min(width, width + dx); x++) {
        to[x - dx] += w.row[x * lanes + k] * share;
      }
    }
  }
}

void Matcher::feature_map(int slot, int template_id, Workspace& w) const {
  const float own = own_length(template_id);
  for (int y = 0; y < level_.height; y++) {
    for (int x = 0; x < level_.width; x++) {
      w.map[static_cast<int64_t>(y) * level_.width + x] = at(slot, template_id, own, y, x);
    }
  }
}

// Of a template's only pixel (pips), which is brought to unit length; mote's are compared as they
// are.
float Matcher::own_length(int template_id) const {
  return geometry_.pips ? length(correlator_.pixel(template_id, 0, 0), geometry_.features) : 1;
}

// The similarity of one position; 0 outside the map.
float Matcher::at(int slot, int template_id, float own_length, int y, int x) const {
  const auto outside = [this](int v, int u) {
    return v < 0 || v >= level_.height || u < 0 || u >= level_.width;
  };
  if (outside(y, x)) {
    return 0;
  }
  const int features = geometry_.features;
  const float* map = ring_.slot(slot) + level_.offset;
  const int support = geometry_.support;
  const int side = 2 * support + 1;
  float sum = 0;
  for (int k = 0; k < geometry_.patch; k++) {
    const int v = y + k / side - support;
    const int u = x + k % side - support;
    if (outside(v, u)) {
      continue;
    }
    const float* own = correlator_.pixel(template_id, 0, k);
    const float* other = map + (static_cast<int64_t>(v) * level_.width + u) * geometry_.pitch;
    const float product = dot(own, other, features);
    sum += geometry_.pips ? product / (own_length * length(other, features)) : product;
  }
  return sum / static_cast<float>(geometry_.patch);
}

void Matcher::similarity(int slot, int count, const int32_t* templates, const float* xy,
                         float* similarity) const {
#pragma omp parallel for schedule(dynamic, 16)
  for (int i = 0; i < count; i++) {
    const auto [x, u] = split(geometry_.to_feature(xy[2 * i]));
    const auto [y, v] = split(geometry_.to_feature(xy[2 * i + 1]));
    const int id = templates[i];
    const float own = own_length(id);
    const float upper = (1 - u) * at(slot, id, own, y, x) + u * at(slot, id, own, y, x + 1);
    const float lower = (1 - u) * at(slot, id, own, y + 1, x) + u * at(slot, id, own, y + 1, x + 1);
    similarity[i] = (1 - v) * upper + v * lower;
  }
}

bool Matcher::is_peak(const float* map, int y, int x) const {
  const float value = map[static_cast<int64_t>(y) * level_.width + x];
  for (int v = std::max(0, y - kPeakReach); v <= std::min(level_.height - 1, y + kPeakReach); v++) {
    const float* row = map + static_cast<int64_t>(v) * level_.width;
    for (int u = std::max(0, x - kPeakReach); u <= std::min(level_.width - 1, x + kPeakReach);
         u++) {
      if (row[u] > value) {
        return false;
      }
    }
  }
  return true;
}

void Matcher::peaks(const float* map, float* xy, float* similarity) const {
  similarity[0] = similarity[1] = kNothing;
  xy[0] = xy[1] = geometry_.to_pixel(0);
  for (int y = 0; y < level_.height; y++) {
    for (int x = 0; x < level_.width; x++) {
      const float value = map[static_cast<int64_t>(y) * level_.width + x];
      if (value <= similarity[1] || !is_peak(map, y, x)) {
        continue;
      }
      if (value > similarity[0]) {
        similarity[1] = similarity[0];
        similarity[0] = value;
        xy[0] = geometry_.to_pixel(static_cast<float>(x));
        xy[1] = geometry_.to_pixel(static_cast<float>(y));
      } else {
        similarity[1] = value;
      }
    }
  }
}

void Matcher::match(int slot, int count, const int32_t* templates, float* xy, float* similarity) {
#pragma omp parallel for schedule(dynamic)
  for (int i = 0; i < count; i++) {
    Workspace& w = workspaces_[static_cast<size_t>(omp_get_thread_num())];
    if (geometry_.pips) {
      feature_map(slot, templates[i], w);
    } else {
      patch_map(slot, templates[i], w);
    }
    peaks(w.map.data(), xy + 2 * i, similarity + 2 * i);
  }
}

}  // namespace mote
