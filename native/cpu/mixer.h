// The MLP-Mixer over the frames of a window, with its input layer and head.
#pragma once

#include <optional>

#include "../include/mote.h"
#include "linear_layer.h"

namespace mote {

// What one run of the mixer writes to.
struct MixerWorkspace {
  Array<float> x;       // (rows, width)
  Array<float> normed;  // (rows, pitch of width)
  Array<uint16_t> normed_bf16;
  Array<float> expanded;  // (rows, pitch of hidden)
  Array<uint16_t> expanded_bf16;
  Array<float> mean;  // pips: (points, pitch of width)
};

class Mixer {
 public:
  Mixer(Context& context, const Tensors& tensors, const mote_config& config, int inputs);

  // Floats from a row of the input to the next.
  int64_t input_row() const { return input_row_; }
  MixerWorkspace workspace(Memory& memory, int points) const;
  // in (count * window, input_row), count: at most the workspace's points;
  // out: pips (count, window * (2 + features)), mote (count, window, 4).
  // Threads may run at once, each with a workspace of its own, but for bf16.
  void run(int count, const float* in, MixerWorkspace& workspace, float* out) const;

 private:
  struct Block {
    const float* token[4];  // weight1, bias1, weight2, bias2
    Array<float> norm1;     // weight, bias
    Array<float> norm2;
    std::optional<LinearLayer> expand;
    std::optional<LinearLayer> reduce;
    std::optional<Bf16Product> expand_bf16;
    std::optional<Bf16Product> reduce_bf16;
  };

  void add_block(const Tensors& tensors, int index);
  Array<float> read_norm(const Tensors& tensors, const std::string& name) const;
  void mix(int count, const Block& block, MixerWorkspace& workspace) const;

  Context* context_;
  const bool pips_;
  const bool bf16_;
  const int window_;
  const int width_;
  const int token_hidden_;
  const int hidden_;
  const int outputs_;  // of the head: a point's (pips) or a frame's (mote)
  const int64_t input_row_;
  std::vector<Block> blocks_;
  std::optional<LinearLayer> input_;
  std::optional<LinearLayer> head_;
  Array<float> time_;  // mote: added to the input layer's output, (window, width)
  Array<float> norm_;
};

}  // namespace mote
