/*
 * mote.h - the C ABI of Mote's CPU engine (libmote_cpu).
 *
 * One opaque handle is one model opened for one plan of sizes. Everything is allocated by
 * mote_open(); no other call allocates device-sized memory, and none keeps a pointer that it was
 * given, except that the weights must stay readable until mote_close().
 *
 * - Every function that can fail returns an int32_t status: MOTE_OK (0) or a MOTE_* code; then
 *   mote_last_error() has the reason as `reason: name=value; remedy`. No exception crosses this
 *   boundary, nothing is printed, nothing aborts.
 * - A handle is used by one thread at a time; different handles may be used at once.
 * - Coordinates are float32 pixels of the working picture, x right, y down, pixel centres at
 *   integers. S is the window, C the features, N the count of points of a call; arrays are dense
 *   and row-major; every index is checked.
 */
#ifndef MOTE_H
#define MOTE_H

#include <stdint.h>

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a struct, a constant or a signature of this header changes. */
#define MOTE_ABI_VERSION 4

#define MOTE_OK 0               /* done */
#define MOTE_INVALID_ARGUMENT 1 /* an argument does not fit the plan or this header */
#define MOTE_OUT_OF_MEMORY 2    /* the plan does not fit this machine's memory */
#define MOTE_UNSUPPORTED 3      /* this processor lacks what was asked for */
#define MOTE_INTERNAL 4         /* oneDNN or the engine failed; the text says where */

#define MOTE_FAMILY_PIPS 0 /* the published architecture */
#define MOTE_FAMILY_MOTE 1 /* patch templates that are never updated */

#define MOTE_PRECISION_DEFAULT (-1) /* the measured default of family and processor */
#define MOTE_PRECISION_F32 0        /* float32 everywhere */
#define MOTE_PRECISION_BF16 1       /* bfloat16 operands of products, float32 sums and norms */

/* Indices into the times of mote_stage_nanos(). */
#define MOTE_STAGE_RESIZE 0     /* picture to float, working size */
#define MOTE_STAGE_ENCODER 1    /* feature map */
#define MOTE_STAGE_PYRAMID 2    /* its levels */
#define MOTE_STAGE_SAMPLE 3     /* templates */
#define MOTE_STAGE_CORRELATE 4  /* correlation on demand */
#define MOTE_STAGE_EMBED 5      /* the mixer's input: linear layers of correlation, embedded flow */
#define MOTE_STAGE_MIXER 6      /* mixer and head */
#define MOTE_STAGE_UPDATE 7     /* positions, features, visibility */
#define MOTE_STAGE_MATCH 8      /* templates against whole feature maps */
#define MOTE_STAGE_SIMILARITY 9 /* templates at given places */
#define MOTE_STAGES 10

/* What to open: the plan's sizes and the architecture's, field by field as in the weight file. */
typedef struct mote_config {
  int32_t size_bytes;  /* sizeof(mote_config), checked first */
  int32_t abi_version; /* MOTE_ABI_VERSION, checked second */
  int32_t family;      /* MOTE_FAMILY_* */
  int32_t precision;   /* MOTE_PRECISION_* */
  int32_t threads;     /* 0: as many as this process may run on */

  int32_t source_height; /* rows of the frames as they come */
  int32_t source_width;  /* columns of the frames as they come */
  int32_t height;        /* rows of the working picture, at least 32 */
  int32_t width;         /* columns of the working picture, at least 32 */
  int32_t stride;        /* pixels per feature pixel: 4 or 8; mote: 4 */
  int32_t slots;         /* feature maps held at once */
  int32_t points;        /* templates held at once, and points refined at once */

  int32_t window;            /* frames refined together, S */
  int32_t features;          /* channels of the feature map, C */
  int32_t channels[4];       /* of the encoder's four stages */
  int32_t neck;              /* pips: channels between conv2 and conv3; mote: 0 */
  int32_t levels;            /* of the pyramid */
  int32_t radius;            /* of the neighbourhood: (2 radius + 1)^2 positions */
  int32_t support;           /* mote: radius of a template's patch; pips: 0 */
  int32_t correlation_width; /* mote: outputs of each level's linear layer; pips: 0 */
  int32_t frequencies;       /* of the embedding of the flow */
  int32_t mixer_width;       /* D */
  int32_t mixer_depth;       /* blocks */
  int32_t token_expansion;   /* hidden frames per frame */
  int32_t channel_expansion; /* hidden channels per channel */
  double correlation_scale;  /* factor of the dot products */
} mote_config;

/* A parameter: float32, row-major, as the weight file names and shapes it. */
typedef struct mote_tensor {
  const char* name;  /* zero-terminated */
  const float* data; /* 4-byte aligned; readable until mote_close() */
  int64_t count;     /* floats */
} mote_tensor;

/* A stage that ran: when, where and for how many points. */
typedef struct mote_span {
  int64_t begin_nanos; /* on the monotonic clock */
  int64_t nanos;       /* how long it took */
  int32_t stage;       /* MOTE_STAGE_* */
  int32_t thread;      /* 0 to threads - 1 */
  int32_t apart;       /* threads that ran such stages at the same time; 1: all shared this one */
  int32_t points;      /* 0: a picture */
} mote_span;

typedef struct mote_engine mote_engine;

/* MOTE_ABI_VERSION that the library was built with. */
int32_t mote_abi_version(void);

/* The reason of this thread's last failure; empty before the first. Valid until the next failure.
 */
const char* mote_last_error(void);

/* Engines that are open in this process: a leak check. */
int64_t mote_open_engines(void);

/*
 * Opens a model. All parameters of the architecture must be among the tensors, each with its count
 * of floats. On failure *engine is NULL.
 */
