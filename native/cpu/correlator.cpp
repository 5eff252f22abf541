#include "correlator.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace mote {
namespace {

// Dot products that are kept between calls, at most; those of kLeastKept points are in any case.
constexpr int64_t kKeptBytes = 96 << 20;
constexpr int kLeastKept = 64;

constexpr int kMostPositions = 100;  // (2 * 4 + 2)^2
constexpr int kMostLanes = 32;       // (2 * 2 + 1)^2, rounded up

}  // namespace

Correlator::Correlator(const Kernels& kernels, Memory& memory, const mote_config& config,
                       const Geometry& geometry, const Ring& ring)
    : kernels_(kernels),
      geometry_(geometry),
      ring_(ring),
      scale_(static_cast<float>(config.correlation_scale)),
      lanes_(geometry.pips ? 1 : kernels.patch_lanes(geometry.patch)),
      dots_floats_(static_cast<int64_t>(geometry.side) * geometry.side * lanes_),
      template_floats_(static_cast<int64_t>(geometry.pitch) * geometry.patch *
                       (geometry.pips ? 1 : geometry.levels_count)),
      lanes_floats_(geometry.pips
                        ? 0
                        : static_cast<int64_t>(geometry.levels_count) * geometry.pitch * lanes_) {
  templates_ = Array<float>(memory, template_floats_ * config.points);
  template_lanes_ = Array<float>(memory, lanes_floats_ * config.points);
  template_version_ = Array<int64_t>(memory, config.points);
  // pips' features change with every iteration: nothing of theirs is worth keeping.
  kept_slots_ = geometry.pips ? 0 : std::min(config.slots, 2 * config.window);
  const int64_t row_floats = dots_floats_ * kept_slots_ * geometry.levels_count;
  const int units = (config.points + kLeastKept - 1) / kLeastKept;
  const int64_t affordable = row_floats == 0 ? 1 : kKeptBytes / 4 / (row_floats * kLeastKept);
  kept_rows_ = kLeastKept * static_cast<int>(std::clamp<int64_t>(affordable, 1, units));
  dots_ = Array<float>(memory, row_floats * kept_rows_);
  keys_ =
      Array<Key>(memory, static_cast<int64_t>(kept_rows_) * kept_slots_ * geometry.levels_count);
}

const float* Correlator::centre(int template_id) const {
  return pixel(template_id, 0, geometry_.patch / 2);
}

const float* Correlator::pixel(int template_id, int level, int patch) const {
  return templates_.data() + template_id * template_floats_ +
         (static_cast<int64_t>(level) * geometry_.patch + patch) * geometry_.pitch;
}

void Correlator::sample_template(const float* slot, int template_id, float x, float y) {
  const int support = geometry_.support;
  const int levels = geometry_.pips ? 1 : geometry_.levels_count;
  float* out = templates_.data() + template_id * template_floats_;
  for (int l = 0; l < levels; l++) {
    const Level& level = geometry_.levels[static_cast<size_t>(l)];
    for (int dy = -support; dy <= support; dy++) {
      for (int dx = -support; dx <= support; dx++) {
        kernels_.sample(slot + level.offset, level.height, level.width, geometry_.pitch,
                        geometry_.at_level(x, l) + static_cast<float>(dx),
                        geometry_.at_level(y, l) + static_cast<float>(dy), out);
        out += geometry_.pitch;
      }
    }
  }
}

void Correlator::sample(int slot, int count, const int32_t* templates, const float* xy) {
  for (int i = 0; i < count; i++) {
    const int id = templates[i];
    sample_template(ring_.slot(slot), id, geometry_.to_feature(xy[2 * i]),
                    geometry_.to_feature(xy[2 * i + 1]));
    lay_lanes(id);
  }
}

void Correlator::restore(int template_id, const float* values) {
  float* out = templates_.data() + template_id * template_floats_;
  const int pixels = geometry_.template_floats / geometry_.features;
  for (int i = 0; i < pixels; i++) {
    std::copy_n(values + static_cast<int64_t>(i) * geometry_.features, geometry_.features,
                out + static_cast<int64_t>(i) * geometry_.pitch);
  }
  lay_lanes(template_id);
}

