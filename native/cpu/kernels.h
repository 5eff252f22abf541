// Our own vectorised operations, one table per instruction set.
//
// Pictures and maps are channels last: (height, width, pitch) floats, where pitch is the number of
// channels rounded up to kChannelBlock; the added channels are zero. All pointers are aligned to 64
// bytes unless said otherwise. Operations spread over the OpenMP threads of the caller by
// themselves, except those that are said to work on one row or one point.
#pragma once

#include <cstdint>

namespace mote {

constexpr int kChannelBlock = 16;

inline int pitch_of(int channels) {
  return (channels + kChannelBlock - 1) / kChannelBlock * kChannelBlock;
}

// Floats from a row of a matrix to the next: an odd number of cache lines. Rows a power of two
// apart would fall into the same few sets of the caches (a third of the speed of the products of
// the published mixer).
inline int64_t row_of(int columns) { return (pitch_of(columns) / 16 | 1) * 16; }

// A normalisation that is still to be applied: y = x * scale + shift per channel, then max(y, 0) if
// relu. Without scale the values are taken as they are.
struct Affine {
  const float* scale = nullptr;
  const float* shift = nullptr;
  bool relu = false;
};

// Sums of an instance norm: per part (a fixed share of the pixels, so that the result does not
// depend on which thread came first) the sum and the sum of squares of each channel.
struct Sums {
  double* parts = nullptr;  // (count, 2, pitch)
  int count = 0;
};

// 3x3, stride 1, zero padding 1, as Winograd's F(4x4, 3x3) (Lavin and Gray, 2016).
struct WinogradConv {
  const float* in;  // (height, width, in_pitch)
  int height;
  int width;
  int in_pitch;
  int depth;  // channels that are not padding
  Affine before;
  const float* weights;  // from pack_winograd
  int out_pitch;
  float* out;        // (height, width, out_pitch)
  bool accumulate;   // add to out
  Sums* sums;        // of what is in out afterwards; null where no norm follows; count is set
  float* workspace;  // threads * winograd_workspace floats
  int64_t workspace_stride;
};

// The first convolution: 7x7, stride 2, on a picture that has its zero border of 3 pixels around
// it.
struct StemConv {
  const float* in;  // (height + 6, width + 6, 3)
  int height;
  int width;
  const float* weights;  // from pack_stem
  int out_pitch;
  float* out;  // ((height + 1) / 2, (width + 1) / 2, out_pitch)
  Sums* sums;
  float* workspace;  // threads * stem_workspace floats
  int64_t workspace_stride;
};

// One reader of StridedConvs' input.
struct StridedOutput {
  int kernel;            // 3 (zero padding 1) or 1
  const float* weights;  // from pack_strided
  int out_pitch;
  float* out;  // ((height + 1) / 2, (width + 1) / 2, out_pitch)
  Sums* sums;  // null where no norm follows; count is set
};

// Convolutions with stride 2 of one map: before(in), or relu(before(in) + plus_before(plus)) where
// plus is given.
struct StridedConvs {
  const float* in;  // (height, width, in_pitch)
  int height;
  int width;
  int in_pitch;
  int depth;  // channels that are not padding
  Affine before;
  const float* plus;
  Affine plus_before;
  const StridedOutput* outputs;
  int count;
  float* workspace;  // threads * strided_workspace floats
  int64_t workspace_stride;
};

// Linear interpolation along one axis: output i is w0[i] * in[at0[i]] + w1[i] * in[at1[i]].
struct Taps {
  const int32_t* at0;
  const int32_t* at1;
  const float* w0;
  const float* w1;
};

// Bilinear resize of a map into some channels of another.
struct MapResize {
  const float* in;  // (in_height, in_width, in_pitch)
  int in_width;
  int in_pitch;
  int channels;  // multiple of kChannelBlock
  Taps rows;
  Taps columns;
  float* out;  // first channel to write in (height, width, out_pitch)
  int height;
  int width;
  int out_pitch;
  bool accumulate;
};

// A 3x3 convolution of a bilinearly enlarged map, without enlarging it: out = or += sum over the
// nine taps of shifted resamplings of the low-resolution products in * weight[tap].
struct EnlargedConv {
  const float* in;  // (in_height, in_width, in_pitch)
  int in_height;
  int in_width;
  int in_pitch;
  int depth;
  Taps rows;  // with at1 - at0 <= 1 and never falling
  Taps columns;
  const float* weights;  // from pack_enlarged
  float* out;            // (height, width, out_pitch)
  int height;
  int width;
  int out_pitch;
  bool accumulate;
  float* workspace;  // threads * enlarged_workspace floats
  int64_t workspace_stride;
};

// A picture to floats in [-1, 1]; columns and rows have a support that grows with the reduction.
struct Filter {
  const int32_t* first;  // first source index per output
  const int32_t* count;  // weights per output
  const float* weights;  // (outputs, width of the table)
  int table_width;
};

struct PictureResize {
  const uint8_t* in;
  int64_t in_stride;  // bytes
  int in_width;
  Filter rows;
  Filter columns;
  bool scaled;  // false: sizes are equal, filters unused
  float* out;   // first pixel inside of the border
  int height;
  int width;
  int64_t out_stride;  // floats
  float* workspace;    // threads * in_width * 3 floats
};

// Correlation of one template with one level of one frame around one position.
struct Correlation {
  const float* map;  // (height, width, pitch)
  int height;
  int width;
  int pitch;
  int radius;
  float scale;
};

// Some of the (2 radius + 2)^2 positions: rows top to bottom, columns left to right, ends excluded.
struct Area {
  int top;
  int bottom;
  int left;
  int right;
};

// A linear layer: out = in * weights' + bias, then gelu, then added to what is in out.
struct Linear {
  const float* in;  // (rows, in_row), depth values each
  int rows;
  int depth;
  int64_t in_row;
  const float* weights;  // from pack_linear
  const float* bias;     // linear_bias(columns) floats, zero after the last
  int columns;
  float* out;  // (rows, out_row)
  int64_t out_row;
  bool gelu;
  bool add;
};

// One MLP-Mixer half: normalise, mix over the frames of a point, add. Weights as in the file.
struct TokenMixing {
  int points;
  int window;
  int width;   // D, multiple of 8
  int hidden;  // window * expansion
  const float* norm_weight;
  const float* norm_bias;
  const float* weight1;  // (hidden, window)
  const float* bias1;
  const float* weight2;  // (window, hidden)
  const float* bias2;
  float* x;  // (points, window, width), in place
};

struct Kernels {
  const char* name;

