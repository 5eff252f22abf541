// The parts of the MLP-Mixer and its input that are not matrix products over channels.
#include "gelu.h"
#include "kernels_isa.h"

namespace mote {
namespace {

constexpr int kMostWindow = 16;

// Channels are handled kLanes at a time; widths are multiples of 8, so that the last group may be
// half a vector on AVX-512: it is then moved back over channels that were done (`last`).
struct Moments {
  float mean;
  float factor;
};

inline Moments moments(const float* in, int width) {
  double sum = 0;
  double squares = 0;
  int i = 0;
  Vec s = Vec{};
  const Vec pivot = splat(in[0]);
  Vec q = Vec{};
  for (; i + kLanes <= width; i += kLanes) {
    const Vec d = load(in + i) - pivot;
    s += d;
    q += d * d;
  }
  sum = total(s);
  squares = total(q);
  for (; i < width; i++) {
    const double d = in[i] - in[0];
    sum += d;
    squares += d * d;
  }
  const double mean = sum / width;
  const double variance = squares / width - mean * mean;
  return {static_cast<float>(in[0] + mean),
          static_cast<float>(1 / __builtin_sqrt((variance > 0 ? variance : 0) + 1e-5))};
}

inline uint16_t rounded_bf16(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

inline void put(float* out, float value) { *out = value; }
inline void put(uint16_t* out, float value) { *out = rounded_bf16(value); }

template <class T>
void normalise_rows(const float* in, int64_t rows, int width, int64_t in_row, const float* weight,
                    const float* bias, T* out, int64_t out_row) {
#pragma omp parallel for schedule(dynamic, 16)
  for (int64_t r = 0; r < rows; r++) {
    const float* from = in + r * in_row;
    T* to = out + r * out_row;
    const Moments m = moments(from, width);
    for (int i = 0; i < width; i++) {
      put(to + i, (from[i] - m.mean) * m.factor * weight[i] + bias[i]);
    }
  }
}

// All frames of one point at channels c to c + kLanes.
inline void mix_channels(const TokenMixing& mixing, const Moments* m, float* x, int c) {
  Vec in[kMostWindow];
  Vec out[kMostWindow];
  const Vec weight = load(mixing.norm_weight + c);
  const Vec bias = load(mixing.norm_bias + c);
  for (int s = 0; s < mixing.window; s++) {
    in[s] = (load(x + s * mixing.width + c) - m[s].mean) * m[s].factor * weight + bias;
    out[s] = splat(mixing.bias2[s]);
  }
  for (int h = 0; h < mixing.hidden; h++) {
    Vec sum = splat(mixing.bias1[h]);
    for (int s = 0; s < mixing.window; s++) {
      sum += mixing.weight1[h * mixing.window + s] * in[s];
    }
    const Vec value = gelu(sum);
    for (int s = 0; s < mixing.window; s++) {
      out[s] += mixing.weight2[s * mixing.hidden + h] * value;
    }
  }
  for (int s = 0; s < mixing.window; s++) {
    in[s] = load(x + s * mixing.width + c) + out[s];
    store(x + s * mixing.width + c, in[s]);
  }
}

inline void mix_channel(const TokenMixing& mixing, const Moments* m, float* x, int c) {
  float out[kMostWindow];
  float in[kMostWindow];
  for (int s = 0; s < mixing.window; s++) {
    in[s] = (x[s * mixing.width + c] - m[s].mean) * m[s].factor * mixing.norm_weight[c] +
            mixing.norm_bias[c];
    out[s] = mixing.bias2[s];
  }
  for (int h = 0; h < mixing.hidden; h++) {
    float sum = mixing.bias1[h];
    for (int s = 0; s < mixing.window; s++) {
      sum += mixing.weight1[h * mixing.window + s] * in[s];
    }
    const float value = gelu(splat(sum))[0];
    for (int s = 0; s < mixing.window; s++) {
      out[s] += mixing.weight2[s * mixing.hidden + h] * value;
    }
  }
  for (int s = 0; s < mixing.window; s++) {
    x[s * mixing.width + c] += out[s];
  }
}

// Taylor series of sine and cosine on [-pi/4, pi/4]; errors under float32 rounding.
inline float sine_of(float r) {
  const float u = r * r;
  return r +
         r * u * (-1.6666667e-1F + u * (8.3333310e-3F + u * (-1.9841254e-4F + u * 2.7525562e-6F)));
}

inline float cosine_of(float r) {
  const float u = r * r;
  return 1 - 0.5F * u + u * u * (4.1666668e-2F + u * (-1.3888889e-3F + u * 2.4801587e-5F));
}

}  // namespace

namespace MOTE_ISA {

void layer_norm(const float* in, int64_t rows, int width, int64_t in_row, const float* weight,
                const float* bias, float* out, int64_t out_row) {
  normalise_rows(in, rows, width, in_row, weight, bias, out, out_row);
}

void layer_norm_bf16(const float* in, int64_t rows, int width, int64_t in_row, const float* weight,
                     const float* bias, uint16_t* out, int64_t out_row) {
  normalise_rows(in, rows, width, in_row, weight, bias, out, out_row);
}

void token_mixing(const TokenMixing& mixing) {
#pragma omp parallel for schedule(dynamic)
  for (int point = 0; point < mixing.points; point++) {
    float* x = mixing.x + static_cast<int64_t>(point) * mixing.window * mixing.width;
    Moments m[kMostWindow];
    for (int s = 0; s < mixing.window; s++) {
      m[s] = moments(x + s * mixing.width, mixing.width);
    }
    int c = 0;
    for (; c + kLanes <= mixing.width; c += kLanes) {
      mix_channels(mixing, m, x, c);
    }
    for (; c < mixing.width; c++) {
      mix_channel(mixing, m, x, c);
    }
  }
}

void sines(double value, const float* frequencies, int count, float* sines, float* cosines,
           int step) {
  constexpr double kTwoOverPi = 0.63661977236758134;
  constexpr double kHalfPi = 1.5707963267948966;
  constexpr double kRounder = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer
  for (int i = 0; i < count; i++) {
    // Arguments reach 1e5: they are reduced in double, where that costs no accuracy.
    const double angle = value * frequencies[i];
    const double quarter = (angle * kTwoOverPi + kRounder) - kRounder;
    const float r = static_cast<float>(angle - quarter * kHalfPi);
    const int64_t turn = static_cast<int64_t>(quarter) & 3;
    const float s = sine_of(r);
    const float c = cosine_of(r);
    sines[i * step] = turn == 0 ? s : turn == 1 ? c : turn == 2 ? -s : -c;
    cosines[i * step] = turn == 0 ? c : turn == 1 ? -s : turn == 2 ? -c : s;
  }
}

}  // namespace MOTE_ISA
}  // namespace mote
