// Correlation of templates with the neighbourhood of each trajectory's estimate, on demand:
//   out[n, s, l, p, (j, i)] = scale * <template[n, l, p], map[s, l](x + i - r, y + j - r)>,
//   bilinear, zero outside
// with dot products at the (2 r + 2)^2 integer positions first, then the interpolation, which
// commutes with them. pips correlates the point's state in that frame, and entry (i, j) looks at (x
// + i - r, y + j - r): the published neighbourhood is the transpose of the usual one.
//
// mote's templates never change: dot products are kept per (template, frame's place, level) and
// taken again while the key (version of template and of the slot's encoding, integer position) is
// the same, between iterations and between windows.
//
// Layout: maps (slot, level, y, x, pitch) operands; out rows (n, s) of operands, level l from
// column first + l level_pitch on, (patch pixel, position). A warp per point, frame and level, 4 a
// block of 128. A lane computes whole dot products, the template's vectors are broadcast. Dynamic
// shared memory: the dot products, 4 * patch * (2 r + 2)^2 floats, 9.2 KB for mote-s. Operations: 2
// C patch (2 r + 2)^2 a warp; bytes: (2 r + 2)^2 C operands of a map (L2), or patch (2 r + 2)^2
// floats where kept; out.
#include "points.cuh"

constexpr int kWarps = 4;
constexpr int kChunk = 9;  // template pixels at once

// One warp's task.
struct Task {
  int n, s, level;
  int left, top;  // the first integer position
  float fx, fy;

  __device__ __forceinline__ bool keeps(const KeptKey& key, int64_t template_version,
                                        int64_t slot_version) const {
    return key.template_version == template_version && key.slot_version == slot_version &&
           key.left == left && key.top == top;
  }
};

// Dot products of kPixels template pixels at this lane's positions.
template <typename T, int kPixels>
__device__ __forceinline__ void multiply(const PointShape& shape, const Task& task, const T* map,
                                         const float* pixels, int count, float* dots) {
  const int side = 2 * shape.radius + 2;
  const Level size = shape.level[task.level];
  for (int position = lane_index(); position < side * side; position += kLanes) {
    const int y = task.top + position / side;
    const int x = task.left + position % side;
    float sums[kPixels] = {};
    if (y >= 0 && y < size.height && x >= 0 && x < size.width) {
      const T* feature = map + (static_cast<int64_t>(y) * size.width + x) * shape.pitch;
#pragma unroll 1
      for (int c = 0; c < shape.pitch; c += kVector<T>) {
        float v[kVector<T>];
        load_vector(feature + c, v);
#pragma unroll
        for (int i = 0; i < kPixels; i++) {
          if (i < count) {
#pragma unroll
            for (int k = 0; k < kVector<T>; k += 4) {
              const float4 t =
                  __ldg(reinterpret_cast<const float4*>(pixels + i * shape.pitch + c + k));
              sums[i] = fmaf(v[k], t.x, sums[i]);
              sums[i] = fmaf(v[k + 1], t.y, sums[i]);
              sums[i] = fmaf(v[k + 2], t.z, sums[i]);
              sums[i] = fmaf(v[k + 3], t.w, sums[i]);
            }
          }
        }
      }
    }
#pragma unroll
    for (int i = 0; i < kPixels; i++) {
      if (i < count) {
        dots[i * side * side + position] = sums[i] * shape.scale;
      }
    }
  }
}

template <typename T>
__device__ __forceinline__ void compute_dots(const CorrelateParams& p, const Task& task, int id,
                                             int slot, float* dots) {
  const PointShape& shape = p.shape;
  const T* map = level_of<T>(shape, slot, task.level);
  if (shape.pips != 0) {
    const float* state =
        at<const float>(p.state) + static_cast<int64_t>(task.n * kWindow + task.s) * p.state_pitch;
    multiply<T, 1>(shape, task, map, state, 1, dots);
    return;
  }
  const int patch = patch_size(shape);
  const int side = 2 * shape.radius + 2;
  const float* pixels = at<const float>(p.templates) + id * template_size(shape) +
                        static_cast<int64_t>(task.level) * patch * shape.pitch;
  for (int first = 0; first < patch; first += kChunk) {
    multiply<T, kChunk>(shape, task, map, pixels + first * shape.pitch, patch - first,
                        dots + first * side * side);
  }
}

