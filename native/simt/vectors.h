// CUDA's built-in vector types, aligned as nvcc aligns them.
#pragma once

#include <cstdint>

#define MOTE_SIMT_VECTORS(scalar, name, bytes)                                              \
  struct alignas(sizeof(scalar)) name##1 { scalar x; };                                     \
  struct alignas(bytes * 2) name##2 { scalar x, y; };                                       \
  struct name##3 { scalar x, y, z; };                                                       \
  struct alignas(bytes * 4 > 16 ? 16 : bytes * 4) name##4 { scalar x, y, z, w; };           \
  inline name##1 make_##name##1(scalar x) { return name##1 {x}; }                           \
  inline name##2 make_##name##2(scalar x, scalar y) { return name##2 {x, y}; }              \
  inline name##3 make_##name##3(scalar x, scalar y, scalar z) { return name##3 {x, y, z}; } \
  inline name##4 make_##name##4(scalar x, scalar y, scalar z, scalar w) {                   \
    return name##4 {x, y, z, w};                                                            \
  }

MOTE_SIMT_VECTORS(signed char, char, 1)
MOTE_SIMT_VECTORS(unsigned char, uchar, 1)
MOTE_SIMT_VECTORS(short, short, 2)
MOTE_SIMT_VECTORS(unsigned short, ushort, 2)
MOTE_SIMT_VECTORS(int, int, 4)
MOTE_SIMT_VECTORS(unsigned int, uint, 4)
MOTE_SIMT_VECTORS(float, float, 4)
MOTE_SIMT_VECTORS(long long, longlong, 8)
MOTE_SIMT_VECTORS(unsigned long long, ulonglong, 8)
MOTE_SIMT_VECTORS(double, double, 8)
#undef MOTE_SIMT_VECTORS

// Sizes of grids and blocks: what is left out is 1.
struct dim3 {
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  unsigned x, y, z;
};
