// The one parameter struct of each kernel, by value. Fixed-width integers, floats and 64-bit device
// pointers, larger members first; java/cuda mirrors them and a test compares sizes and offsets.
//
// "pitch" is a count of channels as stored: rounded up to 16, the rest zeros. Points are rows
// n = 0 .. count - 1 of a call; a row of the mixer is (n, s), n * 8 + s.
#pragma once

#include "types.h"

// A feature plane as source.cuh reads it; 0 where something is absent.
struct Source {
  uint64_t values;         // (height, width, channels)
  uint64_t norm;           // (channels) float2: scale, shift
  uint64_t shortcut;       // as values
  uint64_t shortcut_norm;  // as norm
  int32_t height;
  int32_t width;
  int32_t channels;  // pitch
  int32_t unused;
};

struct StemParams {
  uint64_t picture;      // (source_height, source_width, 3) uint8
  uint64_t row_taps;     // (height) int2: first source row, count; 0: unscaled
  uint64_t row_weights;  // (height, taps_pitch) float
  uint64_t column_taps;  // as row_taps
  uint64_t column_weights;
  uint64_t weights;  // packed, inputs (7 rows, 8 pixels, 4 colours)
  uint64_t bias;     // (out_channels) float
  uint64_t out;      // (out_height, out_width, out_channels)
  uint64_t partial;  // (tiles, 2, out_channels) float
  int32_t source_width;
  int32_t height;
  int32_t width;
  int32_t row_taps_pitch;
  int32_t column_taps_pitch;
  int32_t out_height;
  int32_t out_width;
  int32_t out_channels;  // pitch
  int32_t tiles_x;
  int32_t unused;
};

struct ConvParams {
  Source in;
  uint64_t joined;   // as in.values: gets what was read; 0: not kept
  uint64_t weights;  // packed, inputs (chunk of 16 channels, kernel row, kernel column, channel)
  uint64_t bias;     // (out_channels) float
  uint64_t out;      // (out_height, out_width, out_channels)
  uint64_t partial;  // (tiles, 2, out_channels) float; 0: no norm follows
  int32_t out_height;
  int32_t out_width;
  int32_t out_channels;  // pitch
  int32_t kernel;        // 1 or 3
  int32_t stride;        // 1 or 2
  int32_t tiles_x;
};

struct StatisticsParams {
  uint64_t partial;  // (tiles, 2, channels) float: sums, sums of squares
  uint64_t norm;     // (channels) float2 out: scale, shift
  int32_t tiles;
  int32_t channels;
  int32_t pixels;
  int32_t unused;
};

struct ResizeParams {
  Source in[4];
  uint64_t out;      // (height, width, channels)
  uint64_t partial;  // sum only: (blocks, 2, channels) float
  int32_t height;
  int32_t width;
  int32_t channels;
  int32_t unused;
};

struct PyramidParams {
  uint64_t call;      // int32: slot (see CallHeader)
  uint64_t in;        // normalise: (height, width, channels) of the encoder
  uint64_t ring;      // feature maps
  int64_t slot_size;  // elements from a slot to the next
  int64_t from;       // elements: the level that is read (pyramid)
  int64_t to;         // elements: the level that is written
  int32_t height;     // of the level that is read
  int32_t width;
  int32_t channels;
  int32_t unit;     // normalise: 1 to scale to unit length
  int32_t partial;  // pyramid: 1 to average an odd last row or column alone, 0 to drop it
  int32_t unused;
};

// What a call says, at the head of its buffer in device memory; arrays follow where the kernels'
// parameters say.
struct CallHeader {
  int64_t slot_version[8];  // refine: the encoding that wrote each frame's slot
  int32_t slot[8];          // refine: of each frame; encode, sample: slot[0]
  int32_t place[8];         // refine: where each frame keeps its dot products; -1: nowhere
  int32_t count;
  float settle;      // working pixels: a point that moved less is done; 0: none is
  int32_t first;     // match: the first point of this launch
  int32_t compared;  // refine: the frame at whose estimates similarity looks; similarity: 0
};

// A level of the feature pyramid.
struct Level {
  int64_t offset;  // elements, in a slot
  int32_t height;
  int32_t width;
};