// Fills dots, from what is kept where that is the same.
template <typename T>
__device__ __forceinline__ void find_dots(const CorrelateParams& p, const CallHeader* call,
                                          const Task& task, float* dots) {
  const int id = at<const int32_t>(p.ids)[task.n];
  const int place = call->place[task.s];
  if (place < 0 || id >= p.kept_templates) {
    compute_dots<T>(p, task, id, call->slot[task.s], dots);
    __syncwarp();  // the dots are whole
    return;
  }
  const int side = 2 * p.shape.radius + 2;
  const int size = patch_size(p.shape) * side * side;
  const int64_t index = (static_cast<int64_t>(id) * kWindow + place) * p.shape.levels + task.level;
  KeptKey* key = at<KeptKey>(p.kept_keys) + index;
  float* kept = at<float>(p.kept_dots) + index * size;
  const int64_t template_version = at<const int64_t>(p.template_version)[task.n];
  const int64_t slot_version = call->slot_version[task.s];
  const bool same = task.keeps(*key, template_version, slot_version);
  if (same) {
    for (int i = lane_index(); i < size; i += kLanes) {
      dots[i] = kept[i];
    }
  } else {
    compute_dots<T>(p, task, id, call->slot[task.s], dots);
  }
  __syncwarp();  // the dots are whole, and all lanes have read the key
  if (!same) {
    for (int i = lane_index(); i < size; i += kLanes) {
      kept[i] = dots[i];
    }
    if (lane_index() == 0) {
      *key = KeptKey{template_version, slot_version, task.left, task.top};
    }
  }
}

template <typename T>
__device__ __forceinline__ void correlate(const CorrelateParams& p) {
  MOTE_DYNAMIC_SHARED(float, shared);
  const PointShape& shape = p.shape;
  const CallHeader* call = at<const CallHeader>(p.call);
  const int index = static_cast<int>(blockIdx.x) * kWarps + warp_index();
  Task task;
  task.level = index % shape.levels;
  task.s = index / shape.levels % kWindow;
  task.n = index / shape.levels / kWindow;
  if (task.n >= call->count || at<const int32_t>(p.active)[task.n] == 0) {
    return;
  }
  const float* xy = at<const float>(p.xy) + 2 * (task.n * kWindow + task.s);
  const Split columns(at_level(shape, xy[0], task.level));
  const Split rows(at_level(shape, xy[1], task.level));
  task.left = columns.whole - shape.radius;
  task.top = rows.whole - shape.radius;
  task.fx = columns.fraction;
  task.fy = rows.fraction;
  const int side = 2 * shape.radius + 2;
  const int patch = patch_size(shape);
  float* dots = shared + warp_index() * patch * side * side;
  find_dots<T>(p, call, task, dots);
  const int across = side - 1;
  T* out = at<T>(p.out) + static_cast<int64_t>(task.n * kWindow + task.s) * p.row_pitch + p.first +
           task.level * p.level_pitch;
  for (int i = lane_index(); i < patch * across * across; i += kLanes) {
    const int position = i % (across * across);
    const int x = shape.pips != 0 ? position / across : position % across;
    const int y = shape.pips != 0 ? position % across : position / across;
    const float* d = dots + i / (across * across) * side * side + y * side + x;
    const float upper = (1.0f - task.fx) * d[0] + task.fx * d[1];
    const float lower = (1.0f - task.fx) * d[side] + task.fx * d[side + 1];
    store_one(out + i, (1.0f - task.fy) * upper + task.fy * lower);
  }
}

MOTE_INSTANCES(correlate, kWarps* kLanes, CorrelateParams, correlate)
