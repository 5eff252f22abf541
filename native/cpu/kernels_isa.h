// The operations of kernels.h in the namespace of one instruction set.
#pragma once

#include "kernels.h"

namespace mote {
namespace MOTE_ISA {

int64_t winograd_weights(int in_pitch, int out_pitch);
int64_t winograd_workspace(int in_pitch, int out_pitch);
int winograd_parts(int height, int width, int threads);
void pack_winograd(const float* weights, int in, int out, float* packed);
void winograd(const WinogradConv& conv);

int64_t stem_weights(int out_pitch);
int64_t stem_workspace(int out_pitch);
int stem_parts(int height, int width);
void pack_stem(const float* weights, int out, float* packed);
void stem(const StemConv& conv);

int64_t strided_weights(int kernel, int depth, int out_pitch);
int64_t strided_workspace(int in_pitch);
int strided_parts(int height, int width);
void pack_strided(const float* weights, int kernel, int depth, int out, float* packed);
void strided(const StridedConvs& conv);

int64_t enlarged_weights(int in_pitch, int out_pitch);
int64_t enlarged_workspace(int in_width, int in_pitch);
void pack_enlarged(const float* weights, int in, int out, float* packed);
void enlarged(const EnlargedConv& conv);

void picture(const PictureResize& resize);
void map_resize(const MapResize& resize);
void pool(const float* in, int height, int width, int pitch, bool ceil, float* out);

void apply(const float* in, int64_t pixels, int pitch, Affine affine, float* out);
void residual(const float* x, Affine ax, const float* y, Affine ay, int64_t pixels, int pitch,
              float* out);
void unit_length(const float* in, const float* bias, int64_t pixels, int pitch, float* out);

void sample(const float* map, int height, int width, int pitch, float x, float y, float* out);
void dots(const Correlation& level, int left, int top, const float* feature, float* out);
void patch_dots(const Correlation& level, int left, int top, const Area& area,
                const float* templates, int lanes, float* out);
int patch_lanes(int patch);
void interpolate(const float* dots, int radius, float fx, float fy, bool transposed, float* out);
void patch_interpolate(const float* dots, int lanes, int patch, int radius, float fx, float fy,
                       float* out);

int64_t linear_weights(int depth, int columns);
int64_t linear_bias(int columns);
void pack_linear(const float* weights, int depth, int columns, float* packed);
void linear(const Linear& layer);

void layer_norm(const float* in, int64_t rows, int width, int64_t in_row, const float* weight,
                const float* bias, float* out, int64_t out_row);
void layer_norm_bf16(const float* in, int64_t rows, int width, int64_t in_row, const float* weight,
                     const float* bias, uint16_t* out, int64_t out_row);
void token_mixing(const TokenMixing& mixing);
void sines(double value, const float* frequencies, int count, float* sines, float* cosines,
           int step);

}  // namespace MOTE_ISA
}  // namespace mote
