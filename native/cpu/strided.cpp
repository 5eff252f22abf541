// 3x3 and 1x1 convolutions with stride 2 of one map, together: what enters a stage at half the
// resolution is read once for all of its readers.
//
// A strip of the input, normalised and with its zero border, is brought into the cache; there a row
// of the kernel is 3 * depth neighbouring floats, so that the products read their operand in place.
// The input may be the unfinished end of a residual block, relu(x + y): it is then never written.
#include <omp.h>

#include "gemm.h"
#include "kernels_isa.h"
#include "sums.h"

namespace mote {
namespace {

// Outputs of a strip, and the inputs that they look at.
constexpr int kStripRows = 4;
constexpr int kStripColumns = kTileRows == 14 ? 28 : 24;
constexpr int kInRows = 2 * kStripRows + 1;
constexpr int kInColumns = 2 * kStripColumns + 1;
constexpr int kProductFloats = kStripRows * kStripColumns * kTileColumns;

inline int strips_along(int length, int strip) { return (length + strip - 1) / strip; }

// Whole vectors are written: what is after the last pixel's channels needs room.
inline int64_t input_floats(int in_pitch) {
  return static_cast<int64_t>(kInRows) * kInColumns * in_pitch + kLanes;
}

struct Strip {
  int y;  // first output
  int x;
  int rows;
  int columns;
  int index;
};

// How some channels of the input become what the convolutions read.
template <bool UNFINISHED>
struct Finish {
  Vec scale, shift, plus_scale, plus_shift;

  Finish(const StridedConvs& conv, int c) {
    const bool scaled = conv.before.scale != nullptr;
    scale = scaled ? load(conv.before.scale + c) : splat(1);
    shift = scaled ? load(conv.before.shift + c) : Vec{};
    plus_scale = UNFINISHED ? load(conv.plus_before.scale + c) : Vec{};
    plus_shift = UNFINISHED ? load(conv.plus_before.shift + c) : Vec{};
  }

