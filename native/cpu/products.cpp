#include "products.h"

#include <algorithm>
#include <cstring>

#include "kernels.h"

namespace mote {
namespace {

using dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

dnnl::primitive_attr user_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

}  // namespace

Dnnl::Dnnl() : engine(dnnl::engine::kind::cpu, 0), stream(engine) {}

void Dnnl::reserve(const memory::desc& scratchpad) {
  scratchpad_bytes_ = std::max(scratchpad_bytes_, static_cast<int64_t>(scratchpad.get_size()));
}

void Dnnl::allocate(Memory& memory) { scratchpad_ = Array<uint8_t>(memory, scratchpad_bytes_); }

memory Dnnl::scratchpad(const memory::desc& desc) const {
  return memory(desc, engine, scratchpad_.data());
}

Bf16Product::Bf16Product(Dnnl& dnnl, Memory& memory, const ProductShape& shape, int unit,
                         const float* weights, const float* bias)
    : dnnl_(&dnnl), shape_(shape) {
  const memory::desc any({pitch_of(shape.depth), shape.columns}, Type::bf16, Tag::any);
  add_size(64 * unit, any);
  const memory::desc packed = sizes_[0].desc.weights_desc();
  for (const int units : {16, 4, 1}) {
    add_size(units * unit, packed);
  }
  pack(memory, weights, bias);
}

dnnl::matmul::primitive_desc Bf16Product::describe(int rows, const memory::desc& weights) const {
  const memory::desc source({rows, pitch_of(shape_.depth)}, Type::bf16,
                            memory::dims{shape_.in_row, 1});
  const memory::desc target({rows, shape_.columns}, shape_.out_bf16 ? Type::bf16 : Type::f32,
                            memory::dims{shape_.out_row, 1});
  const memory::desc bias({1, shape_.columns}, Type::f32, Tag::ab);
  dnnl::post_ops after;
  if (shape_.gelu) {
    after.append_eltwise(dnnl::algorithm::eltwise_gelu_erf, 0, 0);
  }
  if (shape_.add) {
    after.append_sum(1.0F);
  }
  dnnl::primitive_attr attributes = user_scratchpad();
  attributes.set_post_ops(after);
  return dnnl::matmul::primitive_desc(dnnl_->engine, source, weights, bias, target, attributes);
}

void Bf16Product::add_size(int rows, const memory::desc& weights) {
  const dnnl::matmul::primitive_desc desc = describe(rows, weights);
  sizes_.push_back({rows, desc, dnnl::matmul(desc)});
  dnnl_->reserve(desc.scratchpad_desc());
}

void Bf16Product::pack(Memory& memory, const float* weights, const float* bias) {
  const int64_t depth = pitch_of(shape_.depth);
  std::vector<float> padded;
  if (depth != shape_.depth) {
    padded.resize(static_cast<size_t>(depth * shape_.columns));
    for (int n = 0; n < shape_.columns; n++) {
      std::memcpy(padded.data() + n * depth, weights + static_cast<int64_t>(n) * shape_.depth,
                  static_cast<size_t>(shape_.depth) * sizeof(float));
    }
    weights = padded.data();
  }
  const memory::desc desc = sizes_[0].desc.weights_desc();
  weights_ = Array<uint8_t>(memory, static_cast<int64_t>(desc.get_size()));
  const memory::desc plain({depth, shape_.columns}, Type::f32, memory::dims{1, depth});
  dnnl::memory from(plain, dnnl_->engine, const_cast<float*>(weights));
  dnnl::memory to(desc, dnnl_->engine, weights_.data());
  dnnl::reorder(from, to).execute(dnnl_->stream, from, to);
  dnnl_->stream.wait();
  bias_ = Array<float>(memory, shape_.columns);
  std::copy(bias, bias + shape_.columns, bias_.data());
}

void Bf16Product::run(int rows, const uint16_t* in, void* out) const {
  const int64_t out_bytes = shape_.out_row * (shape_.out_bf16 ? 2 : 4);
  const uint16_t* from = in;
  uint8_t* to = static_cast<uint8_t*>(out);
  for (const Size& size : sizes_) {
    for (; rows >= size.rows; rows -= size.rows) {
      const dnnl::engine& engine = dnnl_->engine;
      size.primitive.execute(
          dnnl_->stream,
          {{DNNL_ARG_SRC, dnnl::memory(size.desc.src_desc(), engine, const_cast<uint16_t*>(from))},
           {DNNL_ARG_WEIGHTS, dnnl::memory(size.desc.weights_desc(), engine, weights_.data())},
           {DNNL_ARG_BIAS, dnnl::memory(size.desc.bias_desc(), engine, bias_.data())},
           {DNNL_ARG_DST, dnnl::memory(size.desc.dst_desc(), engine, to)},
           {DNNL_ARG_SCRATCHPAD, dnnl_->scratchpad(size.desc.scratchpad_desc())}});
      from += size.rows * shape_.in_row;
      to += size.rows * out_bytes;
    }
  }
  dnnl_->stream.wait();
}

}  // namespace mote
