// Iterative refinement of trajectories over one window, chunk by chunk of points.
#pragma once

#include <chrono>

#include "correlator.h"
#include "mixer.h"

namespace mote {

// Adds the time of its life to a stage.
class StageTimer {
 public:
  explicit StageTimer(int64_t& nanos) : nanos_(nanos), start_(Clock::now()) {}
  ~StageTimer() {
    nanos_ += std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start_).count();
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  int64_t& nanos_;
  Clock::time_point start_;
};

// Some points of a call: places first to first + count.
struct Chunk {
  const int32_t* slots;
  const int32_t* templates;  // of the chunk
  int first;
  int count;
  int stride;  // points of the whole call
};

class Refiner {
 public:
  Refiner(Context& context, const Tensors& tensors, const mote_config& config,
          const Geometry& geometry, Correlator& correlator, int64_t* stage_nanos);

  // xy (window, points, 2), visibility and confidence (window, points): those of the whole call.
  void refine(const Chunk& chunk, const uint8_t* locked, int iterations, float* xy,
              float* visibility, float* confidence);

  // The stages on their own; state and out are those of the whole call, as in mote.h.
  void correlate(const Chunk& chunk, const float* xy, const float* state, float* out);
  void mixer_input(const Chunk& chunk, const float* xy, const float* state, float* out);
  void mixer(int first, int count, const float* in, float* out);

 private:
  void load(const Chunk& chunk, const float* xy, const float* state);
  void correlate_chunk(const Chunk& chunk);
  void embed(const Chunk& chunk);
  void embed_pips(int row, int frame);
  void embed_mote(int row, int frame, const float* centre);
  void update_pips(const Chunk& chunk);
  void update_mote(const Chunk& chunk, const uint8_t* locked);
  void store(const Chunk& chunk, float* xy, float* visibility, float* confidence) const;

  float* input(int row) const { return input_.data() + row * mixer_.input_row(); }

  Context* context_;
  const mote_config config_;
  const Geometry& geometry_;
  Correlator& correlator_;
  int64_t* stage_nanos_;
  Mixer mixer_;
  std::vector<LinearLayer> level_layers_;  // mote
  std::optional<LinearLayer> updater_;     // pips
  const float* update_norm_[2] = {nullptr, nullptr};
  const float* visibility_[2] = {nullptr, nullptr};
  int64_t level_row_;  // floats from a row of one level's correlation to the next
  Array<float> frequencies_;
  Array<float> time_embedding_;  // pips: (window, 2 frequencies + 1)
  Array<float> xy_;              // (points, window, 2) feature pixels
  Array<float> state_;           // pips (points, window, pitch), mote (points, window, 2)
  Array<float> correlation_;     // mote: (level, points * window, level_row)
  Array<float> input_;           // (points * window, input_row)
  Array<float> delta_;           // mixer's output
  Array<float> update_;          // pips: (points * window, pitch)
};

}  // namespace mote