  Vec operator()(const StridedConvs& conv, int64_t at) const {
    Vec value = load(conv.in + at) * scale + shift;
    value = conv.before.relu ? larger(value, Vec{}) : value;
    if constexpr (UNFINISHED) {
      const Vec plus = load(conv.plus + at) * plus_scale + plus_shift;
      return larger(value + (conv.plus_before.relu ? larger(plus, Vec{}) : plus), Vec{});
    }
    return value;
  }
};

// Pixels are `depth` floats apart. What a vector writes beyond its pixel's channels is the start of
// the next pixel, which is written later: the last channels come first, pixels ascend.
template <bool UNFINISHED>
void read_strip(const StridedConvs& conv, const Strip& strip, float* local) {
  const int first = 2 * strip.x - 1;
  const int begin = most(0, -first);
  const int end = least(kInColumns, conv.width - first);
  for (int c = (conv.depth - 1) / kLanes * kLanes; c >= 0; c -= kLanes) {
    const Finish<UNFINISHED> finish(conv, c);
    for (int i = 0; i < 2 * strip.rows + 1; i++) {
      const int y = 2 * strip.y - 1 + i;
      float* to = local + static_cast<int64_t>(i) * kInColumns * conv.depth + c;
      const int64_t from = (static_cast<int64_t>(y) * conv.width + first) * conv.in_pitch + c;
      const int last = y >= 0 && y < conv.height ? end : begin;
      int j = 0;
      for (; j < begin; j++) {
        store(to + j * conv.depth, Vec{});
      }
      for (; j < last; j++) {
        store(to + j * conv.depth, finish(conv, from + static_cast<int64_t>(j) * conv.in_pitch));
      }
      for (; j < kInColumns; j++) {
        store(to + j * conv.depth, Vec{});
      }
    }
  }
}

// One panel of an output: products of the strip, then out with their sums.
void write_panel(const StridedConvs& conv, const StridedOutput& output, const Strip& strip,
                 int panel, const float* product) {
  const int out_width = (conv.width + 1) / 2;
  const int first = panel * kTileColumns;
  for (int c = 0; c < least(kTileColumns, output.out_pitch - first); c += kLanes) {
    BlockSums total = start_sums(load(product + c));
    for (int row = 0; row < strip.rows; row++) {
      float* out = output.out +
                   (static_cast<int64_t>(strip.y + row) * out_width + strip.x) * output.out_pitch +
                   first;
      const float* from = product + static_cast<int64_t>(row) * kStripColumns * kTileColumns;
      for (int x = 0; x < strip.columns; x++) {
        const Vec value = load(from + x * kTileColumns + c);
        store(out + static_cast<int64_t>(x) * output.out_pitch + c, value);
        add(total, value);
      }
    }
    if (output.sums != nullptr) {
      double* sums =
          output.sums->parts + static_cast<int64_t>(strip.index) * 2 * output.out_pitch + first + c;
      finish_sums(total, static_cast<double>(strip.rows) * strip.columns, sums,
                  sums + output.out_pitch);
    }
  }
}

void convolve_strip(const StridedConvs& conv, const Strip& strip, float* workspace) {
  float* product = workspace + input_floats(conv.in_pitch);
  if (conv.plus == nullptr) {
    read_strip<false>(conv, strip, workspace);
  } else {
    read_strip<true>(conv, strip, workspace);
  }
  const int64_t row = static_cast<int64_t>(kInColumns) * conv.depth;
  for (int o = 0; o < conv.count; o++) {
    const StridedOutput& output = conv.outputs[o];
    const bool whole = output.kernel == 3;
    const TileShape shape{whole ? 3 : 1, (whole ? 3 : 1) * conv.depth, 2L * conv.depth, row,
                          kTileColumns};
    const float* middle = workspace + (whole ? 0 : row + conv.depth);
    const int64_t panel_floats = static_cast<int64_t>(shape.segments) * shape.depth * kTileColumns;
    for (int panel = 0; panel < panels_of(output.out_pitch); panel++) {
      for (int i = 0; i < strip.rows; i++) {
        multiply(strip.columns, shape, middle + 2 * i * row, output.weights + panel * panel_floats,
                 product + static_cast<int64_t>(i) * kStripColumns * kTileColumns);
      }
      write_panel(conv, output, strip, panel, product);
    }
  }
}

}  // namespace

namespace MOTE_ISA {

int64_t strided_weights(int kernel, int depth, int out_pitch) {
  return static_cast<int64_t>(panels_of(out_pitch)) * kTileColumns * kernel * kernel * depth;
}

int64_t strided_workspace(int in_pitch) { return input_floats(in_pitch) + kProductFloats; }

int strided_parts(int height, int width) {
  return strips_along((height + 1) / 2, kStripRows) * strips_along((width + 1) / 2, kStripColumns);
}

void pack_strided(const float* weights, int kernel, int depth, int out, float* packed) {
  const int taps = kernel * kernel;
  for (int o = 0; o < out; o++) {
    float* panel = packed + static_cast<int64_t>(o / kTileColumns) * kTileColumns * taps * depth;
    for (int c = 0; c < depth; c++) {
      for (int tap = 0; tap < taps; tap++) {
        const int64_t k = static_cast<int64_t>(tap) * depth + c;
        panel[k * kTileColumns + o % kTileColumns] =
            weights[(static_cast<int64_t>(o) * depth + c) * taps + tap];
      }
    }
  }
}

void strided(const StridedConvs& conv) {
  const int out_height = (conv.height + 1) / 2;
  const int out_width = (conv.width + 1) / 2;
  const int across = strips_along(out_width, kStripColumns);
  const int strips = strided_parts(conv.height, conv.width);
  for (int o = 0; o < conv.count; o++) {
    if (conv.outputs[o].sums != nullptr) {
      conv.outputs[o].sums->count = strips;
    }
  }
#pragma omp parallel for schedule(dynamic)
  for (int index = 0; index < strips; index++) {
    const int y = index / across * kStripRows;
    const int x = index % across * kStripColumns;
    convolve_strip(
        conv, {y, x, least(kStripRows, out_height - y), least(kStripColumns, out_width - x), index},
        conv.workspace + omp_get_thread_num() * conv.workspace_stride);
  }
}

}  // namespace MOTE_ISA
}  // namespace mote
