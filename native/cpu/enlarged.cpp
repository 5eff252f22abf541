// A 3x3 convolution of a bilinearly enlarged map, computed at the low resolution: resampling and
// the product with a tap's weights commute, so the nine products are taken at the few
// low-resolution pixels and their shifted resamplings are added up, first along y, then along x.
#include <omp.h>

#include "gemm.h"
#include "kernels_isa.h"

namespace mote {
namespace {

// Output channels done together: the ring of product rows then stays in the cache.
constexpr int kChunk = 2 * kTileColumns;
constexpr int kRing = 4;
constexpr int kPairs = 9;

inline int chunks_of(int out_pitch) { return (out_pitch + kChunk - 1) / kChunk; }

// Products of one low-resolution row with all taps of one chunk: (in_width, 9, kChunk).
void multiply_row(const EnlargedConv& conv, int chunk, int row, float* products) {
  const TileShape shape{1, conv.depth, conv.in_pitch, 0, kPairs * kChunk};
  const float* a = conv.in + static_cast<int64_t>(row) * conv.in_width * conv.in_pitch;
  const int64_t panel = static_cast<int64_t>(conv.in_pitch) * kTileColumns;
  const float* b = conv.weights + chunk * kPairs * (kChunk / kTileColumns) * panel;
  for (int n = 0; n < kPairs * kChunk / kTileColumns; n++) {
    multiply(conv.in_width, shape, a, b + n * panel, products + n * kTileColumns);
  }
}

// columns (in_width, 3, kChunk) = sum over the three tap rows of the products resampled along y.
void resample_rows(const EnlargedConv& conv, int y, const float* ring, float* columns) {
  const int64_t row_size = static_cast<int64_t>(conv.in_width) * kPairs * kChunk;
  const float* from[6];
  float weight[6];
  for (int tap = 0; tap < 3; tap++) {
    const int q = y + tap - 1;
    const bool inside = q >= 0 && q < conv.height;
    const int at = inside ? q : y;
    from[2 * tap] = ring + conv.rows.at0[at] % kRing * row_size + tap * 3 * kChunk;
    from[2 * tap + 1] = ring + conv.rows.at1[at] % kRing * row_size + tap * 3 * kChunk;
    weight[2 * tap] = inside ? conv.rows.w0[at] : 0;
    weight[2 * tap + 1] = inside ? conv.rows.w1[at] : 0;
  }
  for (int x = 0; x < conv.in_width; x++) {
    const int64_t pixel = static_cast<int64_t>(x) * kPairs * kChunk;
    for (int c = 0; c < 3 * kChunk; c += kLanes) {
      Vec sum = Vec{};
#pragma GCC unroll 6
      for (int i = 0; i < 6; i++) {
        sum += weight[i] * load(from[i] + pixel + c);
      }
      store(columns + static_cast<int64_t>(x) * 3 * kChunk + c, sum);
    }
  }
}

template <bool ACCUMULATE>
void resample_columns(const EnlargedConv& conv, int chunk, int y, const float* columns) {
  const int first = chunk * kChunk;
  const int channels = least(kChunk, conv.out_pitch - first);
  for (int x = 0; x < conv.width; x++) {
    const float* from[6];
    float weight[6];
    for (int tap = 0; tap < 3; tap++) {
      const int q = x + tap - 1;
      const bool inside = q >= 0 && q < conv.width;
      const int at = inside ? q : x;
      from[2 * tap] = columns + (static_cast<int64_t>(conv.columns.at0[at]) * 3 + tap) * kChunk;
      from[2 * tap + 1] = columns + (static_cast<int64_t>(conv.columns.at1[at]) * 3 + tap) * kChunk;
      weight[2 * tap] = inside ? conv.columns.w0[at] : 0;
      weight[2 * tap + 1] = inside ? conv.columns.w1[at] : 0;
    }
    float* out = conv.out + (static_cast<int64_t>(y) * conv.width + x) * conv.out_pitch + first;
    for (int c = 0; c < channels; c += kLanes) {
      Vec sum = ACCUMULATE ? load(out + c) : Vec{};
#pragma GCC unroll 6
      for (int i = 0; i < 6; i++) {
        sum += weight[i] * load(from[i] + c);
      }
      store(out + c, sum);
    }
  }
}

void convolve_band(const EnlargedConv& conv, int chunk, int first, int last, float* workspace) {
  const int64_t row_size = static_cast<int64_t>(conv.in_width) * kPairs * kChunk;
  float* columns = workspace + kRing * row_size;
  int ready = conv.rows.at0[most(first - 1, 0)];  // low rows below this one are in the ring
  for (int y = first; y < last; y++) {
    const int needed = conv.rows.at1[least(y + 1, conv.height - 1)];
    for (; ready <= needed; ready++) {
      multiply_row(conv, chunk, ready, workspace + ready % kRing * row_size);
    }
    resample_rows(conv, y, workspace, columns);
    if (conv.accumulate) {
      resample_columns<true>(conv, chunk, y, columns);
    } else {
      resample_columns<false>(conv, chunk, y, columns);
    }
  }
}

}  // namespace

namespace MOTE_ISA {

int64_t enlarged_weights(int in_pitch, int out_pitch) {
  return static_cast<int64_t>(chunks_of(out_pitch)) * kPairs * kChunk * in_pitch;
}

int64_t enlarged_workspace(int in_width, int) {
  return static_cast<int64_t>(in_width) * kChunk * (kRing * kPairs + 3);
}

void pack_enlarged(const float* weights, int in, int out, float* packed) {
  const int in_pitch = pitch_of(in);
  for (int o = 0; o < out; o++) {
    for (int k = 0; k < in; k++) {
      for (int tap = 0; tap < kPairs; tap++) {
        const int64_t column =
            (static_cast<int64_t>(o / kChunk) * kPairs + tap) * kChunk + o % kChunk;
        packed[(column / kTileColumns * in_pitch + k) * kTileColumns + column % kTileColumns] =
            weights[(static_cast<int64_t>(o) * in + k) * 9 + tap];
      }
    }
  }
}

void enlarged(const EnlargedConv& conv) {
  const int chunks = chunks_of(conv.out_pitch);
  // Bands long enough that the rows which two bands share cost little.
  const int bands = most(1, least(conv.height / 16, 4 * omp_get_max_threads() / chunks));
#pragma omp parallel for schedule(dynamic)
  for (int item = 0; item < chunks * bands; item++) {
    const int band = item / chunks;
    convolve_band(conv, item % chunks, conv.height * band / bands, conv.height * (band + 1) / bands,
                  conv.workspace + omp_get_thread_num() * conv.workspace_stride);
  }
}

}  // namespace MOTE_ISA
}  // namespace mote
