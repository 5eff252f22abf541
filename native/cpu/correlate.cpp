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

// Points are all over the map: what they need is asked for at once, before any of it is used.
inline void prefetch(const Correlation& level, int left, int top, const Area& area) {
  constexpr int kLine = 16;
  for (int y = area.top; y < area.bottom; y++) {
    for (int x = area.left; x < area.right; x++) {
      const float* at = pixel(level, top + y, left + x);
      for (int c = 0; at != nullptr && c < level.pitch; c += kLine) {
        __builtin_prefetch(at + c);
      }
    }
  }
}

// Positions whose sums are in registers together; one lane is one template pixel.
constexpr int kBlock = 8;

struct Positions {
  const float* from[kBlock];  // null outside the map
  float* to[kBlock];
  int count;
};

// The dot products of some positions with kLanes pixels of a patch.
inline void patch_block(const Positions& positions, int pitch, float scale, const float* templates,
                        int lanes, int first_lane) {
  const float* from[kBlock];
  Vec sum[kBlock];
#pragma GCC unroll 8
  for (int i = 0; i < kBlock; i++) {
    // Any readable address; what it adds up to is not stored.
    from[i] = i < positions.count && positions.from[i] != nullptr ? positions.from[i] : templates;
    sum[i] = Vec{};
  }
  for (int c = 0; c < pitch; c++) {
    const Vec row = load(templates + static_cast<int64_t>(c) * lanes + first_lane);
#pragma GCC unroll 8
    for (int i = 0; i < kBlock; i++) {
      sum[i] += from[i][c] * row;
    }
  }
  for (int i = 0; i < positions.count; i++) {
    store(positions.to[i] + first_lane, positions.from[i] != nullptr ? sum[i] * scale : Vec{});
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

void patch_dots(const Correlation& level, int left, int top, const Area& area,
                const float* templates, int lanes, float* out) {
  const int side = 2 * level.radius + 2;
  prefetch(level, left, top, area);
  Positions positions;
  positions.count = 0;
  for (int y = area.top; y < area.bottom; y++) {
    for (int x = area.left; x < area.right; x++) {
      positions.from[positions.count] = pixel(level, top + y, left + x);
      positions.to[positions.count++] = out + (y * side + x) * lanes;
      const bool last = y == area.bottom - 1 && x == area.right - 1;
      if (positions.count == kBlock || last) {
        for (int lane = 0; lane < lanes; lane += kLanes) {
          patch_block(positions, level.pitch, level.scale, templates, lanes, lane);
        }
        positions.count = 0;
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
      // What is stored after the patch's pixels is overwritten by the next position.
      for (int lane = 0; lane < lanes; lane += kLanes) {
        const Vec value = w.w00 * load(at + lane) + w.w01 * load(at + lanes + lane) +
                          w.w10 * load(at + side * lanes + lane) +
                          w.w11 * load(at + (side + 1) * lanes + lane);
        store(to + lane, value);
      }
    }
  }
}

}  // namespace MOTE_ISA
}  // namespace mote