// Geometry of points, the same for all their operations.
struct PointShape {
  Level level[6];
  uint64_t ring;
  int64_t slot_size;  // elements
  int32_t levels;
  int32_t features;  // C
  int32_t pitch;     // of C
  int32_t radius;
  int32_t support;
  int32_t pips;  // 1: pips, 0: mote
  int32_t stride;
  float scale;  // of the dot products
};

struct SampleParams {
  PointShape shape;
  uint64_t call;
  uint64_t ids;        // (count) int32: templates
  uint64_t xy;         // (count, 2) float, working pixels
  uint64_t templates;  // (points, levels (pips: 1), patch, pitch) float
};

struct StartParams {
  uint64_t call;
  uint64_t ids;
  uint64_t first;  // (S, count, 2) float: the first estimate
  uint64_t templates;
  uint64_t xy;      // (N, S, 2) float out
  uint64_t state;   // (N, S, state_pitch) float out
  uint64_t active;  // (N) int32 out: 1
  uint64_t taken;   // (N) int32 out: 0
  int32_t pips;
  int32_t state_pitch;
};

struct CorrelateParams {
  PointShape shape;
  uint64_t call;
  uint64_t ids;
  uint64_t template_version;  // (N) int64: of each point's template
  uint64_t active;
  uint64_t templates;
  uint64_t xy;
  uint64_t state;
  uint64_t kept_keys;  // (kept_templates, 8, levels) KeptKey
  uint64_t kept_dots;  // (kept_templates, 8, levels, patch, (2 radius + 2)^2) float
  uint64_t out;        // (N, S, row_pitch) operands
  int32_t row_pitch;
  int32_t level_pitch;  // elements from a level to the next in a row
  int32_t first;        // column of the first level
  int32_t state_pitch;
  int32_t kept_templates;  // dot products of the templates below are kept
  int32_t unused;
};

// What kept dot products belong to.
struct KeptKey {
  int64_t template_version;
  int64_t slot_version;
  int32_t left;  // the first integer position
  int32_t top;
};

struct CorrelationLinearParams {
  uint64_t call;
  uint64_t active;
  uint64_t in;       // (N, S, row_pitch) operands; level l from l * level_pitch on
  uint64_t weights;  // (levels) packed
  uint64_t bias;     // (levels, outputs) float
  uint64_t out;      // (N, S, out_pitch) operands: column l * outputs
  int32_t row_pitch;
  int32_t level_pitch;
  int32_t outputs;
  int32_t groups;  // of 16 outputs
  int32_t out_pitch;
  int32_t unused;
};

struct EmbedParams {
  uint64_t call;
  uint64_t ids;
  uint64_t active;
  uint64_t templates;
  uint64_t xy;
  uint64_t state;
  uint64_t out;  // (N, S, out_pitch) operands: all columns that no correlation fills
  int32_t pips;
  int32_t stride;
  int32_t features;
  int32_t pitch;
  int32_t template_size;  // floats of a template
  int32_t centre;         // floats before the template's centre
  int32_t state_pitch;
  int32_t frequencies;
  int32_t correlations;  // columns that correlation fills
  int32_t inputs;
  int32_t out_pitch;
  int32_t unused;
};

// One block of the mixer; packed weights, float biases.
struct MixerBlock {
  uint64_t norm1_weight, norm1_bias;    // (width)
  uint64_t token1_weight, token1_bias;  // (tokens, 8), (tokens) float
  uint64_t token2_weight, token2_bias;  // (8, tokens), (8) float
  uint64_t norm2_weight, norm2_bias;
  uint64_t channel1_weight, channel1_bias;  // (hidden, width)
  uint64_t channel2_weight, channel2_bias;  // (width, hidden)
};

struct MixerParams {
  uint64_t call;
  uint64_t active;  // 0: all points are
  uint64_t in;      // (N, S, in_pitch) operands
  uint64_t input_weight, input_bias;
  uint64_t frame_bias;  // (S, width) float; 0: none
  uint64_t blocks;      // (depth) MixerBlock
  uint64_t norm_weight, norm_bias;
  uint64_t head_weight, head_bias;
  uint64_t out;  // float: pips (N, outputs), mote (N, S, outputs)
  int32_t in_pitch;
  int32_t width;
  int32_t pitch;  // of width
  int32_t depth;
  int32_t tokens;
  int32_t hidden;        // rounded up to 16
  int32_t hidden_chunk;  // columns kept on chip at once, a multiple of 16
  int32_t outputs;
  int32_t mean;  // 1: the head reads the mean over the frames
  int32_t unused;
};

