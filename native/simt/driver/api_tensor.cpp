// Driver calls: tensor maps. The rules are those of cuda.h's documentation of the call.
#include <cstring>

#include "../tensor_map.h"
#include "context.h"
#include "options.h"

using mote::simt::Context;
using mote::simt::Failure;
using mote::simt::guarded;
using mote::simt::need;
using mote::simt::TensorMap;

namespace {

constexpr cuuint32_t kMostBox = 256;
constexpr cuuint32_t kMostStep = 8;

int element_bytes(CUtensorMapDataType type) {
  switch (type) {
    case CU_TENSOR_MAP_DATA_TYPE_UINT8:
      return 1;
    case CU_TENSOR_MAP_DATA_TYPE_UINT16:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT16:
    case CU_TENSOR_MAP_DATA_TYPE_BFLOAT16:
      return 2;
    case CU_TENSOR_MAP_DATA_TYPE_UINT32:
    case CU_TENSOR_MAP_DATA_TYPE_INT32:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32_FTZ:
    case CU_TENSOR_MAP_DATA_TYPE_TFLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ:
      return 4;
    case CU_TENSOR_MAP_DATA_TYPE_UINT64:
    case CU_TENSOR_MAP_DATA_TYPE_INT64:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT64:
      return 8;
    default:
      throw Failure(CUDA_ERROR_INVALID_VALUE,
                    "tensor's type is unknown: type=" + std::to_string(type) +
                        "; give a CUtensorMapDataType");
  }
}

// CUDA_ERROR_INVALID_VALUE unless `holds`; the text names dimension and value.
void rule(bool holds, const char* what, unsigned dimension, uint64_t value, const char* remedy) {
  if (!holds) {
    throw Failure(CUDA_ERROR_INVALID_VALUE, std::string(what) +
                                                ": dimension=" + std::to_string(dimension) +
                                                ", value=" + std::to_string(value) + "; " + remedy);
  }
}

void check_dimension(const TensorMap& map, unsigned i, cuuint32_t step) {
  rule(map.sizes[i] > 0 && map.sizes[i] <= uint64_t{1} << 32, "tensor's size cannot be", i,
       map.sizes[i], "give 1 to 2^32 elements");
  rule(map.box[i] > 0 && map.box[i] <= kMostBox, "tensor's box cannot be so large", i, map.box[i],
       "give 1 to 256 elements");
  rule(step > 0 && step <= kMostStep, "tensor's element stride cannot be", i, step,
       "give 1 to 8 elements");
  if (i > 0) {
    const uint64_t stride = map.strides[i - 1];
    const uint64_t least =
        i == 1 ? map.sizes[0] * map.element_bytes : map.strides[i - 2] * map.sizes[i - 1];
    rule(stride % 16 == 0 && stride < uint64_t{1} << 40 && stride >= least,
         "tensor's stride cannot be", i, stride,
         "give a multiple of 16 bytes below 2^40 that the dimension below fits into");
  }
}

}  // namespace

extern "C" {

CUresult cuTensorMapEncodeTiled(CUtensorMap* out, CUtensorMapDataType type, cuuint32_t rank,
                                void* address, const cuuint64_t* sizes, const cuuint64_t* strides,
                                const cuuint32_t* box, const cuuint32_t* steps,
                                CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle,
                                CUtensorMapL2promotion promotion, CUtensorMapFloatOOBfill fill) {
  return guarded("cuTensorMapEncodeTiled", [&] {
    Context::current();
    need(mote::simt::options().architecture >= 90, CUDA_ERROR_INVALID_VALUE,
         "device has no tensor maps: least_compute_capability=9.0; use a Hopper device");
    need(out != nullptr && reinterpret_cast<uintptr_t>(out) % 64 == 0, CUDA_ERROR_INVALID_VALUE,
         "tensor map is misaligned; align it to 64 bytes");
    need(reinterpret_cast<uintptr_t>(address) % 16 == 0, CUDA_ERROR_INVALID_VALUE,
         "tensor is misaligned; align it to 16 bytes");
    need(rank >= 1 && rank <= 5, CUDA_ERROR_INVALID_VALUE,
         "tensor's rank cannot be; give 1 to 5 dimensions");
    need(promotion >= CU_TENSOR_MAP_L2_PROMOTION_NONE &&
             promotion <= CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
         CUDA_ERROR_INVALID_VALUE, "L2 promotion is unknown; give a CUtensorMapL2promotion");
    TensorMap map{};
    map.mark = TensorMap::kMark;
    map.address = reinterpret_cast<uintptr_t>(address);
    map.rank = static_cast<uint16_t>(rank);
    map.element_bytes = static_cast<uint16_t>(element_bytes(type));
    for (unsigned i = 0; i < rank; i++) {
      map.sizes[i] = sizes[i];
      map.box[i] = static_cast<uint16_t>(std::min<cuuint32_t>(box[i], kMostBox + 1));
      if (i > 0) {
        map.strides[i - 1] = strides[i - 1];
      }
      check_dimension(map, i, steps[i]);
      need(i == 0 || steps[i] == 1, CUDA_ERROR_NOT_SUPPORTED,
           "the stand-in has no element strides; give 1");
    }
    const unsigned width = swizzle == CU_TENSOR_MAP_SWIZZLE_NONE ? 0 : 16u << swizzle;
    const unsigned inner = unsigned{map.box[0]} * map.element_bytes;
    rule(swizzle >= CU_TENSOR_MAP_SWIZZLE_NONE && swizzle <= CU_TENSOR_MAP_SWIZZLE_128B,
         "swizzle is unknown", 0, swizzle, "give a CUtensorMapSwizzle");
    rule(inner % 16 == 0, "tensor's box is no multiple of 16 bytes", 0, inner, "widen it");
    rule(width == 0 || inner <= width, "tensor's box is wider than the swizzle", 0, inner,
         "give as many bytes as the swizzle has, or fewer");
    need(interleave == CU_TENSOR_MAP_INTERLEAVE_NONE && (width == 0 || inner == width) &&
             fill == CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE,
         CUDA_ERROR_NOT_SUPPORTED,
         "the stand-in has plain layouts, whole rows of the swizzle and zeros outside alone");
    map.swizzle = static_cast<uint16_t>(width);
    std::memset(out, 0, sizeof *out);
    std::memcpy(out, &map, sizeof map);
  });
}
}
