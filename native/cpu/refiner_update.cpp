// What an iteration changes, and when a point is done.
#include <algorithm>
#include <cmath>

#include "refiner.h"

namespace mote {
namespace {

constexpr float kHeadScale = 4;  // mote's head gives a quarter of feature pixels and of logits

}  // namespace

void Refiner::update_pips(const Chunk& chunk, Workspace& w) const {
  const int window = geometry_.window;
  const int rows = chunk.count * window;
  const int outputs = 2 + geometry_.features;
  for (int row = 0; row < rows; row++) {
    const float* delta = w.delta.data() + static_cast<int64_t>(row) * outputs;
    if (row % window > 0) {  // frame 0 is the query and stays
      w.xy[2 * row] += delta[0];
      w.xy[2 * row + 1] += delta[1];
    }
  }
  // GroupNorm with one group over a vector is a layer norm.
  context_->kernels.layer_norm(w.delta.data() + 2, rows, geometry_.features, outputs,
                               update_norm_[0], update_norm_[1], w.update.data(), geometry_.pitch);
  updater_->run(rows, w.update.data(), geometry_.pitch, w.state.data(), geometry_.pitch,
                LinearLayer::After::kGeluThenAdd);
}

void Refiner::update_mote(const Chunk& chunk, const uint8_t* locked, Workspace& w) const {
  const int window = geometry_.window;
  for (int row = 0; row < chunk.count * window; row++) {
    const float* delta = w.delta.data() + static_cast<int64_t>(row) * 4;
    if (row % window > 0 || locked[chunk.first + row / window] == 0) {
      w.xy[2 * row] += delta[0] * kHeadScale;
      w.xy[2 * row + 1] += delta[1] * kHeadScale;
    }
    w.state[2 * row] = delta[2] * kHeadScale;
    w.state[2 * row + 1] = delta[3] * kHeadScale;
  }
}

// Point i of the chunk is done: what later iterations of its neighbours compute for it is left.
void Refiner::store(const Chunk& chunk, int i, const Workspace& w, const Estimate& out) const {
  const int window = geometry_.window;
  for (int s = 0; s < window; s++) {
    const int row = i * window + s;
    const int64_t to = static_cast<int64_t>(s) * chunk.stride + chunk.first + i;
    out.xy[2 * to] = geometry_.to_pixel(w.xy[2 * row]);
    out.xy[2 * to + 1] = geometry_.to_pixel(w.xy[2 * row + 1]);
    if (geometry_.pips) {
      const float* feature = w.state.data() + static_cast<int64_t>(row) * geometry_.pitch;
      float sum = visibility_[1][0];
      for (int c = 0; c < geometry_.features; c++) {
        sum += visibility_[0][c] * feature[c];
      }
      out.visibility[to] = sum;
    } else {
      out.visibility[to] = w.state[2 * row];
      out.confidence[to] = w.state[2 * row + 1];
    }
  }
}

// Pixels of the working picture by which the last iteration moved point i, along x or y.
float Refiner::largest_step(int i, bool locked, const Workspace& w) const {
  const int window = geometry_.window;
  const int outputs = geometry_.mixer_outputs / window;
  const float unit = geometry_.to_pixel(1) - geometry_.to_pixel(0);
  float largest = 0;
  for (int s = geometry_.pips || locked ? 1 : 0; s < window; s++) {
    const float* delta = w.delta.data() + static_cast<int64_t>(i * window + s) * outputs;
    largest = std::max({largest, std::abs(delta[0]), std::abs(delta[1])});
  }
  return largest * unit * (geometry_.pips ? 1 : kHeadScale);
}

}  // namespace mote
