// Templates against a whole picture, on the finest level:
//   value[n, y, x] = mean over the patch of <template[n, k], map(y + dy_k, x + dx_k)>, zero
//   outside;
//                    pips: cosine of template and feature
//   match:      value of every pixel
//   peaks:      the best position that none in the 5x5 around it exceeds (the first in row-major
//   order
//               where they are alike) and the value of the next best
//   similarity: value at given positions, bilinear, 0 outside; after a refinement, at the estimates
//               of one frame in that frame's slot, so that the host need not wait in between
//
// Layout: values (n, y, x) float. match: a thread per pixel, 256 a block, grid (pixels, points).
// peaks: a block of 256 per point. similarity: a warp per point, 8 a block. The launch begins at
// the call's point `first`: more points than there is room for values take several launches.
// Operations: 2 C patch a pixel and point; bytes: the map (L2) per point, values twice.
#include "points.cuh"

constexpr int kThreads = 256;
constexpr int kReach = 2;  // of a peak

// Sums that a product of two vectors is made of.
struct Product {
  float sum, square_a, square_b;

  __device__ __forceinline__ float value(bool unit) const {
    return unit ? sum / (fmaxf(sqrtf(square_a), 1e-12f) * fmaxf(sqrtf(square_b), 1e-12f)) : sum;
  }
};

// The template's vector of one patch pixel, times a feature, by one thread.
template <typename T>
__device__ __forceinline__ Product multiply(const T* feature, const float* vector, int pitch) {
  Product product = {0.0f, 0.0f, 0.0f};
  for (int c = 0; c < pitch; c += kVector<T>) {
    float v[kVector<T>];
    load_vector(feature + c, v);
#pragma unroll
    for (int i = 0; i < kVector<T>; i++) {
      const float t = __ldg(vector + c + i);
      product.sum = fmaf(v[i], t, product.sum);
      product.square_a = fmaf(v[i], v[i], product.square_a);
      product.square_b = fmaf(t, t, product.square_b);
    }
  }
  return product;
}

__device__ __forceinline__ const float* template_of(const MatchParams& p, int n) {
  return at<const float>(p.templates) + at<const int32_t>(p.ids)[n] * template_size(p.shape);
}

template <typename T>
__device__ __forceinline__ void match(const MatchParams& p) {
  const CallHeader* call = at<const CallHeader>(p.call);
  const Level size = p.shape.level[0];
  const int local = static_cast<int>(blockIdx.y);
  const int n = call->first + local;
  const int pixel = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (n >= call->count || pixel >= size.height * size.width) {
    return;
  }
  const int side = 2 * p.shape.support + 1;
  const T* map = level_of<T>(p.shape, call->slot[0], 0);
  const float* vector = template_of(p, n);
  float sum = 0.0f;
  for (int k = 0; k < side * side; k++) {
    const int y = pixel / size.width + k / side - p.shape.support;
    const int x = pixel % size.width + k % side - p.shape.support;
    if (y >= 0 && y < size.height && x >= 0 && x < size.width) {
      const int64_t index = (static_cast<int64_t>(y) * size.width + x) * p.shape.pitch;
      sum +=
          multiply(map + index, vector + k * p.shape.pitch, p.shape.pitch).value(p.shape.pips != 0);
    }
  }
  at<float>(p.values)[static_cast<int64_t>(local) * size.height * size.width + pixel] =
      sum / static_cast<float>(side * side);
}

// The best peak and the next best value among some pixels.
struct Best {
  float value, next;
  int pixel;

  __device__ __forceinline__ void add(const Best& other) {
    const bool better = other.value > value || (other.value == value && other.pixel < pixel);
    const float lower = better ? value : other.value;
    next = fmaxf(fmaxf(next, other.next), lower);
    value = better ? other.value : value;
    pixel = better ? other.pixel : pixel;
  }
};

__device__ __forceinline__ bool is_peak(const float* values, const Level& size, int y, int x) {
  const float value = values[y * size.width + x];
  for (int v = y - kReach; v <= y + kReach; v++) {
    for (int u = x - kReach; u <= x + kReach; u++) {
      if (v >= 0 && v < size.height && u >= 0 && u < size.width &&
          values[v * size.width + u] > value) {
        return false;
      }
    }
  }
  return true;
}

