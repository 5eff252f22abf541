// The columns of the mixer's input that are no correlations, for point n in frame s, with
// (dx, dy) = (xy[n, s] - xy[n, 0]) / stride in feature pixels:
//   pips: state (C) | correlations | sin, cos interleaved of v f_k, f_k = 1000 k / F, for v = dx,
//   dy, t | dx, dy, t
//         with t = 8 s / 7
//   mote: correlations | clamp(dx / 16), clamp(dy / 16) to [-4, 4] | sin(dx f_k), sin(dy f_k),
//   cos(dx f_k),
//         cos(dy f_k), f_k = pi / 2^k, k = 1 .. F | both logits, clamped to [-8, 8], / 4 | the
//         template's centre
//
// pips' arguments reach 1e5: they are multiplied and reduced by multiples of pi / 2 in double
// precision (4 operations each), then polynomials on [-pi/4, pi/4] in float32 give the value.
//
// A thread per row and column, 256 a block. Bytes: out, and what it is made of.
#include "operand.cuh"
#include "params.h"

// Sine (quadrant 0) or cosine (quadrant 1) of a product.
__device__ __forceinline__ float wave(double value, double frequency, int quadrant) {
  const double angle = value * frequency;
  const double turns = rint(angle * 0.63661977236758134308);
  // pi / 2 in two parts: the first has 33 bits, so that its product with the turns is exact.
  const double rest =
      fma(-turns, 6.07710050650619224932e-11, fma(-turns, 1.57079632673412561417e+00, angle));
  const float x = static_cast<float>(rest);
  const float square = x * x;
  const int turn = static_cast<int>((static_cast<int64_t>(turns) + quadrant) & 3);
  float result;
  if (turn % 2 == 0) {
    result = fmaf(square, -1.9515295891e-4f, 8.3321608736e-3f);
    result = fmaf(square, result, -1.6666654611e-1f);
    result = fmaf(square * x, result, x);
  } else {
    result = fmaf(square, 2.443315711809948e-5f, -1.388731625493765e-3f);
    result = fmaf(square, result, 4.166664568298827e-2f);
    result = fmaf(square * square, result, fmaf(square, -0.5f, 1.0f));
  }
  return turn >= 2 ? -result : result;
}

__device__ __forceinline__ float clamp(float x, float limit) {
  return fminf(fmaxf(x, -limit), limit);
}

// What a row is made of.
struct Row {
  const float* xy;     // of this frame
  const float* start;  // of frame 0
  const float* state;
  const float* centre;
  int s;

  __device__ __forceinline__ float flow(int axis, int stride) const {
    return (xy[axis] - start[axis]) / static_cast<float>(stride);
  }
};

__device__ __forceinline__ float pips_column(const EmbedParams& p, const Row& row, int column) {
  if (column < p.features) {
    return row.state[column];
  }
  const int wave_column = column - p.features - p.correlations;
  const int waves = 3 * 2 * p.frequencies;
  const int axis = wave_column < waves ? wave_column / (2 * p.frequencies) : wave_column - waves;
  const float value =
      axis < 2 ? row.flow(axis, p.stride) : static_cast<float>(row.s * kWindow) / (kWindow - 1);
  if (wave_column >= waves) {
    return value;
  }
  const int k = wave_column % (2 * p.frequencies) / 2;
  const double exact =
      axis < 2 ? static_cast<double>(value) : static_cast<double>(row.s * kWindow) / (kWindow - 1);
  return wave(exact, 1000.0 * k / p.frequencies, wave_column % 2);
}

__device__ __forceinline__ float mote_column(const EmbedParams& p, const Row& row, int column) {
  int c = column - p.correlations;
  if (c < 2) {
    return clamp(row.flow(c, p.stride) / 16.0f, 4.0f);
  }
  c -= 2;
  const int waves = 4 * p.frequencies;
  if (c < waves) {
    const int axis = c / p.frequencies % 2;
    const double frequency = 3.14159265358979323846 / static_cast<double>(2ll << c % p.frequencies);
    return wave(row.flow(axis, p.stride), frequency, c / (2 * p.frequencies));
  }
  c -= waves;
  return c < 2 ? clamp(row.state[c], 8.0f) / 4.0f : row.centre[c - 2];
}

template <typename T>
__device__ __forceinline__ void embed(const EmbedParams& p) {
  const int columns = p.inputs - p.correlations;
  const int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int64_t row_index = i / columns;
  const int n = static_cast<int>(row_index / kWindow);
  if (n >= at<const CallHeader>(p.call)->count || at<const int32_t>(p.active)[n] == 0) {
    return;
  }
  Row row;
  row.s = static_cast<int>(row_index % kWindow);
  row.xy = at<const float>(p.xy) + 2 * row_index;
  row.start = row.xy - 2 * row.s;
  row.state = at<const float>(p.state) + row_index * p.state_pitch;
  row.centre = at<const float>(p.templates) +
               static_cast<int64_t>(at<const int32_t>(p.ids)[n]) * p.template_size + p.centre;
  int column = static_cast<int>(i % columns);
  const int before = p.pips != 0 ? p.features : 0;
  column += column >= before ? p.correlations : 0;
  const float value = p.pips != 0 ? pips_column(p, row, column) : mote_column(p, row, column);
  store_one(at<T>(p.out) + row_index * p.out_pitch + column, value);
}

MOTE_INSTANCES(embed, 256, EmbedParams, embed)
