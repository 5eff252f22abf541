// The part that both families' encoders share: a 7x7 convolution, then four stages of residual
// blocks relu(x + relu(norm(conv(relu(norm(conv(x))))))), the last three at half the resolution of
// the one before.
#pragma once

#include <optional>

#include "layers.h"

namespace mote {

// Names of a residual block's parameters in the weight file, without ".weight".
struct BlockNames {
  std::string conv1;
  std::string conv2;
  std::string downsample;  // empty: the block adds its input itself
};

struct BackboneShape {
  int height;  // of the picture
  int width;
  int channels[4];
  std::string stem;
  std::vector<BlockNames> stages[4];
  // A 3x3 convolution with stride 2 that reads stage 0 beside stage 1. With it nothing else may
  // read stage 0, whose map is then never written. Empty: none.
  std::string beside;
  int beside_channels = 0;
};

class ResidualBlock {
 public:
  // beside: a further reader of the input of a block that halves the resolution.
  ResidualBlock(Context& context, const Tensors& tensors, const BlockNames& names, const Map& in,
                int out_channels, const StridedLayer::Reader* beside);

  struct Buffers {
    float* scratch[3];  // each of the output's size
    float* out;         // may be in's memory; null: the result is left unfinished
    float* beside;
  };
  Map run(const Map& in, const Buffers& buffers);
  Map result() const { return result_; }

 private:
  // conv1 and the shortcut: -> shortcut with its pending norm; conv1's output is in scratch[0].
  Map halve(const Map& in, const Buffers& buffers);

  Context* context_;
  std::optional<Conv3x3> conv1_;
  std::optional<StridedLayer> halving_;  // conv1, downsample, beside
  std::optional<Conv3x3> conv2_;
  InstanceNorm norm1_;
  InstanceNorm norm2_;
  InstanceNorm norm3_;
  Map result_;
};

class Backbone {
 public:
  Backbone(Context& context, const Tensors& tensors, const BackboneShape& shape);
  // picture: (height + 6, width + 6, 3) with a zero border of 3; beside: output of that
  // convolution, null without.
  void run(const float* picture, float* beside);
  // Outputs of the four stages, norms applied.
  const Map& stage(int i) const { return maps_[i]; }

 private:
  Context* context_;
  BackboneShape shape_;
  Array<float> stem_weights_;
  InstanceNorm stem_norm_;
  std::vector<ResidualBlock> blocks_[4];
  Map maps_[4];
  Array<float> memory_[4];
  Array<float> scratch_[3];
};

}  // namespace mote
