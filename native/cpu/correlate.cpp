// Templates and their correlation on demand: dot products at the integer positions around a point,
// then bilinear interpolation, zero outside the map.
#include "kernels_isa.h"
#include "vec.h"

namespace mote {
namespace {

inline const float* pixel(const Correlation& level, int y, int x) {
  const bool inside = y >= 0 && y < level.height && x >= 0 && x < level.width;
  return inside ? level.map + (static_cast<int64_t>(y) * level.width + x) * level.pitch : nullptr;
}

inline int clamped(int value, int last) { return value < 0 ? 0 : value > last ? last : value; }

// Weights of the four neighbours of a fraction.
struct Corners {
  float w00, w01, w10, w11;
};

inline Corners corners(float fx, float fy) {
  return {(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx};
}

// kBlock positions of one row against a patch; one lane is one template pixel.
constexpr int kBlock = 8;

template <int VECTORS>
void patch_row(const Correlation& level, int y, int left, int count, const float* templates,
               int lanes, int first_lane, float* out) {
  const float* from[kBlock];
  Vec sum[kBlock][VECTORS];
  for (int i = 0; i < kBlock; i++) {
    const float* at = i < count ? pixel(level, y, left + i) : nullptr;
    from[i] = at == nullptr ? templates : at;  // any readable address; its sum is dropped below
    for (int v = 0; v < VECTORS; v++) {
      sum[i][v] = Vec{};
    }
  }
  for (int c = 0; c < level.pitch; c++) {
    Vec row[VECTORS];
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) {
      row[v] = load(templates + static_cast<int64_t>(c) * lanes + first_lane + v * kLanes);
    }
#pragma GCC unroll 8
    for (int i = 0; i < kBlock; i++) {
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS; v++) {
        sum[i][v] += from[i][c] * row[v];
      }
    }
  }
  for (int i = 0; i < count; i++) {
    const bool inside = pixel(level, y, left + i) != nullptr;
    for (int v = 0; v < VECTORS; v++) {
      store(out + i * lanes + first_lane + v * kLanes, inside ? sum[i][v] * level.scale : Vec{});
    }
  }
}

}  // namespace

namespace MOTE_ISA {

void sample(const float* map, int height, int width, int pitch, float x, float y, float* out) {
  const float x_floor = __builtin_floorf(x);
  const float y_floor = __builtin_floorf(y);
  // Clamped before the conversion: a far position must not overflow an int.
  const float reach = 65536;
  const int x0 = static_cast<int>(x_floor < -reach ? -reach : x_floor > reach ? reach : x_floor);
  const int y0 = static_cast<int>(y_floor < -reach ? -reach : y_floor > reach ? reach : y_floor);
  const Corners w = corners(x - x_floor, y - y_floor);
  const int64_t row0 = static_cast<int64_t>(clamped(y0, height - 1)) * width;
  const int64_t row1 = static_cast<int64_t>(clamped(y0 + 1, height - 1)) * width;
  const int column0 = clamped(x0, width - 1);
  const int column1 = clamped(x0 + 1, width - 1);
  for (int c = 0; c < pitch; c += kLanes) {
    store(out + c, w.w00 * load(map + (row0 + column0) * pitch + c) +
                       w.w01 * load(map + (row0 + column1) * pitch + c) +
                       w.w10 * load(map + (row1 + column0) * pitch + c) +
                       w.w11 * load(map + (row1 + column1) * pitch + c));
  }
}

void dots(const Correlation& level, int left, int top, const float* feature, float* out) {
  const int side = 2 * level.radius + 2;
  for (int y = 0; y < side; y++) {
    for (int x = 0; x < side; x++) {
      const float* at = pixel(level, top + y, left + x);
      float value = 0;
      if (at != nullptr) {
        Vec sum = Vec{};
        for (int c = 0; c < level.pitch; c += kLanes) {
          sum += load(at + c) * load(feature + c);
        }
        value = total(sum) * level.scale;
      }
      out[y * side + x] = value;
    }
  }
}

int patch_lanes(int patch) { return (patch + kLanes - 1) / kLanes * kLanes; }

void patch_dots(const Correlation& level, int left, int top, const float* templates, int lanes,
                float* out) {
  const int side = 2 * level.radius + 2;
  for (int y = 0; y < side; y++) {
    for (int x = 0; x < side; x += kBlock) {
      const int count = least(kBlock, side - x);
      float* to = out + (y * side + x) * lanes;
      int lane = 0;
      for (; lane + 2 * kLanes <= lanes && kLanes == 16; lane += 2 * kLanes) {
        patch_row<2>(level, top + y, left + x, count, templates, lanes, lane, to);
      }
      for (; lane < lanes; lane += kLanes) {
        patch_row<1>(level, top + y, left + x, count, templates, lanes, lane, to);
      }
    }
  }
}

void interpolate(const float* dots, int radius, float fx, float fy, bool transposed, float* out) {
  const int positions = 2 * radius + 1;
  const int side = positions + 1;
  const Corners w = corners(fx, fy);
  for (int y = 0; y < positions; y++) {
    for (int x = 0; x < positions; x++) {
      const float* at = dots + y * side + x;
      const float value = w.w00 * at[0] + w.w01 * at[1] + w.w10 * at[side] + w.w11 * at[side + 1];
      out[transposed ? x * positions + y : y * positions + x] = value;
    }
  }
}

void patch_interpolate(const float* dots, int lanes, int patch, int radius, float fx, float fy,
                       float* out) {
  const int positions = 2 * radius + 1;
  const int side = positions + 1;
  const Corners w = corners(fx, fy);
  for (int y = 0; y < positions; y++) {
    for (int x = 0; x < positions; x++) {
      const float* at = dots + (y * side + x) * lanes;
      float* to = out + (y * positions + x) * patch;
      for (int lane = 0; lane < lanes; lane += kLanes) {
        const Vec value = w.w00 * load(at + lane) + w.w01 * load(at + lanes + lane) +
                          w.w10 * load(at + side * lanes + lane) +
                          w.w11 * load(at + (side + 1) * lanes + lane);
        for (int i = 0; i < least(kLanes, patch - lane); i++) {
          to[lane + i] = value[i];
        }
      }
    }
  }
}

}  // namespace MOTE_ISA
}  // namespace mote