  int64_t (*winograd_weights)(int in_pitch, int out_pitch);
  int64_t (*winograd_workspace)(int in_pitch, int out_pitch);
  int (*winograd_parts)(int height, int width, int threads);
  // weights (out, in, 3, 3), not aligned.
  void (*pack_winograd)(const float* weights, int in, int out, float* packed);
  void (*winograd)(const WinogradConv& conv);

  int64_t (*stem_weights)(int out_pitch);
  int64_t (*stem_workspace)(int out_pitch);
  int (*stem_parts)(int height, int width);
  void (*pack_stem)(const float* weights, int out, float* packed);  // (out, 3, 7, 7)
  void (*stem)(const StemConv& conv);

  int64_t (*strided_weights)(int kernel, int depth, int out_pitch);
  int64_t (*strided_workspace)(int in_pitch);
  int (*strided_parts)(int height, int width);
  // weights (out, depth, kernel, kernel), not aligned.
  void (*pack_strided)(const float* weights, int kernel, int depth, int out, float* packed);
  void (*strided)(const StridedConvs& conv);

  int64_t (*enlarged_weights)(int in_pitch, int out_pitch);
  int64_t (*enlarged_workspace)(int in_width, int in_pitch);
  void (*pack_enlarged)(const float* weights, int in, int out, float* packed);  // (out, in, 3, 3)
  void (*enlarged)(const EnlargedConv& conv);

  void (*picture)(const PictureResize& resize);
  void (*map_resize)(const MapResize& resize);
  // 2x2 means; with ceil an odd last row or column makes an output of its own from what it has.
  void (*pool)(const float* in, int height, int width, int pitch, bool ceil, float* out);

  void (*apply)(const float* in, int64_t pixels, int pitch, Affine affine, float* out);
  // out = max(affine(x) + affine(y), 0); out may be x or y.
  void (*residual)(const float* x, Affine ax, const float* y, Affine ay, int64_t pixels, int pitch,
                   float* out);
  // out = (in + bias) / max(|in + bias|, 1e-12) per pixel, the length over all channels.
  void (*unit_length)(const float* in, const float* bias, int64_t pixels, int pitch, float* out);

  // One point: bilinear with clamped indices; out has pitch floats, not aligned.
  void (*sample)(const float* map, int height, int width, int pitch, float x, float y, float* out);

  // Dot products of one template (pitch floats) with the (2 radius + 2)^2 positions from (left,
  // top), zero outside the map, times scale.
  void (*dots)(const Correlation& level, int left, int top, const float* feature, float* out);
  // The same for a patch and the positions of an area: templates (pitch, lanes), lanes =
  // patch_lanes(patch); out (positions, lanes).
  void (*patch_dots)(const Correlation& level, int left, int top, const Area& area,
                     const float* templates, int lanes, float* out);
  int (*patch_lanes)(int patch);
  // From the dot products to (2 radius + 1)^2 interpolated values; transposed: pips' order, whose
  // first index moves x. out is dense, not aligned; the patch's has room for `lanes` floats after
  // the last position.
  void (*interpolate)(const float* dots, int radius, float fx, float fy, bool transposed,
                      float* out);
  void (*patch_interpolate)(const float* dots, int lanes, int patch, int radius, float fx, float fy,
                            float* out);

  int64_t (*linear_weights)(int depth, int columns);
  int64_t (*linear_bias)(int columns);
  void (*pack_linear)(const float* weights, int depth, int columns, float* packed);
  void (*linear)(const Linear& layer);

  // Layer norm of rows of `width` floats (multiple of 8) at the given row pitches; not aligned.
  void (*layer_norm)(const float* in, int64_t rows, int width, int64_t in_row, const float* weight,
                     const float* bias, float* out, int64_t out_row);
  void (*layer_norm_bf16)(const float* in, int64_t rows, int width, int64_t in_row,
                          const float* weight, const float* bias, uint16_t* out, int64_t out_row);
  void (*token_mixing)(const TokenMixing& mixing);
  // sin and cos of value * frequency: one row of count frequencies, interleaved or apart.
  void (*sines)(double value, const float* frequencies, int count, float* sines, float* cosines,
                int step);
};

// The tables, best last. The portable one runs everywhere.
extern const Kernels kPortableKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

}  // namespace mote
