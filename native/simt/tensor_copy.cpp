// cp.async.bulk.tensor.2d with multicast, as the PTX manual has it: a box of a tensor to the same
// place of every block in a mask, its bytes counted off the mbarrier at the same place there. With
// a swizzle of w bytes a row, bits of the address from 4 on are exchanged by those from 7 on, as
// many as 16-byte pieces need.
#include <cstring>
#include <vector>

#include "cluster.h"
#include "tensor_map.h"

namespace mote::simt {
namespace {

constexpr uint32_t kAlignment = 128;  // of the box in shared memory

const TensorMap& checked(Block& block, const void* tensor, uint32_t to) {
  const auto& map = *static_cast<const TensorMap*>(tensor);
  const bool aligned = reinterpret_cast<uintptr_t>(tensor) % 64 == 0;
  if (!aligned || map.mark != TensorMap::kMark || map.rank != 2) {
    block.fail(FaultKind::kMisuse, "TMA's tensor map is none of two dimensions",
               "address=" + hexadecimal(reinterpret_cast<uintptr_t>(tensor)),
               "give what cuTensorMapEncodeTiled wrote, aligned to 64 bytes");
  }
  if (to % kAlignment != 0) {
    block.fail(FaultKind::kIllegalAddress, "TMA's place in shared memory is misaligned",
               "shared_address=" + std::to_string(to), "align it to 128 bytes");
  }
  return map;
}

// The box's rows one after the other, not swizzled; what is outside of the tensor is zeros.
std::vector<std::byte> read_box(const TensorMap& map, int64_t column, int64_t row) {
  const std::size_t row_bytes = std::size_t{map.box[0]} * map.element_bytes;
  std::vector<std::byte> box(row_bytes * map.box[1]);
  const int64_t begin = column < 0 ? -column : 0;
  const int64_t end = std::min<int64_t>(map.box[0], static_cast<int64_t>(map.sizes[0]) - column);
  for (int64_t r = 0; r < map.box[1]; r++) {
    if (row + r < 0 || row + r >= static_cast<int64_t>(map.sizes[1]) || begin >= end) {
      continue;
    }
    const auto bytes = static_cast<std::size_t>(end - begin) * map.element_bytes;
    const auto* from = reinterpret_cast<const std::byte*>(
        map.address + static_cast<uint64_t>(row + r) * map.strides[0] +
        static_cast<uint64_t>(column + begin) * map.element_bytes);
    if (access_hook != nullptr) {
      access_hook(from, bytes, Access::kRead);
    }
    std::memcpy(&box[static_cast<std::size_t>(r) * row_bytes +
                     static_cast<std::size_t>(begin) * map.element_bytes],
                from, bytes);
  }
  return box;
}

void write_box(Block& block, const TensorMap& map, uint32_t to, const std::vector<std::byte>& box) {
  std::byte* const base = block.written_bytes(to, box.size());
  const uint32_t mask = map.swizzle == 0 ? 0 : map.swizzle / 16u - 1;
  const std::size_t piece = map.swizzle == 0 ? box.size() : 16;
  for (std::size_t i = 0; i < box.size(); i += piece) {
    const uint32_t linear = to + static_cast<uint32_t>(i);
    const uint32_t address = linear ^ ((linear >> 7 & mask) << 4);
    std::memcpy(base + (static_cast<int64_t>(address) - to), &box[i], piece);
  }
}

}  // namespace
}  // namespace mote::simt

void mote_simt_load_tensor(uint32_t to, const void* tensor, int column, int row, uint32_t barrier,
                           uint16_t blocks) {
  using namespace mote::simt;
  Block& own = *mote_simt_self->block;
  Cluster& cluster = own.cluster();
  // A copy: the kernel's parameters are the thread's.
  const TensorMap map = checked(own, tensor, to);
  const auto bytes = static_cast<uint32_t>(map.box[0] * map.element_bytes * map.box[1]);
  for (uint32_t rank = 0; rank < 16; rank++) {
    if ((blocks >> rank & 1) == 0) {
      continue;
    }
    Block& target = cluster.block_of(cluster.map(to, rank));
    target.copy_tensor({barrier,
                        [&target, map, to, column, row] {
                          write_box(target, map, to, read_box(map, column, row));
                        },
                        bytes});
  }
}
