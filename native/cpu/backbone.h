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
};

class ResidualBlock {
 public:
  ResidualBlock(Context& context, const Tensors& tensors, const BlockNames& names, const Map& in,
                int out_channels, int stride);
  // y1, y2 and y3 are scratch of the output's size; out may be in's memory.
  void run(const Map& in, float* y1, float* y2, float* y3, float* out);
  Map result() const { return result_; }

 private:
  Context* context_;
  std::optional<Conv3x3> conv1_;
  std::optional<PlainConv> conv1_strided_;
  std::optional<PlainConv> downsample_;
  std::optional<Conv3x3> conv2_;
  InstanceNorm norm1_;
  InstanceNorm norm2_;
  InstanceNorm norm3_;
  Map result_;
};

class Backbone {
 public:
  Backbone(Context& context, const Tensors& tensors, const BackboneShape& shape);
  // picture: (height + 6, width + 6, 3) with a zero border of 3.
  void run(const float* picture);
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