int32_t mote_open(const mote_config* config, const mote_tensor* tensors, int32_t tensor_count,
                  mote_engine** engine);

/* Frees the engine; NULL is allowed. The handle is invalid afterwards. */
int32_t mote_close(mote_engine* engine);

/* Bytes that the engine holds for weights, feature maps and workspace; 0 for NULL. */
int64_t mote_bytes(const mote_engine* engine);

/* MOTE_PRECISION_* that really runs; -1 for NULL. */
int32_t mote_precision(const mote_engine* engine);

/* One line: instruction set, threads, precision. Valid until mote_close(); empty for NULL. */
const char* mote_description(const mote_engine* engine);

/*
 * Encodes a picture into a slot: resized to the working size where the sizes differ (separable
 * triangle filter, antialiased, not rounded to 8 bits), scaled to [-1, 1], feature map, pyramid.
 * picture: source_height rows of source_width RGB triples; row_stride_bytes >= 3 * source_width.
 */
int32_t mote_encode(mote_engine* engine, int32_t slot, const uint8_t* picture,
                    int64_t row_stride_bytes);

/*
 * Samples templates at xy (N, 2) of an encoded slot; positions outside sample the border.
 * templates: N ids, each 0 to points - 1.
 */
int32_t mote_sample(mote_engine* engine, int32_t slot, int32_t count, const int32_t* templates,
                    const float* xy);

/* Takes a template back that mote_template() read: values in its shape, finite. */
int32_t mote_restore(mote_engine* engine, int32_t template_id, const float* values);

/*
 * Looks for N templates in the whole picture of a slot: xy (N, 2) out, the feature pixel that is
 * most alike, in pixels; similarity (N, 2) out, -1 to 1: its own, and that of the next best peak (a
 * position that none in the 5x5 around it exceeds); -1 where there is none.
 */
int32_t mote_match(mote_engine* engine, int32_t slot, int32_t count, const int32_t* templates,
                   float* xy, float* similarity);

/*
 * How much the picture of a slot is like N templates at xy (N, 2): similarity (N) out, as
 * mote_match() has it at feature pixels, bilinear between them, 0 outside the map.
 */
int32_t mote_similarity(mote_engine* engine, int32_t slot, int32_t count, const int32_t* templates,
                        const float* xy, float* similarity);

/*
 * Refines N trajectories over one window.
 * slots (S); templates (N), sampled before; locked (N): 1 where frame 0 is the point's own query
 * and stays (ignored by pips, whose frame 0 always stays); iterations >= 1, at most; settle >= 0:
 * a point is done after the iteration that moved none of its positions by so many pixels along x
 * or y (0: it takes all iterations); xy (S, N, 2) first
 * estimate in, refined out; visibility (S, N) and confidence (S, N) logits out; confidence is not
 * written by pips and may then be NULL; done (1) out: iterations of the point that took the most.
 */
int32_t mote_refine(mote_engine* engine, const int32_t* slots, int32_t count,
                    const int32_t* templates, const uint8_t* locked, int32_t iterations,
                    float settle, float* xy, float* visibility, float* confidence, int32_t* done);

/* Single stages, for parity tests and profilers. */

/* A level of a slot's pyramid: out (h, w, C). */
int32_t mote_features(mote_engine* engine, int32_t slot, int32_t level, float* out);

/* A template: out (C) for pips, (levels, patch, C) for mote. */
int32_t mote_template(mote_engine* engine, int32_t template_id, float* out);

/*
 * Correlation: xy (S, N, 2); state (N, S, C) features for pips or NULL for the templates' own,
 * ignored by mote; out (N, S, levels, patch, (2 radius + 1)^2).
 */
int32_t mote_correlate(mote_engine* engine, const int32_t* slots, int32_t count,
                       const int32_t* templates, const float* xy, const float* state, float* out);

/*
 * The mixer's input: as mote_correlate(), with state (N, S, 2) last logits for mote or NULL for
 * zeros; out (N, S, inputs).
 */
int32_t mote_mixer_input(mote_engine* engine, const int32_t* slots, int32_t count,
                         const int32_t* templates, const float* xy, const float* state, float* out);

/* Mixer and head: in (N, S, inputs); out (N, S, 2 + C) for pips, (N, S, 4) for mote. */
int32_t mote_mixer(mote_engine* engine, int32_t count, const float* in, float* out);

/* Nanoseconds spent in each stage since mote_open(): out (MOTE_STAGES). */
int32_t mote_stage_nanos(const mote_engine* engine, int64_t* out);

/*
 * Records every stage that runs from here on, up to `capacity` (at most 1 << 24) until they are
 * taken; 0: no more, as after mote_open().
 */
int32_t mote_record_spans(mote_engine* engine, int32_t capacity);

/*
 * Takes the stages that ran since the last call: out (capacity), in the order of their ends; count
 * (1) out: how many; lost (1) out: how many more found no room. Called by the thread that runs the
 * operations.
 */
int32_t mote_take_spans(mote_engine* engine, int32_t capacity, mote_span* out, int32_t* count,
                        int64_t* lost);

/*
 * The multiply-add peak of all processors together in GFLOP/s (2 per multiply-add), measured with
 * the widest instructions of that precision (MOTE_PRECISION_F32 or _BF16); a quarter of a second.
 */
int32_t mote_peak_gflops(int32_t precision, double* out);

/*
 * Work that needs nothing but processors: steps (1 to 2^40) of multiply-adds of float32 in
 * registers on each of so many threads (0 to 1024; 0: as many as this process may run on). done (1)
 * out: the steps of all threads together, read off their sums.
 */
int32_t mote_multiply_adds(int32_t threads, int64_t steps, int64_t* done);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
