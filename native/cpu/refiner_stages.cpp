// The stages of a refinement on their own, for parity tests and profilers: one chunk after the
// other in the first workspace.
#include <algorithm>

#include "refiner.h"

namespace mote {

template <class F>
void Refiner::for_chunks(const int32_t* slots, int count, const int32_t* templates, F work) {
  for (int first = 0; first < count; first += most_points_) {
    const int32_t* of_chunk = templates == nullptr ? nullptr : templates + first;
    work(Chunk{slots, of_chunk, first, std::min(most_points_, count - first), count});
  }
  add_times();
}

void Refiner::read_correlation(const Chunk& chunk, const Workspace& w, float* out) const {
  const int window = geometry_.window;
  const int positions = geometry_.positions;
  const int patch = geometry_.patch;
  out += static_cast<int64_t>(chunk.first) * window * geometry_.levels_count * patch * positions;
  for (int row = 0; row < chunk.count * window; row++) {
    for (int level = 0; level < geometry_.levels_count; level++) {
      const float* from = geometry_.pips
                              ? input(row, w) + geometry_.features + level * positions
                              : w.correlation.data() + level * level_step() + row * level_row_;
      for (int p = 0; p < patch; p++) {
        for (int k = 0; k < positions; k++) {
          *out++ = from[k * patch + p];
        }
      }
    }
  }
}

void Refiner::correlate(const int32_t* slots, int count, const int32_t* templates, const float* xy,
                        const float* state, float* out) {
  Workspace& w = workspaces_[0];
  for_chunks(slots, count, templates, [&](const Chunk& chunk) {
    load(chunk, xy, state, w);
    correlate_chunk(chunk, w);
    read_correlation(chunk, w, out);
  });
}

void Refiner::mixer_input(const int32_t* slots, int count, const int32_t* templates,
                          const float* xy, const float* state, float* out) {
  Workspace& w = workspaces_[0];
  const int inputs = geometry_.mixer_inputs;
  for_chunks(slots, count, templates, [&](const Chunk& chunk) {
    load(chunk, xy, state, w);
    correlate_chunk(chunk, w);
    embed(chunk, w);
    const int64_t first = static_cast<int64_t>(chunk.first) * geometry_.window;
    for (int row = 0; row < chunk.count * geometry_.window; row++) {
      std::copy_n(input(row, w), inputs, out + (first + row) * inputs);
    }
  });
}

void Refiner::mixer(int count, const float* in, float* out) {
  Workspace& w = workspaces_[0];
  const int inputs = geometry_.mixer_inputs;
  const int outputs = geometry_.mixer_outputs;
  for_chunks(nullptr, count, nullptr, [&](const Chunk& chunk) {
    const int64_t first = static_cast<int64_t>(chunk.first) * geometry_.window;
    for (int row = 0; row < chunk.count * geometry_.window; row++) {
      std::copy_n(in + (first + row) * inputs, inputs, input(row, w));
    }
    const StageTimer timer(w.times, MOTE_STAGE_MIXER, chunk.count);
    mixer_.run(chunk.count, w.input.data(), w.mixer, w.delta.data());
    std::copy_n(w.delta.data(), static_cast<int64_t>(chunk.count) * outputs,
                out + static_cast<int64_t>(chunk.first) * outputs);
  });
}

}  // namespace mote
