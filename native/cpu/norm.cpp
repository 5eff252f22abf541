// Instance norm: application, the end of a residual block, unit length.
#include "kernels_isa.h"
#include "vec.h"

namespace mote {
namespace {

constexpr int kPartPixels = 512;

template <bool AFFINE>
inline Vec normalised(const float* in, const Affine& affine, int c) {
  Vec value = load(in + c);
  if constexpr (AFFINE) {
    value = value * load(affine.scale + c) + load(affine.shift + c);
  }
  return affine.relu ? larger(value, Vec{}) : value;
}

template <bool X_AFFINE>
void residual_pixels(const float* x, const Affine& ax, const float* y, const Affine& ay,
                     int64_t pixels, int pitch, float* out) {
#pragma omp parallel for schedule(dynamic, kPartPixels)
  for (int64_t i = 0; i < pixels; i++) {
    for (int c = 0; c < pitch; c += kLanes) {
      const Vec sum =
          normalised<X_AFFINE>(x + i * pitch, ax, c) + normalised<true>(y + i * pitch, ay, c);
      store(out + i * pitch + c, larger(sum, Vec{}));
    }
  }
}

}  // namespace

namespace MOTE_ISA {

void apply(const float* in, int64_t pixels, int pitch, Affine affine, float* out) {
#pragma omp parallel for schedule(dynamic, kPartPixels)
  for (int64_t i = 0; i < pixels; i++) {
    for (int c = 0; c < pitch; c += kLanes) {
      store(out + i * pitch + c, normalised<true>(in + i * pitch, affine, c));
    }
  }
}

void residual(const float* x, Affine ax, const float* y, Affine ay, int64_t pixels, int pitch,
              float* out) {
  if (ax.scale == nullptr) {
    residual_pixels<false>(x, ax, y, ay, pixels, pitch, out);
  } else {
    residual_pixels<true>(x, ax, y, ay, pixels, pitch, out);
  }
}

void unit_length(const float* in, const float* bias, int64_t pixels, int pitch, float* out) {
#pragma omp parallel for schedule(dynamic, kPartPixels)
  for (int64_t i = 0; i < pixels; i++) {
    const float* from = in + i * pitch;
    float* to = out + i * pitch;
    Vec squares = Vec{};
    for (int c = 0; c < pitch; c += kLanes) {
      const Vec value = load(from + c) + load(bias + c);
      squares += value * value;
    }
    const float length = __builtin_sqrtf(total(squares));
    const Vec factor = splat(1.0F / (length > 1e-12F ? length : 1e-12F));
    for (int c = 0; c < pitch; c += kLanes) {
      store(to + c, (load(from + c) + load(bias + c)) * factor);
    }
  }
}

}  // namespace MOTE_ISA
}  // namespace mote
