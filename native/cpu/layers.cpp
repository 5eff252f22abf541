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
  sum_values_ = Array<double>(memory, 2 * sum_count_);
  sums_[0].parts = sum_values_.data();
  sums_[1].parts = sum_values_.data() + sum_count_;
}

InstanceNorm::InstanceNorm(Context& context, int channels, bool relu)
    : context_(&context),
      pitch_(pitch_of(channels)),
      relu_(relu),
      scale_(context.memory, pitch_),
      shift_(context.memory, pitch_) {}

Affine InstanceNorm::finish(int64_t pixels, int which) {
  const Sums& sums = *context_->sums(which);
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

StridedLayer::StridedLayer(Context& context, int height, int width, int in,
                           const std::vector<Reader>& readers)
    : context_(&context), in_(in), readers_(readers) {
  const Kernels& k = context.kernels;
  for (const Reader& reader : readers_) {
    const int pitch = pitch_of(reader.out);
    weights_.emplace_back(context.memory, k.strided_weights(reader.kernel, in, pitch));
    k.pack_strided(reader.weights, reader.kernel, in, reader.out, weights_.back().data());
    context.reserve_sums(k.strided_parts(height, width), pitch);
  }
  context.reserve_workspace(k.strided_workspace(pitch_of(in)));
}

void StridedLayer::run(const Map& in, const std::vector<Target>& targets) const {
  std::vector<StridedOutput> outputs;
  for (size_t i = 0; i < readers_.size(); i++) {
    outputs.push_back({readers_[i].kernel, weights_[i].data(), pitch_of(readers_[i].out),
                       targets[i].out, targets[i].sums});
  }
  context_->kernels.strided({.in = in.data,
                             .height = in.height,
                             .width = in.width,
                             .in_pitch = in.pitch(),
                             .depth = in_,
                             .before = in.pending,
                             .plus = in.plus,
                             .plus_before = in.plus_pending,
                             .outputs = outputs.data(),
                             .count = static_cast<int>(outputs.size()),
                             .workspace = context_->workspace(),
                             .workspace_stride = context_->workspace_stride()});
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
