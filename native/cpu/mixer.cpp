#include "mixer.h"

#include <algorithm>
#include <cstring>

namespace mote {
namespace {

// Where the two families keep a block's parameters.
struct BlockNames {
  std::string token1, token2, norm1, channel1, channel2, norm2;
};

BlockNames block_names(bool pips, int index) {
  if (pips) {
    const std::string name = "delta_block.to_delta." + std::to_string(index + 1);
    return {name + ".0.fn.0", name + ".0.fn.3", name + ".0.norm",
            name + ".1.fn.0", name + ".1.fn.3", name + ".1.norm"};
  }
  const std::string name = "mix." + std::to_string(index);
  return {name + ".t1", name + ".t2", name + ".n1", name + ".f1", name + ".f2", name + ".n2"};
}

}  // namespace

Mixer::Mixer(Context& context, const Tensors& tensors, const mote_config& config, int inputs)
    : context_(&context),
      pips_(config.family == MOTE_FAMILY_PIPS),
      bf16_(config.precision == MOTE_PRECISION_BF16),
      window_(config.window),
      width_(config.mixer_width),
      token_hidden_(config.window * config.token_expansion),
      hidden_(config.mixer_width * config.channel_expansion),
      outputs_(pips_ ? window_ * (2 + config.features) : 4),
      input_row_(row_of(inputs)) {
  const std::string to_delta = "delta_block.to_delta.";
  const std::string input = pips_ ? to_delta + "0" : "inp";
  const std::string norm = pips_ ? to_delta + std::to_string(config.mixer_depth + 1) : "nrm";
  const std::string head = pips_ ? to_delta + std::to_string(config.mixer_depth + 3) : "head";
  Memory& memory = context.memory;
  input_.emplace(context, tensors, input, inputs, width_);
  for (int i = 0; i < config.mixer_depth; i++) {
    add_block(tensors, i);
  }
  norm_ = read_norm(tensors, norm);
  head_.emplace(context, tensors, head, width_, outputs_);
  if (!pips_) {
    const int64_t count = static_cast<int64_t>(window_) * width_;
    time_ = Array<float>(memory, count);
    std::copy_n(tensors.get("temb", count), count, time_.data());
  }
}

MixerWorkspace Mixer::workspace(Memory& memory, int points) const {
  const int64_t rows = static_cast<int64_t>(points) * window_;
  MixerWorkspace w;
  w.x = Array<float>(memory, rows * width_);
  w.normed = Array<float>(memory, rows * row_of(width_));
  w.normed_bf16 = Array<uint16_t>(memory, bf16_ ? rows * row_of(width_) : 0);
  w.expanded = Array<float>(memory, bf16_ ? 0 : rows * row_of(hidden_));
  w.expanded_bf16 = Array<uint16_t>(memory, bf16_ ? rows * row_of(hidden_) : 0);
  w.mean = Array<float>(memory, pips_ ? points * row_of(width_) : 0);
  return w;
}

Array<float> Mixer::read_norm(const Tensors& tensors, const std::string& name) const {
  // Room after the last value: operations read whole vectors.
  Array<float> norm(context_->memory, 2 * static_cast<int64_t>(pitch_of(width_)));
  std::copy_n(tensors.get(name + ".weight", width_), width_, norm.data());
  std::copy_n(tensors.get(name + ".bias", width_), width_, norm.data() + pitch_of(width_));
  return norm;
}

void Mixer::add_block(const Tensors& tensors, int index) {
  const BlockNames names = block_names(pips_, index);
  Context& context = *context_;
  const int64_t token = static_cast<int64_t>(token_hidden_) * window_;
  Block block{
      {tensors.get(names.token1 + ".weight", token),
       tensors.get(names.token1 + ".bias", token_hidden_),
       tensors.get(names.token2 + ".weight", token), tensors.get(names.token2 + ".bias", window_)},
      read_norm(tensors, names.norm1),
      read_norm(tensors, names.norm2),
      {},
      {},
      {},
      {}};
  if (bf16_) {
    const int64_t count = static_cast<int64_t>(hidden_) * width_;
    const ProductShape expand{width_, hidden_, row_of(width_), row_of(hidden_), true, false, true};
    const ProductShape reduce{hidden_, width_, row_of(hidden_), width_, false, true, false};
    block.expand_bf16.emplace(context.dnnl, context.memory, expand, window_,
                              tensors.get(names.channel1 + ".weight", count),
                              tensors.get(names.channel1 + ".bias", hidden_));
    block.reduce_bf16.emplace(context.dnnl, context.memory, reduce, window_,
                              tensors.get(names.channel2 + ".weight", count),
                              tensors.get(names.channel2 + ".bias", width_));
  } else {
    block.expand.emplace(context, tensors, names.channel1, width_, hidden_);
    block.reduce.emplace(context, tensors, names.channel2, hidden_, width_);
  }
  blocks_.push_back(std::move(block));
}

void Mixer::mix(int count, const Block& block, MixerWorkspace& w) const {
  const Kernels& k = context_->kernels;
  const int rows = count * window_;
  const int64_t pitch = pitch_of(width_);
  const int64_t row = row_of(width_);
  k.token_mixing({.points = count,
                  .window = window_,
                  .width = width_,
                  .hidden = token_hidden_,
                  .norm_weight = block.norm1.data(),
                  .norm_bias = block.norm1.data() + pitch,
                  .weight1 = block.token[0],
                  .bias1 = block.token[1],
                  .weight2 = block.token[2],
                  .bias2 = block.token[3],
                  .x = w.x.data()});
  const float* weight = block.norm2.data();
  if (bf16_) {
    k.layer_norm_bf16(w.x.data(), rows, width_, width_, weight, weight + pitch,
                      w.normed_bf16.data(), row);
    block.expand_bf16->run(rows, w.normed_bf16.data(), w.expanded_bf16.data());
    block.reduce_bf16->run(rows, w.expanded_bf16.data(), w.x.data());
  } else {
    k.layer_norm(w.x.data(), rows, width_, width_, weight, weight + pitch, w.normed.data(), row);
    block.expand->run(rows, w.normed.data(), row, w.expanded.data(), row_of(hidden_),
                      LinearLayer::After::kGelu);
    block.reduce->run(rows, w.expanded.data(), row_of(hidden_), w.x.data(), width_,
                      LinearLayer::After::kAdd);
  }
}

void Mixer::run(int count, const float* in, MixerWorkspace& w, float* out) const {
  const int rows = count * window_;
  const int64_t pitch = pitch_of(width_);
  const int64_t row = row_of(width_);
  if (!pips_) {
    for (int point = 0; point < count; point++) {
      std::copy_n(time_.data(), time_.count(), w.x.data() + point * time_.count());
    }
  }
  input_->run(rows, in, input_row_, w.x.data(), width_,
              pips_ ? LinearLayer::After::kNothing : LinearLayer::After::kAdd);
  for (const Block& block : blocks_) {
    mix(count, block, w);
  }
  context_->kernels.layer_norm(w.x.data(), rows, width_, width_, norm_.data(), norm_.data() + pitch,
                               w.normed.data(), row);
  if (!pips_) {
    head_->run(rows, w.normed.data(), row, out, outputs_, LinearLayer::After::kNothing);
    return;
  }
  for (int point = 0; point < count; point++) {
    float* mean = w.mean.data() + point * row;
    const float* frames = w.normed.data() + static_cast<int64_t>(point) * window_ * row;
    for (int c = 0; c < width_; c++) {
      float sum = 0;
      for (int s = 0; s < window_; s++) {
        sum += frames[s * row + c];
      }
      mean[c] = sum / static_cast<float>(window_);
    }
  }
  head_->run(count, w.mean.data(), row, out, outputs_, LinearLayer::After::kNothing);
}

}  // namespace mote
