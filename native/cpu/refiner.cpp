#include "refiner.h"

#include <omp.h>

#include <algorithm>
#include <cmath>

namespace mote {
namespace {

constexpr double kPi = 3.14159265358979323846;

// Points of a chunk where threads share one, and where each has its own: enough rows for the
// products, few enough for the second-level cache.
constexpr int kSharedPoints = 64;
constexpr int kApartPoints = 8;

// After the last position, where whole vectors of patch pixels are written.
constexpr int kLevelRoom = 32;

float clamped(float value, float limit) { return std::min(std::max(value, -limit), limit); }

}  // namespace

Refiner::Refiner(Context& context, const Tensors& tensors, const mote_config& config,
                 const Geometry& geometry, Correlator& correlator, StageTimes& times)
    : context_(&context),
      config_(config),
      geometry_(geometry),
      correlator_(correlator),
      times_(times),
      mixer_(context, tensors, config, geometry.mixer_inputs),
      apart_(!geometry.pips && config.precision == MOTE_PRECISION_F32),
      most_points_(apart_ ? kApartPoints : kSharedPoints),
      level_row_(row_of(geometry.patch * geometry.positions + kLevelRoom)) {
  Memory& memory = context.memory;
  const int features = config.features;
  frequencies_ = Array<float>(memory, config.frequencies);
  for (int i = 0; i < config.frequencies; i++) {
    frequencies_[i] = static_cast<float>(geometry.pips ? i * 1000.0 / config.frequencies
                                                       : kPi / std::pow(2.0, i + 1));
  }
  for (int i = 0; i < (apart_ ? context.threads : 1); i++) {
    workspaces_.push_back(workspace(memory));
  }
  if (!geometry.pips) {
    for (int level = 0; level < config.levels; level++) {
      level_layers_.emplace_back(context, tensors, "cl." + std::to_string(level),
                                 geometry.patch * geometry.positions, config.correlation_width);
    }
    return;
  }
  updater_.emplace(context, tensors, "ffeat_updater.0", features, features);
  update_norm_[0] = tensors.get("norm.weight", features);
  update_norm_[1] = tensors.get("norm.bias", features);
  visibility_[0] = tensors.get("vis_predictor.0.weight", features);
  visibility_[1] = tensors.get("vis_predictor.0.bias", 1);
  const int count = 2 * config.frequencies + 1;
  time_embedding_ = Array<float>(memory, static_cast<int64_t>(config.window) * count);
  for (int s = 0; s < config.window; s++) {
    // linspace(0, S, S)
    const double time = static_cast<double>(s) * config.window / (config.window - 1);
    float* out = time_embedding_.data() + s * count;
    context.kernels.sines(time, frequencies_.data(), config.frequencies, out, out + 1, 2);
    out[count - 1] = static_cast<float>(time);
  }
}

RefinerWorkspace Refiner::workspace(Memory& memory) const {
  const bool pips = geometry_.pips;
  const int64_t rows = static_cast<int64_t>(most_points_) * config_.window;
  Workspace w(StageTimes(*times_.log, apart_ ? context_->threads : 1));
  w.xy = Array<float>(memory, rows * 2);
  w.state = Array<float>(memory, rows * (pips ? geometry_.pitch : 2));
  w.correlation = Array<float>(memory, pips ? 0 : config_.levels * rows * level_row_);
  w.input = Array<float>(memory, rows * mixer_.input_row());
  w.delta = Array<float>(memory, static_cast<int64_t>(most_points_) * geometry_.mixer_outputs);
  w.update = Array<float>(memory, pips ? rows * geometry_.pitch : 0);
  w.mixer = mixer_.workspace(memory, most_points_);
  w.done = Array<int32_t>(memory, most_points_);
  return w;
}

void Refiner::load(const Chunk& chunk, const float* xy, const float* state, Workspace& w) const {
  const int window = geometry_.window;
  for (int i = 0; i < chunk.count; i++) {
    const int64_t point = chunk.first + i;
    for (int s = 0; s < window; s++) {
      const int64_t row = static_cast<int64_t>(i) * window + s;
      for (int axis = 0; axis < 2; axis++) {
        w.xy[2 * row + axis] =
            geometry_.to_feature(xy[2 * (static_cast<int64_t>(s) * chunk.stride + point) + axis]);
      }
      const float* given =
          state == nullptr ? nullptr : state + (point * window + s) * geometry_.state_floats;
      if (geometry_.pips) {
        const float* from = given == nullptr ? correlator_.centre(chunk.templates[i]) : given;
        std::copy_n(from, geometry_.features, w.state.data() + row * geometry_.pitch);
      } else {
        w.state[2 * row] = given == nullptr ? 0 : given[0];
        w.state[2 * row + 1] = given == nullptr ? 0 : given[1];
      }
    }
  }
}

void Refiner::correlate_chunk(const Chunk& chunk, Workspace& w) {
  const StageTimer timer(w.times, MOTE_STAGE_CORRELATE, chunk.count);
  const int window = geometry_.window;
#pragma omp parallel for schedule(dynamic)
  for (int i = 0; i < chunk.count; i++) {
    const int64_t row = static_cast<int64_t>(i) * window;
    if (geometry_.pips) {
      correlator_.correlate(chunk.slots, 0, 0, w.xy.data() + 2 * row,
                            w.state.data() + row * geometry_.pitch,
                            input(static_cast<int>(row), w) + geometry_.features,
                            mixer_.input_row(), geometry_.positions);
    } else {
      correlator_.correlate(chunk.slots, chunk.first + i, chunk.templates[i], w.xy.data() + 2 * row,
                            nullptr, w.correlation.data() + row * level_row_, level_row_,
                            level_step());
    }
  }
}

void Refiner::embed_pips(int row, int frame, Workspace& w) const {
  const int f = config_.frequencies;
  const float* origin = w.xy.data() + 2 * (row - frame);
  float* out = input(row, w);
  std::copy_n(w.state.data() + static_cast<int64_t>(row) * geometry_.pitch, geometry_.features,
              out);
  out += geometry_.features + geometry_.levels_count * geometry_.positions;
  const float flow[2] = {w.xy[2 * row] - origin[0], w.xy[2 * row + 1] - origin[1]};
  for (const float distance : flow) {
    context_->kernels.sines(distance, frequencies_.data(), f, out, out + 1, 2);
    out += 2 * f;
  }
  const float* time = time_embedding_.data() + static_cast<int64_t>(frame) * (2 * f + 1);
  std::copy_n(time, 2 * f, out);
  out += 2 * f;
  out[0] = flow[0];
  out[1] = flow[1];
  out[2] = time[2 * f];
}

void Refiner::embed_mote(int row, int frame, const float* centre, Workspace& w) const {
  const int f = config_.frequencies;
  const float* origin = w.xy.data() + 2 * (row - frame);
  float* out = input(row, w) + config_.levels * config_.correlation_width;
  const float flow[2] = {w.xy[2 * row] - origin[0], w.xy[2 * row + 1] - origin[1]};
  out[0] = clamped(flow[0] / 16, 4);
  out[1] = clamped(flow[1] / 16, 4);
  out += 2;
  context_->kernels.sines(flow[0], frequencies_.data(), f, out, out + 2 * f, 1);
  context_->kernels.sines(flow[1], frequencies_.data(), f, out + f, out + 3 * f, 1);
  out += 4 * f;
  out[0] = clamped(w.state[2 * row], 8) / 4;
  out[1] = clamped(w.state[2 * row + 1], 8) / 4;
  std::copy_n(centre, geometry_.features, out + 2);
}

void Refiner::embed(const Chunk& chunk, Workspace& w) const {
  const StageTimer timer(w.times, MOTE_STAGE_EMBED, chunk.count);
  const int window = geometry_.window;
  const int rows = chunk.count * window;
  for (size_t level = 0; level < level_layers_.size(); level++) {
    level_layers_[level].run(
        rows, w.correlation.data() + static_cast<int64_t>(level) * level_step(), level_row_,
        w.input.data() + static_cast<int64_t>(level) * config_.correlation_width,
        mixer_.input_row(), LinearLayer::After::kGelu);
  }
#pragma omp parallel for schedule(dynamic, 16)
  for (int row = 0; row < rows; row++) {
    if (geometry_.pips) {
      embed_pips(row, row % window, w);
    } else {
      embed_mote(row, row % window, correlator_.centre(chunk.templates[row / window]), w);
    }
  }
}

int Refiner::refine_chunk(const Chunk& chunk, const uint8_t* locked, const Effort& effort,
                          Workspace& w, const Estimate& estimate) {
  load(chunk, estimate.xy, nullptr, w);
  std::fill_n(w.done.data(), chunk.count, 0);
  int left = chunk.count;
  for (int iteration = 1; left > 0; iteration++) {
    correlate_chunk(chunk, w);
    embed(chunk, w);
    {
      const StageTimer timer(w.times, MOTE_STAGE_MIXER, chunk.count);
      mixer_.run(chunk.count, w.input.data(), w.mixer, w.delta.data());
    }
    const StageTimer timer(w.times, MOTE_STAGE_UPDATE, chunk.count);
    if (geometry_.pips) {
      update_pips(chunk, w);
    } else {
      update_mote(chunk, locked, w);
    }
    for (int i = 0; i < chunk.count; i++) {
      const bool fixed = !geometry_.pips && locked[chunk.first + i] != 0;
      if (w.done[i] == 0 && (iteration == effort.iterations ||
                             (effort.settle > 0 && largest_step(i, fixed, w) < effort.settle))) {
        store(chunk, i, w, estimate);
        w.done[i] = iteration;
        left--;
      }
    }
  }
  return *std::max_element(w.done.data(), w.done.data() + chunk.count);
}

// As many chunks for every thread, as large as they may be.
int Refiner::chunk_points(int count) const {
  if (!apart_) {
    return most_points_;
  }
  const int threads = context_->threads;
  const int rounds = std::max(1, (count + threads * most_points_ - 1) / (threads * most_points_));
  return std::max(1, (count + threads * rounds - 1) / (threads * rounds));
}

int Refiner::refine(const int32_t* slots, int count, const int32_t* templates,
                    const uint8_t* locked, const Effort& effort, const Estimate& estimate) {
  const int points = chunk_points(count);
  int most = 0;
  const auto refine_at = [&](int first, int end, Workspace& w) {
    const Chunk chunk{slots, templates + first, first, std::min(points, end - first), count};
    return refine_chunk(chunk, locked, effort, w, estimate);
  };
  if (!apart_) {
    // Not in a parallel region of one: what oneDNN throws could not leave it.
    for (int first = 0; first < count; first += points) {
      most = std::max(most, refine_at(first, count, workspaces_[0]));
    }
    add_times();
    return most;
  }
  // Points whose kept dot products share a place are not refined at once.
  const int span = std::max(1, correlator_.kept_rows() / points) * points;
  for (int begin = 0; begin < count; begin += span) {
    const int end = std::min(begin + span, count);
#pragma omp parallel for schedule(dynamic) reduction(max : most)
    for (int first = begin; first < end; first += points) {
      Workspace& w = workspaces_[static_cast<size_t>(omp_get_thread_num())];
      most = std::max(most, refine_at(first, end, w));
    }
  }
  add_times();
  return most;
}

// Threads that work apart work at the same time: their mean is what the stage took.
void Refiner::add_times() {
  for (Workspace& w : workspaces_) {
    for (int stage = 0; stage < MOTE_STAGES; stage++) {
      times_.nanos[stage] += w.times.nanos[stage] / w.times.threads;
      w.times.nanos[stage] = 0;
    }
  }
}

}  // namespace mote
