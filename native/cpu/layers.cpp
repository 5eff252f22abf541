#include "layers.h"

#include <algorithm>
#include <cmath>

namespace mote {

Context::Context(const Kernels& kernels, Memory& memory, int threads)
    : kernels(kernels), memory(memory), threads(threads) {}

void Context::reserve_workspace(int64_t floats_per_thread) {
  // A page apart, so that threads do not write to neighbouring lines.
  const int64_t rounded = (floats_per_thread + 1023) / 1024 * 1024;
  workspace_stride_ = std::max(workspace_stride_, rounded);
}

void Context::reserve_sums(int64_t parts, int pitch) {
  sum_count_ = std::max(sum_count_, parts * 2 * pitch);
}

void Context::allocate() {
  dnnl.allocate(memory);
  workspace_ = Array<float>(memory, workspace_stride_ * threads);
  sum_values_ = Array<double>(memory, sum_count_);
  sums_.parts = sum_values_.data();
}

InstanceNorm::InstanceNorm(Context& context, int channels, bool relu)
    : context_(&context),
      pitch_(pitch_of(channels)),
      relu_(relu),
      scale_(context.memory, pitch_),
      shift_(context.memory, pitch_) {}

Affine InstanceNorm::finish(int64_t pixels) {
  const Sums& sums = *context_->sums();
  for (int c = 0; c < pitch_; c++) {
    double sum = 0;
    double squares = 0;
    for (int part = 0; part < sums.count; part++) {
      const double* at = sums.parts + static_cast<int64_t>(part) * 2 * pitch_;
      sum += at[c];
      squares += at[pitch_ + c];
    }
    const double mean = sum / static_cast<double>(pixels);
    const double variance = std::max(0.0, squares / static_cast<double>(pixels) - mean * mean);
    const double scale = 1 / std::sqrt(variance + 1e-5);
    scale_[c] = static_cast<float>(scale);
    shift_[c] = static_cast<float>(-mean * scale);
  }
  return {scale_.data(), shift_.data(), relu_};
}

Conv3x3::Conv3x3(Context& context, int height, int width, int in, int out, const float* weights)
    : context_(&context),
      in_(in),
      out_(out),
      weights_(context.memory, context.kernels.winograd_weights(pitch_of(in), pitch_of(out))) {
  const Kernels& k = context.kernels;
  k.pack_winograd(weights, in, out, weights_.data());
  context.reserve_workspace(k.winograd_workspace(pitch_of(in), pitch_of(out)));
  context.reserve_sums(k.winograd_parts(height, width, context.threads), pitch_of(out));
}

void Conv3x3::run(const Map& in, float* out, bool accumulate, bool sums) const {
  context_->kernels.winograd({.in = in.data,
                              .height = in.height,
                              .width = in.width,
                              .in_pitch = in.pitch(),
                              .depth = in_,
                              .before = in.pending,
                              .weights = weights_.data(),
                              .out_pitch = pitch_of(out_),
                              .out = out,
                              .accumulate = accumulate,
                              .sums = sums ? context_->sums() : nullptr,
                              .workspace = context_->workspace(),
                              .workspace_stride = context_->workspace_stride()});
}

PlainConv::PlainConv(Context& context, const ConvShape& shape, const float* weights,
                     const float* bias)
    : shape_(shape), conv_(context.dnnl, context.memory, shape, weights, bias) {
  const Map out = result(nullptr);
  context.reserve_sums(context.kernels.norm_parts(out.pixels()), out.pitch());
}

Map PlainConv::result(float* out) const {
  const int reach = 2 * (shape_.kernel / 2) - shape_.kernel;
  return {out,
          (shape_.height + reach) / shape_.stride + 1,
          (shape_.width + reach) / shape_.stride + 1,
          shape_.out,
          {}};
}

TapTable::TapTable(Memory& memory, int in, int out, bool align_corners)
    : at0_(memory, out), at1_(memory, out), w0_(memory, out), w1_(memory, out) {
  const double scale =
      align_corners ? (out > 1 ? (in - 1.0) / (out - 1.0) : 0.0) : static_cast<double>(in) / out;
  for (int i = 0; i < out; i++) {
    const double at = align_corners ? scale * i : std::max(0.0, scale * (i + 0.5) - 0.5);
    const int first = std::min(static_cast<int>(at), in - 1);
    const auto fraction = static_cast<float>(std::min(std::max(at - first, 0.0), 1.0));
    at0_[i] = first;
    at1_[i] = std::min(first + 1, in - 1);
    w0_[i] = 1 - fraction;
    w1_[i] = fraction;
  }
}

}  // namespace mote
