// Layers of the encoders: convolutions whose instance norm is applied by whoever reads them next.
#pragma once

#include <string>
#include <vector>

#include "kernels.h"
#include "memory.h"
#include "products.h"

namespace mote {

// The parameters that were given to mote_open(), by name.
class Tensors {
 public:
  virtual ~Tensors() = default;
  // Throws a Failure if there is none of that name, or if it has another count of floats.
  virtual const float* get(const std::string& name, int64_t count) const = 0;
};

// What layers share: the operations, oneDNN, and workspace that is sized while layers are made.
class Context {
 public:
  Context(const Kernels& kernels, Memory& memory, int threads);

  const Kernels& kernels;
  Memory& memory;
  const int threads;
  Dnnl dnnl;

  void reserve_workspace(int64_t floats_per_thread);
  void reserve_sums(int64_t parts, int pitch);
  // Called once, after all layers were made.
  void allocate();

  float* workspace() const { return workspace_.data(); }
  int64_t workspace_stride() const { return workspace_stride_; }
  // Of the layer that ran last; a layer with two outputs whose norms follow leaves two.
  Sums* sums(int which = 0) { return &sums_[which]; }

 private:
  int64_t workspace_stride_ = 0;
  int64_t sum_count_ = 0;
  Array<float> workspace_;
  Array<double> sum_values_;
  Sums sums_[2];
};

// A channels-last map, possibly with a norm that is still to be applied, possibly the unfinished
// end of a residual block: relu(pending(data) + plus_pending(plus)).
struct Map {
  float* data = nullptr;
  int height = 0;
  int width = 0;
  int channels = 0;
  Affine pending = {};
  const float* plus = nullptr;
  Affine plus_pending = {};

  int pitch() const { return pitch_of(channels); }
  int64_t pixels() const { return static_cast<int64_t>(height) * width; }
  int64_t floats() const { return pixels() * pitch(); }
};

// Instance norm without parameters, eps 1e-5.
class InstanceNorm {
 public:
  InstanceNorm(Context& context, int channels, bool relu);
  // From the sums that a layer left in the context.
  Affine finish(int64_t pixels, int which = 0);

 private:
  Context* context_;
  int pitch_;
  bool relu_;
  Array<float> scale_;
  Array<float> shift_;
};

// 3x3 with stride 1 by Winograd's filtering. Without bias.
class Conv3x3 {
 public:
  // weights (out, in, 3, 3)
  Conv3x3(Context& context, int height, int width, int in, int out, const float* weights);
  // sums: whether a norm follows.
  void run(const Map& in, float* out, bool accumulate, bool sums) const;

 private:
  Context* context_;
  int in_;
  int out_;
  Array<float> weights_;
};

// Convolutions with stride 2 that read the same map. Without bias.
class StridedLayer {
 public:
  // Of weights (out, in, kernel, kernel); kernel is 3 or 1.
  struct Reader {
    int kernel;
    int out;
    const float* weights;
  };
  StridedLayer(Context& context, int height, int width, int in, const std::vector<Reader>& readers);

  struct Target {
    float* out;
    Sums* sums;  // null where no norm follows
  };
  // One target per reader, in their order.
  void run(const Map& in, const std::vector<Target>& targets) const;

 private:
  Context* context_;
  int in_;
  std::vector<Reader> readers_;
  std::vector<Array<float>> weights_;
};

// Owned memory of linear interpolation along one axis.
class TapTable {
 public:
  TapTable() = default;
  // From `in` samples to `out`, as PyTorch's interpolate does.
  TapTable(Memory& memory, int in, int out, bool align_corners);
  Taps taps() const { return {at0_.data(), at1_.data(), w0_.data(), w1_.data()}; }

 private:
  Array<int32_t> at0_;
  Array<int32_t> at1_;
  Array<float> w0_;
  Array<float> w1_;
};

}  // namespace mote
