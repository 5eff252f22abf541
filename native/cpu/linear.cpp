// Linear layers in float32 on our own register tile: bias, GELU and sum are applied to a tile while
// it is in the first cache.
#include "gelu.h"
#include "gemm.h"
#include "kernels_isa.h"

namespace mote {
namespace {

// Rows of one task: few enough to share out, many enough that a panel of weights is used often.
constexpr int kTaskRows = 8 * kTileRows;

inline void put(const Linear& layer, Vec sum, int row, int column) {
  Vec value = sum + load(layer.bias + column);
  if (layer.gelu) {
    value = gelu(value);
  }
  float* out = layer.out + row * layer.out_row + column;
  if (column + kLanes <= layer.columns) {
    store(out, layer.add ? value + load(out) : value);
    return;
  }
  for (int i = 0; i < layer.columns - column; i++) {
    out[i] = layer.add ? value[i] + out[i] : value[i];
  }
}

void multiply_panel(const Linear& layer, int panel, int first, int last) {
  alignas(64) float product[kTileRows * kTileColumns];
  const TileShape shape{1, layer.depth, layer.in_row, 0, kTileColumns};
  const float* weights = layer.weights + static_cast<int64_t>(panel) * layer.depth * kTileColumns;
  for (int row = first; row < last; row += kTileRows) {
    const int rows = least(kTileRows, last - row);
    multiply(rows, shape, layer.in + row * layer.in_row, weights, product);
    for (int m = 0; m < rows; m++) {
      for (int half = 0; half < 2; half++) {
        const int column = panel * kTileColumns + half * kLanes;
        if (column < layer.columns) {
          put(layer, load(product + m * kTileColumns + half * kLanes), row + m, column);
        }
      }
    }
  }
}

}  // namespace

namespace MOTE_ISA {

int64_t linear_weights(int depth, int columns) {
  return static_cast<int64_t>(panels_of(columns)) * kTileColumns * depth;
}

int64_t linear_bias(int columns) { return panels_of(columns) * kTileColumns; }

void pack_linear(const float* weights, int depth, int columns, float* packed) {
#pragma omp parallel for
  for (int panel = 0; panel < panels_of(columns); panel++) {
    float* to = packed + static_cast<int64_t>(panel) * kTileColumns * depth;
    const int count = least(kTileColumns, columns - panel * kTileColumns);
    for (int n = 0; n < count; n++) {
      const float* from = weights + (static_cast<int64_t>(panel) * kTileColumns + n) * depth;
      for (int k = 0; k < depth; k++) {
        to[static_cast<int64_t>(k) * kTileColumns + n] = from[k];
      }
    }
  }
}

void linear(const Linear& layer) {
  const int panels = panels_of(layer.columns);
  const int groups = (layer.rows + kTaskRows - 1) / kTaskRows;
#pragma omp parallel for schedule(dynamic)
  for (int task = 0; task < panels * groups; task++) {
    const int first = task % groups * kTaskRows;
    multiply_panel(layer, task / groups, first, least(first + kTaskRows, layer.rows));
  }
}

}  // namespace MOTE_ISA
}  // namespace mote
