// bfloat16 products through oneDNN, with weights packed once in the layout that it asks for.
#pragma once

#include <dnnl.hpp>
#include <vector>

#include "memory.h"

namespace mote {

// oneDNN's engine and stream, and the scratchpad that all primitives of an engine share.
class Dnnl {
 public:
  Dnnl();
  // Called by primitives while the model is opened.
  void reserve(const dnnl::memory::desc& scratchpad);
  // Called once, after all primitives were made.
  void allocate(Memory& memory);
  dnnl::memory scratchpad(const dnnl::memory::desc& desc) const;

  dnnl::engine engine;
  mutable dnnl::stream stream;

 private:
  int64_t scratchpad_bytes_ = 0;
  Array<uint8_t> scratchpad_;
};

// A linear layer on bfloat16 operands with float32 sums: out = in * weights' + bias, then gelu,
// then added to what is in out. oneDNN takes the processor's best instructions for it (AMX, AVX-512
// BF16) and wants to know the rows beforehand, so that there is a primitive for 64, 16, 4 and 1
// units of rows, all on the same packed weights.
struct ProductShape {
  int depth;        // inputs
  int columns;      // outputs
  int64_t in_row;   // bfloat16 from a row to the next; what is after the inputs is zero
  int64_t out_row;  // of out's type
  bool gelu;
  bool add;
  bool out_bf16;  // otherwise float32
};

class Bf16Product {
 public:
  // weights (columns, depth), bias (columns); unit: rows come in multiples of it.
  Bf16Product(Dnnl& dnnl, Memory& memory, const ProductShape& shape, int unit, const float* weights,
              const float* bias);
  // rows: a multiple of the unit.
  void run(int rows, const uint16_t* in, void* out) const;

 private:
  struct Size {
    int rows;
    dnnl::matmul::primitive_desc desc;
    dnnl::matmul primitive;
  };
  void add_size(int rows, const dnnl::memory::desc& weights);
  dnnl::matmul::primitive_desc describe(int rows, const dnnl::memory::desc& weights) const;
  void pack(Memory& memory, const float* weights, const float* bias);

  Dnnl* dnnl_;
  ProductShape shape_;
  std::vector<Size> sizes_;
  Array<uint8_t> weights_;
  Array<float> bias_;
};

}  // namespace mote