// The unfused mixer's own kernels; its products are cuBLAS's.
struct BiasRowsParams {
  uint64_t bias;        // (columns) float
  uint64_t frame_bias;  // (8, columns) float; 0: none
  uint64_t out;         // (rows, pitch) float
  int32_t rows;
  int32_t columns;
  int32_t pitch;
  int32_t unused;
};

struct LayerNormParams {
  uint64_t x;     // (rows, pitch) float: in, and out where there is a bias
  uint64_t bias;  // added to x first: (width) or, by frame, (8) float; 0: none
  uint64_t weight;
  uint64_t shift;  // (width) float, as weight
  uint64_t out;    // operands: layer_norm (rows, pitch), layer_norm_mean (rows / 8, pitch)
  int32_t rows;
  int32_t width;
  int32_t pitch;
  int32_t by_frame;
};

struct BiasGeluParams {
  uint64_t values;  // (rows, pitch) operands
  uint64_t bias;    // (pitch) or (period) float
  int32_t rows;
  int32_t pitch;
  int32_t period;  // rows after which biases repeat; 0: a bias a column
  int32_t unused;
};

// A tensor map as the driver encodes it.
struct alignas(64) TensorMap {
  uint64_t words[16];
};

// The Hopper form. Weights as its clusters read them: for each of 4 slices of the hidden layer its
// stages one after the other, 2 N rows of 64 inputs each, zeros where the model has no such weight.
// A stage of the input layer and of channel2 is 2 N outputs of 64 inputs (N 128: two stages make
// the width), one of channel1 and of the head N / 64 times 128 outputs of 64 inputs.
struct HopperMixerParams {
  TensorMap weights;    // (4 slice_rows, 64) operands, boxes of N rows with the 128-byte swizzle
  MixerParams mixer;    // of its weights only norms, biases and token mixing
  int32_t slice_rows;   // of a slice
  int32_t input_tiles;  // of 64 inputs, a slice of the input layer
  int32_t width_tiles;  // of 64 inputs, all of the width; a multiple of N / 64
  int32_t chunks;       // of 128 hidden columns, a slice
  int32_t head_chunks;  // of 128 outputs, a slice
  int32_t unused;
};

struct UpdateParams {
  uint64_t call;
  uint64_t active;
  uint64_t taken;   // (N) int32: iterations
  uint64_t locked;  // (N) int32; mote
  uint64_t delta;   // the mixer's output
  uint64_t xy;
  uint64_t state;
  int32_t pips;
  int32_t state_pitch;
  int32_t features;
  float step;  // working pixels per unit of the head's output
};

struct UpdateFeaturesParams {
  uint64_t call;
  uint64_t active;
  uint64_t delta;
  uint64_t norm_weight, norm_bias;
  uint64_t weight, bias;  // packed (features, features)
  uint64_t state;
  int32_t features;
  int32_t pitch;
};

struct VisibilityParams {
  uint64_t call;
  uint64_t taken;
  uint64_t xy;
  uint64_t state;
  uint64_t weight, bias;  // (features), (1) float; pips
  uint64_t out;  // float: xy (S, count, 2), visibility, confidence (S, count); int32: taken
  int32_t pips;
  int32_t state_pitch;
  int32_t features;
  int32_t unused;
};

struct MatchParams {
  PointShape shape;
  uint64_t call;
  uint64_t ids;
  uint64_t xy;  // similarity: (compared + 1, count, 2) float, working pixels
  uint64_t templates;
  uint64_t values;  // (points of a launch, height, width) float: similarities of the finest level
  uint64_t out;     // float: peaks (count, 4): x, y, similarity, the next best; similarity (count)
};

struct ReadParams {
  uint64_t in;   // (vectors) uint4
  uint64_t out;  // uint32
  int64_t vectors;
  int32_t repeats;
  int32_t unused;
};

struct PeakParams {
  uint64_t out;  // (threads) float
  int32_t rounds;
  float factor;  // small enough that nothing overflows
};