extern "C" __global__ void __launch_bounds__(kThreads) mote_peaks(const MatchParams p) {
  MOTE_SHARED(Best, bests, kThreads);
  const CallHeader* call = at<const CallHeader>(p.call);
  const Level size = p.shape.level[0];
  const int pixels = size.height * size.width;
  const int local = static_cast<int>(blockIdx.x);
  const int n = call->first + local;
  const int thread = static_cast<int>(threadIdx.x);
  if (n >= call->count) {
    return;
  }
  const float* values = at<const float>(p.values) + static_cast<int64_t>(local) * pixels;
  Best best = {-1.0f, -1.0f, pixels};
  for (int pixel = thread; pixel < pixels; pixel += kThreads) {
    const float value = values[pixel];
    if (value > best.next && is_peak(values, size, pixel / size.width, pixel % size.width)) {
      best.add(Best{value, -1.0f, pixel});
    }
  }
  bests[thread] = best;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();  // the bests of the upper half are there
    if (thread < half) {
      bests[thread].add(bests[thread + half]);
    }
  }
  if (thread == 0) {
    const int pixel = bests[0].pixel < pixels ? bests[0].pixel : 0;
    const float step = static_cast<float>(p.shape.stride);
    const float middle = p.shape.pips != 0 ? 0.0f : 0.5f * (step - 1.0f);
    float* out = at<float>(p.out) + 4 * n;
    out[0] = static_cast<float>(pixel % size.width) * step + middle;
    out[1] = static_cast<float>(pixel / size.width) * step + middle;
    out[2] = bests[0].value;
    out[3] = bests[0].next;
  }
}

// The value at a pixel, by a warp.
template <typename T>
__device__ __forceinline__ float value_at(const PointShape& shape, const T* map,
                                          const float* vector, int y, int x) {
  const Level size = shape.level[0];
  const int side = 2 * shape.support + 1;
  float total = 0.0f;
  for (int k = 0; k < side * side; k++) {
    const int v = y + k / side - shape.support;
    const int u = x + k % side - shape.support;
    if (v < 0 || v >= size.height || u < 0 || u >= size.width) {
      continue;
    }
    const T* feature = map + (static_cast<int64_t>(v) * size.width + u) * shape.pitch;
    Product product = {0.0f, 0.0f, 0.0f};
    for (int c = lane_index(); c < shape.pitch; c += kLanes) {
      const float a = to_float(feature[c]);
      const float b = vector[k * shape.pitch + c];
      product.sum = fmaf(a, b, product.sum);
      product.square_a = fmaf(a, a, product.square_a);
      product.square_b = fmaf(b, b, product.square_b);
    }
    product.sum = warp_sum(product.sum);
    if (shape.pips != 0) {
      product.square_a = warp_sum(product.square_a);
      product.square_b = warp_sum(product.square_b);
    }
    total += product.value(shape.pips != 0);
  }
  return total / static_cast<float>(side * side);
}

template <typename T>
__device__ __forceinline__ void similarity(const MatchParams& p) {
  const CallHeader* call = at<const CallHeader>(p.call);
  const int n = static_cast<int>(blockIdx.x * (blockDim.x / kLanes)) + warp_index();
  if (n >= call->count) {
    return;
  }
  const float* xy = at<const float>(p.xy) + 2 * (call->compared * call->count + n);
  const Split columns(at_level(p.shape, xy[0], 0));
  const Split rows(at_level(p.shape, xy[1], 0));
  const Level size = p.shape.level[0];
  const T* map = level_of<T>(p.shape, call->slot[call->compared], 0);
  float sum = 0.0f;
  for (int corner = 0; corner < 4; corner++) {
    const int x = columns.whole + corner % 2;
    const int y = rows.whole + corner / 2;
    if (x >= 0 && x < size.width && y >= 0 && y < size.height) {
      const float share_x = corner % 2 == 0 ? 1.0f - columns.fraction : columns.fraction;
      const float share_y = corner / 2 == 0 ? 1.0f - rows.fraction : rows.fraction;
      sum += share_x * share_y * value_at(p.shape, map, template_of(p, n), y, x);
    }
  }
  if (lane_index() == 0) {
    at<float>(p.out)[n] = sum;
  }
}

MOTE_INSTANCES(match, kThreads, MatchParams, match)
MOTE_INSTANCES(similarity, 256, MatchParams, similarity)
