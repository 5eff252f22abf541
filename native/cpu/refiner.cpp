#include "refiner.h"

#include <algorithm>
#include <cmath>

namespace mote {
namespace {

constexpr double kPi = 3.14159265358979323846;

// After the last position, where whole vectors of patch pixels are written.
constexpr int kLevelRoom = 32;

float clamped(float value, float limit) { return std::min(std::max(value, -limit), limit); }

}  // namespace

Refiner::Refiner(Context& context, const Tensors& tensors, const mote_config& config,
                 const Geometry& geometry, Correlator& correlator, int64_t* stage_nanos)
    : context_(&context),
      config_(config),
      geometry_(geometry),
      correlator_(correlator),
      stage_nanos_(stage_nanos),
      mixer_(context, tensors, config, geometry.mixer_inputs),
      level_row_(row_of(geometry.patch * geometry.positions + kLevelRoom)) {
  Memory& memory = context.memory;
  const int features = config.features;
  const int64_t rows = static_cast<int64_t>(kChunkPoints) * config.window;
  frequencies_ = Array<float>(memory, config.frequencies);
  for (int i = 0; i < config.frequencies; i++) {
    frequencies_[i] = static_cast<float>(geometry.pips ? i * 1000.0 / config.frequencies
                                                       : kPi / std::pow(2.0, i + 1));
  }
  xy_ = Array<float>(memory, rows * 2);
  state_ = Array<float>(memory, rows * (geometry.pips ? geometry.pitch : 2));
  input_ = Array<float>(memory, rows * mixer_.input_row());
  delta_ = Array<float>(memory, static_cast<int64_t>(kChunkPoints) * geometry.mixer_outputs);
  if (geometry.pips) {
    updater_.emplace(context, tensors, "ffeat_updater.0", features, features);
    update_norm_[0] = tensors.get("norm.weight", features);
    update_norm_[1] = tensors.get("norm.bias", features);
    visibility_[0] = tensors.get("vis_predictor.0.weight", features);
    visibility_[1] = tensors.get("vis_predictor.0.bias", 1);
    update_ = Array<float>(memory, rows * geometry.pitch);
    const int count = 2 * config.frequencies + 1;
    time_embedding_ = Array<float>(memory, static_cast<int64_t>(config.window) * count);
    for (int s = 0; s < config.window; s++) {
      // linspace(0, S, S)
      const double time = static_cast<double>(s) * config.window / (config.window - 1);
      float* out = time_embedding_.data() + s * count;
      context.kernels.sines(time, frequencies_.data(), config.frequencies, out, out + 1, 2);
      out[count - 1] = static_cast<float>(time);
    }
    return;
  }
  const int values = geometry.patch * geometry.positions;
  correlation_ = Array<float>(memory, config.levels * rows * level_row_);
  for (int level = 0; level < config.levels; level++) {
    level_layers_.emplace_back(context, tensors, "cl." + std::to_string(level), values,
                               config.correlation_width);
  }
}

void Refiner::load(const Chunk& chunk, const float* xy, const float* state) {
  const int window = geometry_.window;
  for (int i = 0; i < chunk.count; i++) {
    const int64_t point = chunk.first + i;
    for (int s = 0; s < window; s++) {
      const int64_t row = static_cast<int64_t>(i) * window + s;
      for (int axis = 0; axis < 2; axis++) {
        xy_[2 * row + axis] =
            geometry_.to_feature(xy[2 * (static_cast<int64_t>(s) * chunk.stride + point) + axis]);
      }
      const float* given =
          state == nullptr ? nullptr : state + (point * window + s) * geometry_.state_floats;
      if (geometry_.pips) {
        const float* from = given == nullptr ? correlator_.centre(chunk.templates[i]) : given;
        std::copy_n(from, geometry_.features, state_.data() + row * geometry_.pitch);
      } else {
        state_[2 * row] = given == nullptr ? 0 : given[0];
        state_[2 * row + 1] = given == nullptr ? 0 : given[1];
      }
    }
  }
}

void Refiner::correlate_chunk(const Chunk& chunk) {
  const StageTimer timer(stage_nanos_[MOTE_STAGE_CORRELATE]);
  const int window = geometry_.window;
  const int64_t level_step = static_cast<int64_t>(kChunkPoints) * window * level_row_;
#pragma omp parallel for schedule(dynamic)
  for (int i = 0; i < chunk.count; i++) {
    const int64_t row = static_cast<int64_t>(i) * window;
    if (geometry_.pips) {
      correlator_.correlate(chunk.slots, 0, 0, xy_.data() + 2 * row,
                            state_.data() + row * geometry_.pitch,
                            input(static_cast<int>(row)) + geometry_.features, mixer_.input_row(),
                            geometry_.positions);
    } else {
      correlator_.correlate(chunk.slots, chunk.first + i, chunk.templates[i], xy_.data() + 2 * row,
                            nullptr, correlation_.data() + row * level_row_, level_row_,
                            level_step);
    }
  }
}

void Refiner::embed_pips(int row, int frame) {
  const int f = config_.frequencies;
  const float* origin = xy_.data() + 2 * (row - frame);
  float* out = input(row);
  std::copy_n(state_.data() + static_cast<int64_t>(row) * geometry_.pitch, geometry_.features, out);
  out += geometry_.features + geometry_.levels_count * geometry_.positions;
  const float flow[2] = {xy_[2 * row] - origin[0], xy_[2 * row + 1] - origin[1]};
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

void Refiner::embed_mote(int row, int frame, const float* centre) {
  const int f = config_.frequencies;
  const float* origin = xy_.data() + 2 * (row - frame);
  float* out = input(row) + config_.levels * config_.correlation_width;
  const float flow[2] = {xy_[2 * row] - origin[0], xy_[2 * row + 1] - origin[1]};
  out[0] = clamped(flow[0] / 16, 4);
  out[1] = clamped(flow[1] / 16, 4);
  out += 2;
  context_->kernels.sines(flow[0], frequencies_.data(), f, out, out + 2 * f, 1);
  context_->kernels.sines(flow[1], frequencies_.data(), f, out + f, out + 3 * f, 1);
  out += 4 * f;
  out[0] = clamped(state_[2 * row], 8) / 4;
  out[1] = clamped(state_[2 * row + 1], 8) / 4;
  std::copy_n(centre, geometry_.features, out + 2);
}

void Refiner::embed(const Chunk& chunk) {
  const StageTimer timer(stage_nanos_[MOTE_STAGE_EMBED]);
  const int window = geometry_.window;
  const int rows = chunk.count * window;
  for (size_t level = 0; level < level_layers_.size(); level++) {
    const int64_t level_floats = static_cast<int64_t>(kChunkPoints) * window * level_row_;
    level_layers_[level].run(
        rows, correlation_.data() + static_cast<int64_t>(level) * level_floats, level_row_,
        input_.data() + static_cast<int64_t>(level) * config_.correlation_width, mixer_.input_row(),
        LinearLayer::After::kGelu);
  }
#pragma omp parallel for schedule(dynamic, 16)
  for (int row = 0; row < rows; row++) {
    if (geometry_.pips) {
      embed_pips(row, row % window);
    } else {
      embed_mote(row, row % window, correlator_.centre(chunk.templates[row / window]));
    }
  }
}

void Refiner::update_pips(const Chunk& chunk) {
  const StageTimer timer(stage_nanos_[MOTE_STAGE_UPDATE]);
  const int window = geometry_.window;
  const int rows = chunk.count * window;
  const int outputs = 2 + geometry_.features;
  for (int row = 0; row < rows; row++) {
    const float* delta = delta_.data() + static_cast<int64_t>(row) * outputs;
    if (row % window > 0) {  // frame 0 is the query and stays
      xy_[2 * row] += delta[0];
      xy_[2 * row + 1] += delta[1];
    }
  }
  // GroupNorm with one group over a vector is a layer norm.
  context_->kernels.layer_norm(delta_.data() + 2, rows, geometry_.features, outputs,
                               update_norm_[0], update_norm_[1], update_.data(), geometry_.pitch);
  updater_->run(rows, update_.data(), geometry_.pitch, state_.data(), geometry_.pitch,
                LinearLayer::After::kGeluThenAdd);
}

void Refiner::update_mote(const Chunk& chunk, const uint8_t* locked) {
  const StageTimer timer(stage_nanos_[MOTE_STAGE_UPDATE]);
  const int window = geometry_.window;
  for (int row = 0; row < chunk.count * window; row++) {
    const float* delta = delta_.data() + static_cast<int64_t>(row) * 4;
    if (row % window > 0 || locked[chunk.first + row / window] == 0) {
      xy_[2 * row] += delta[0] * 4;
      xy_[2 * row + 1] += delta[1] * 4;
    }
    state_[2 * row] = delta[2] * 4;
    state_[2 * row + 1] = delta[3] * 4;
  }
}

void Refiner::store(const Chunk& chunk, float* xy, float* visibility, float* confidence) const {
  const int window = geometry_.window;
  for (int row = 0; row < chunk.count * window; row++) {
    const int64_t out =
        static_cast<int64_t>(row % window) * chunk.stride + chunk.first + row / window;
    xy[2 * out] = geometry_.to_pixel(xy_[2 * row]);
    xy[2 * out + 1] = geometry_.to_pixel(xy_[2 * row + 1]);
    if (geometry_.pips) {
      const float* feature = state_.data() + static_cast<int64_t>(row) * geometry_.pitch;
      float sum = visibility_[1][0];
      for (int c = 0; c < geometry_.features; c++) {
        sum += visibility_[0][c] * feature[c];
      }
      visibility[out] = sum;
    } else {
      visibility[out] = state_[2 * row];
      confidence[out] = state_[2 * row + 1];
    }
  }
}

void Refiner::refine(const Chunk& chunk, const uint8_t* locked, int iterations, float* xy,
                     float* visibility, float* confidence) {
  load(chunk, xy, nullptr);
  for (int i = 0; i < iterations; i++) {
    correlate_chunk(chunk);
    embed(chunk);
    {
      const StageTimer timer(stage_nanos_[MOTE_STAGE_MIXER]);
      mixer_.run(chunk.count, input_.data(), delta_.data());
    }
    if (geometry_.pips) {
      update_pips(chunk);
    } else {
      update_mote(chunk, locked);
    }
  }
  const StageTimer timer(stage_nanos_[MOTE_STAGE_UPDATE]);
  store(chunk, xy, visibility, confidence);
}

void Refiner::correlate(const Chunk& chunk, const float* xy, const float* state, float* out) {
  load(chunk, xy, state);
  correlate_chunk(chunk);
  const int window = geometry_.window;
  const int positions = geometry_.positions;
  const int patch = geometry_.patch;
  out += static_cast<int64_t>(chunk.first) * window * geometry_.levels_count * patch * positions;
  for (int row = 0; row < chunk.count * window; row++) {
    for (int level = 0; level < geometry_.levels_count; level++) {
      const float* from =
          geometry_.pips
              ? input(row) + geometry_.features + level * positions
              : correlation_.data() +
                    (static_cast<int64_t>(level) * kChunkPoints * window + row) * level_row_;
      for (int p = 0; p < patch; p++) {
        for (int k = 0; k < positions; k++) {
          *out++ = from[k * patch + p];
        }
      }
    }
  }
}

void Refiner::mixer_input(const Chunk& chunk, const float* xy, const float* state, float* out) {
  load(chunk, xy, state);
  correlate_chunk(chunk);
  embed(chunk);
  const int rows = chunk.count * geometry_.window;
  const int64_t first = static_cast<int64_t>(chunk.first) * geometry_.window;
  for (int row = 0; row < rows; row++) {
    std::copy_n(input(row), geometry_.mixer_inputs, out + (first + row) * geometry_.mixer_inputs);
  }
}

void Refiner::mixer(int first, int count, const float* in, float* out) {
  const int64_t first_row = static_cast<int64_t>(first) * geometry_.window;
  for (int row = 0; row < count * geometry_.window; row++) {
    std::copy_n(in + (first_row + row) * geometry_.mixer_inputs, geometry_.mixer_inputs,
                input(row));
  }
  const StageTimer timer(stage_nanos_[MOTE_STAGE_MIXER]);
  mixer_.run(count, input_.data(), delta_.data());
  std::copy_n(delta_.data(), static_cast<int64_t>(count) * geometry_.mixer_outputs,
              out + static_cast<int64_t>(first) * geometry_.mixer_outputs);
}

}  // namespace mote
