// Resampling: pictures to floats, maps to maps, pyramids.
#include <omp.h>

#include "kernels_isa.h"
#include "vec.h"

namespace mote {
namespace {

// A weighted sum of source rows, as floats: (in_width * 3).
void reduce_rows(const PictureResize& resize, int y, float* row) {
  const int values = 3 * resize.in_width;
  const int first = resize.rows.first[y];
  const float* weights = resize.rows.weights + static_cast<int64_t>(y) * resize.rows.table_width;
  for (int i = 0; i < values; i++) {
    row[i] = 0;
  }
  for (int k = 0; k < resize.rows.count[y]; k++) {
    const uint8_t* from = resize.in + (first + k) * resize.in_stride;
    const float weight = weights[k];
    for (int i = 0; i < values; i++) {
      row[i] += weight * static_cast<float>(from[i]);
    }
  }
}

void reduce_columns(const PictureResize& resize, const float* row, float* out) {
  for (int x = 0; x < resize.width; x++) {
    const float* from = row + 3 * resize.columns.first[x];
    const float* weights =
        resize.columns.weights + static_cast<int64_t>(x) * resize.columns.table_width;
    float sum[3] = {0, 0, 0};
    for (int k = 0; k < resize.columns.count[x]; k++) {
      sum[0] += weights[k] * from[3 * k];
      sum[1] += weights[k] * from[3 * k + 1];
      sum[2] += weights[k] * from[3 * k + 2];
    }
    for (int channel = 0; channel < 3; channel++) {
      out[3 * x + channel] = 2 * (sum[channel] / 255) - 1;
    }
  }
}

template <bool ACCUMULATE>
void resize_row(const MapResize& resize, int y) {
  const int64_t in_row = static_cast<int64_t>(resize.in_width) * resize.in_pitch;
  const float* top = resize.in + resize.rows.at0[y] * in_row;
  const float* bottom = resize.in + resize.rows.at1[y] * in_row;
  for (int x = 0; x < resize.width; x++) {
    const int64_t left = static_cast<int64_t>(resize.columns.at0[x]) * resize.in_pitch;
    const int64_t right = static_cast<int64_t>(resize.columns.at1[x]) * resize.in_pitch;
    const float w00 = resize.rows.w0[y] * resize.columns.w0[x];
    const float w01 = resize.rows.w0[y] * resize.columns.w1[x];
    const float w10 = resize.rows.w1[y] * resize.columns.w0[x];
    const float w11 = resize.rows.w1[y] * resize.columns.w1[x];
    float* out = resize.out + (static_cast<int64_t>(y) * resize.width + x) * resize.out_pitch;
    for (int c = 0; c < resize.channels; c += kLanes) {
      Vec value = w00 * load(top + left + c) + w01 * load(top + right + c) +
                  w10 * load(bottom + left + c) + w11 * load(bottom + right + c);
      if constexpr (ACCUMULATE) {
        value += load(out + c);
      }
      store(out + c, value);
    }
  }
}

}  // namespace

namespace MOTE_ISA {

void picture(const PictureResize& resize) {
#pragma omp parallel for schedule(dynamic, 4)
  for (int y = 0; y < resize.height; y++) {
    float* out = resize.out + y * resize.out_stride;
    if (!resize.scaled) {
      const uint8_t* from = resize.in + y * resize.in_stride;
      for (int i = 0; i < 3 * resize.width; i++) {
        out[i] = 2 * (static_cast<float>(from[i]) / 255) - 1;
      }
      continue;
    }
    float* row =
        resize.workspace + static_cast<int64_t>(omp_get_thread_num()) * 3 * resize.in_width;
    reduce_rows(resize, y, row);
    reduce_columns(resize, row, out);
  }
}

void map_resize(const MapResize& resize) {
#pragma omp parallel for schedule(dynamic, 4)
  for (int y = 0; y < resize.height; y++) {
    if (resize.accumulate) {
      resize_row<true>(resize, y);
    } else {
      resize_row<false>(resize, y);
    }
  }
}

void pool(const float* in, int height, int width, int pitch, bool ceil, float* out) {
  const int rows = ceil ? (height + 1) / 2 : height / 2;
  const int columns = ceil ? (width + 1) / 2 : width / 2;
#pragma omp parallel for schedule(dynamic, 4)
  for (int y = 0; y < rows; y++) {
    for (int x = 0; x < columns; x++) {
      const int down = 2 * y + 1 < height ? 1 : 0;
      const int right = 2 * x + 1 < width ? 1 : 0;
      const float* from = in + (static_cast<int64_t>(2 * y) * width + 2 * x) * pitch;
      const int64_t to_right = right * pitch;
      const int64_t to_down = static_cast<int64_t>(down) * width * pitch;
      // A missing neighbour is the pixel itself: the mean of what is there.
      float* to = out + (static_cast<int64_t>(y) * columns + x) * pitch;
      for (int c = 0; c < pitch; c += kLanes) {
        const Vec sum = (load(from + c) + load(from + to_right + c)) +
                        (load(from + to_down + c) + load(from + to_down + to_right + c));
        store(to + c, sum * 0.25F);
      }
    }
  }
}

}  // namespace MOTE_ISA
}  // namespace mote