// The template as vectors of patch pixels, under a new version: no kept dot product is of it.
void Correlator::lay_lanes(int template_id) {
  template_version_[template_id] = ++version_;
  if (geometry_.pips) {
    return;
  }
  float* lanes = template_lanes_.data() + template_id * lanes_floats_;
  for (int level = 0; level < geometry_.levels_count; level++) {
    for (int patch = 0; patch < geometry_.patch; patch++) {
      const float* from = pixel(template_id, level, patch);
      float* to = lanes + static_cast<int64_t>(level) * geometry_.pitch * lanes_ + patch;
      for (int c = 0; c < geometry_.pitch; c++) {
        to[c * lanes_] = from[c];
      }
    }
  }
}

Correlation Correlator::at(int slot, int level) const {
  const Level& size = geometry_.levels[static_cast<size_t>(level)];
  return {ring_.slot(slot) + size.offset,
          size.height,
          size.width,
          geometry_.pitch,
          geometry_.radius,
          scale_};
}

// Where both neighbourhoods have a position, the kept dot product is moved; the others are
// computed: whole rows above and below what is shared, then the columns beside it.
void Correlator::move_dots(const Correlation& level, const float* lanes, const Key& kept, int left,
                           int top, float* dots) const {
  const int side = geometry_.side;
  const int dx = left - kept.left;
  const int dy = top - kept.top;
  const Area shared{std::max(0, -dy), side - std::max(0, dy), std::max(0, -dx),
                    side - std::max(0, dx)};
  alignas(64) float moved[kMostPositions * kMostLanes];
  for (int y = shared.top; y < shared.bottom; y++) {
    std::copy_n(dots + static_cast<int64_t>((y + dy) * side + shared.left + dx) * lanes_,
                (shared.right - shared.left) * lanes_, moved + (y * side + shared.left) * lanes_);
  }
  for (const Area& area : {Area{0, shared.top, 0, side}, Area{shared.bottom, side, 0, side},
                           Area{shared.top, shared.bottom, 0, shared.left},
                           Area{shared.top, shared.bottom, shared.right, side}}) {
    kernels_.patch_dots(level, left, top, area, lanes, lanes_, moved);
  }
  std::copy_n(moved, dots_floats_, dots);
}

const float* Correlator::kept_dots(int row, int slot, int level, int template_id, int left,
                                   int top) {
  const int64_t place =
      (static_cast<int64_t>(row % kept_rows_) * kept_slots_ + slot % kept_slots_) *
          geometry_.levels_count +
      level;
  const Key key{template_version_[template_id], ring_.version[slot], left, top};
  Key& kept = keys_[place];
  float* dots = dots_.data() + place * dots_floats_;
  const float* lanes = this->lanes(template_id, level);
  const int side = geometry_.side;
  const bool same =
      kept.template_version == key.template_version && kept.slot_version == key.slot_version;
  if (same && std::abs(kept.left - left) < side && std::abs(kept.top - top) < side) {
    if (kept.left != left || kept.top != top) {
      move_dots(at(slot, level), lanes, kept, left, top, dots);
    }
  } else {
    kernels_.patch_dots(at(slot, level), left, top, {0, side, 0, side}, lanes, lanes_, dots);
  }
  kept = key;
  return dots;
}

void Correlator::correlate(const int32_t* slots, int row, int template_id, const float* xy,
                           const float* feature, float* out, int64_t out_row, int64_t level_step) {
  alignas(64) float fresh[kMostPositions];
  for (int s = 0; s < geometry_.window; s++) {
    for (int l = 0; l < geometry_.levels_count; l++) {
      const Split x = split(geometry_.at_level(xy[2 * s], l));
      const Split y = split(geometry_.at_level(xy[2 * s + 1], l));
      const int left = x.whole - geometry_.radius;
      const int top = y.whole - geometry_.radius;
      float* to = out + s * out_row + l * level_step;
      if (geometry_.pips) {
        kernels_.dots(at(slots[s], l), left, top, feature + s * geometry_.pitch, fresh);
        kernels_.interpolate(fresh, geometry_.radius, x.fraction, y.fraction, true, to);
      } else {
        const float* dots = kept_dots(row, slots[s], l, template_id, left, top);
        kernels_.patch_interpolate(dots, lanes_, geometry_.patch, geometry_.radius, x.fraction,
                                   y.fraction, to);
      }
    }
  }
}

}  // namespace mote
