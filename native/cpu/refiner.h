// Iterative refinement of trajectories over one window.
#pragma once

#include "correlator.h"
#include "mixer.h"
#include "stages.h"

namespace mote {

// Points of a call that are refined together: places first to first + count.
struct Chunk {
  const int32_t* slots;
  const int32_t* templates;  // of the chunk
  int first;
  int count;
  int stride;  // points of the whole call
};

// How far to refine: iterations at most, and the pixels under which a point's steps count as none.
struct Effort {
  int iterations;
  float settle;
};

// The caller's arrays, as in mote_refine().
struct Estimate {
  float* xy;
  float* visibility;
  float* confidence;
};

// What the refinement of one chunk writes to.
struct RefinerWorkspace {
  explicit RefinerWorkspace(const StageTimes& none) : times(none) {}

  Array<float> xy;           // (points, window, 2) feature pixels
  Array<float> state;        // pips (points, window, pitch), mote (points, window, 2)
  Array<float> correlation;  // mote: (level, points * window, level_row)
  Array<float> input;        // (points * window, input_row)
  Array<float> delta;        // mixer's output
  Array<float> update;       // pips: (points * window, pitch)
  MixerWorkspace mixer;
  Array<int32_t> done;  // (points) iterations after which a point was done, 0 before
  StageTimes times;
};

// How points are spread over threads follows from the size of the mixer. The published one streams
// 100 MB of weights: all threads share the products of one chunk of many points. Ours fits the
// caches: every thread refines a chunk of its own to the end, and waits for nobody.
class Refiner {
 public:
  Refiner(Context& context, const Tensors& tensors, const mote_config& config,
          const Geometry& geometry, Correlator& correlator, StageTimes& times);

  // Arrays as in mote_refine(); returns the iterations of the point that took the most.
  int refine(const int32_t* slots, int count, const int32_t* templates, const uint8_t* locked,
             const Effort& effort, const Estimate& estimate);

  // The stages on their own, as in mote.h (refiner_stages.cpp).
  void correlate(const int32_t* slots, int count, const int32_t* templates, const float* xy,
                 const float* state, float* out);
  void mixer_input(const int32_t* slots, int count, const int32_t* templates, const float* xy,
                   const float* state, float* out);
  void mixer(int count, const float* in, float* out);

 private:
  using Workspace = RefinerWorkspace;

  Workspace workspace(Memory& memory) const;
  int chunk_points(int count) const;
  template <class F>
  void for_chunks(const int32_t* slots, int count, const int32_t* templates, F work);
  int refine_chunk(const Chunk& chunk, const uint8_t* locked, const Effort& effort, Workspace& w,
                   const Estimate& estimate);
  void load(const Chunk& chunk, const float* xy, const float* state, Workspace& w) const;
  void correlate_chunk(const Chunk& chunk, Workspace& w);
  void read_correlation(const Chunk& chunk, const Workspace& w, float* out) const;
  void embed(const Chunk& chunk, Workspace& w) const;
  void embed_pips(int row, int frame, Workspace& w) const;
  void embed_mote(int row, int frame, const float* centre, Workspace& w) const;
  void update_pips(const Chunk& chunk, Workspace& w) const;
  void update_mote(const Chunk& chunk, const uint8_t* locked, Workspace& w) const;
  float largest_step(int i, bool locked, const Workspace& w) const;
  void store(const Chunk& chunk, int i, const Workspace& w, const Estimate& out) const;
  void add_times();

  // Floats from a level's correlations to the next one's.
  int64_t level_step() const {
    return static_cast<int64_t>(most_points_) * geometry_.window * level_row_;
  }
  float* input(int row, const Workspace& w) const {
    return w.input.data() + row * mixer_.input_row();
  }

  Context* context_;
  const mote_config config_;
  const Geometry& geometry_;
  Correlator& correlator_;
  StageTimes& times_;
  Mixer mixer_;
  const bool apart_;                       // every thread has chunks of its own
  const int most_points_;                  // of a chunk
  std::vector<LinearLayer> level_layers_;  // mote
  std::optional<LinearLayer> updater_;     // pips
  const float* update_norm_[2] = {nullptr, nullptr};
  const float* visibility_[2] = {nullptr, nullptr};
  int64_t level_row_;  // floats from a row of one level's correlation to the next
  Array<float> frequencies_;
  Array<float> time_embedding_;  // pips: (window, 2 frequencies + 1)
  std::vector<Workspace> workspaces_;
};

}  // namespace mote
