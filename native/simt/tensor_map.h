// What the stand-in keeps in the 128 bytes of a CUtensorMap: cuTensorMapEncodeTiled writes it, TMA
// reads it.
#pragma once

#include <cstdint>

namespace mote::simt {

struct TensorMap {
  static constexpr uint64_t kMark = 0x4D4F544554454E53;

  uint64_t mark;
  uint64_t address;
  uint64_t strides[4];  // bytes, of dimensions 1 to 4
  uint64_t sizes[5];    // elements, dimension 0 is the innermost
  uint16_t box[5];
  uint16_t rank;
  uint16_t element_bytes;
  uint16_t swizzle;  // bytes of a row: 0, 32, 64, 128
  uint16_t unused[4];
};

static_assert(sizeof(TensorMap) <= 128);

}  // namespace mote::simt
