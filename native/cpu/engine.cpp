#include "engine.h"

#include <omp.h>

#include <algorithm>
#include <cmath>

#include "failure.h"
#include "isa.h"

namespace mote {
namespace {

int threads_of(const mote_config& config) {
  // libgomp counts the processors of the affinity mask.
  const int threads = config.threads > 0 ? config.threads : omp_get_num_procs();
  omp_set_num_threads(threads);
  return threads;
}

mote_config resolved(mote_config config) {
  check_config(config);
  if (config.precision == MOTE_PRECISION_DEFAULT) {
    config.precision = MOTE_PRECISION_F32;
  }
  if (config.precision == MOTE_PRECISION_BF16 && !has_bf16()) {
    throw Failure(MOTE_UNSUPPORTED, "processor has no bfloat16 products: precision=bf16; use f32");
  }
  return config;
}

Ring make_ring(Memory& memory, const mote_config& config, const Geometry& geometry) {
  Ring ring;
  ring.floats = geometry.slot_floats;
  ring.maps = Array<float>(memory, geometry.slot_floats * config.slots);
  ring.version = Array<int64_t>(memory, config.slots);
  return ring;
}

void check_finite(const float* xy, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    if (!std::isfinite(xy[i])) {
      throw Failure(MOTE_INVALID_ARGUMENT, "coordinate is not finite: index=" + std::to_string(i) +
                                               "; give finite pixels");
    }
  }
}

}  // namespace

Engine::Engine(const mote_config& config, const Tensors& tensors)
    : config_(resolved(config)),
      geometry_(config_),
      context_(choose_kernels(), memory_, threads_of(config_)),
      picture_(context_, config_),
      encoder_(geometry_.pips ? make_pips_encoder(context_, tensors, config_)
                              : make_mote_encoder(context_, tensors, config_)),
      ring_(make_ring(memory_, config_, geometry_)),
      correlator_(context_.kernels, memory_, config_, geometry_, ring_),
      matcher_(context_, config_, geometry_, ring_, correlator_),
      refiner_(context_, tensors, config_, geometry_, correlator_, times_) {
  context_.allocate();
  description_ = std::string("cpu: ") + context_.kernels.name + ", " +
                 std::to_string(context_.threads) + " threads, " +
                 (config_.precision == MOTE_PRECISION_BF16 ? "bf16" : "f32");
}

// The number of threads is a property of the calling thread in OpenMP.
void Engine::use_threads() const { omp_set_num_threads(context_.threads); }

void Engine::check_slot(int slot) const { check_range("slot", slot, 0, config_.slots - 1); }

void Engine::check_points(int count, const int32_t* templates) const {
  check_range("count", count, 0, config_.points);
  for (int i = 0; i < count; i++) {
    check_range("template", templates[i], 0, config_.points - 1);
  }
}

void Engine::check_window(const int32_t* slots, int count, const int32_t* templates,
                          const float* xy) const {
  for (int s = 0; s < config_.window; s++) {
    check_slot(slots[s]);
  }
  check_points(count, templates);
  check_finite(xy, 2 * static_cast<int64_t>(config_.window) * count);
}

void Engine::encode(int slot, const uint8_t* picture, int64_t row_stride_bytes) {
  check_slot(slot);
  check_range("row_stride_bytes", row_stride_bytes, 3 * static_cast<int64_t>(config_.source_width),
              INT64_MAX / config_.source_height);
  use_threads();
  float* map = ring_.maps.data() + slot * ring_.floats;
  const float* bordered = nullptr;
  {
    const StageTimer timer(times_, MOTE_STAGE_RESIZE, 0);
    bordered = picture_.load(picture, row_stride_bytes);
  }
  {
    const StageTimer timer(times_, MOTE_STAGE_ENCODER, 0);
    encoder_->run(bordered, map);
  }
  const StageTimer timer(times_, MOTE_STAGE_PYRAMID, 0);
  for (size_t l = 1; l < geometry_.levels.size(); l++) {
    const Level& from = geometry_.levels[l - 1];
    context_.kernels.pool(map + from.offset, from.height, from.width, geometry_.pitch,
                          !geometry_.pips, map + geometry_.levels[l].offset);
  }
  ring_.version[slot] = ++encodes_;
}

void Engine::sample(int slot, int count, const int32_t* templates, const float* xy) {
  check_slot(slot);
  check_points(count, templates);
  check_finite(xy, 2 * static_cast<int64_t>(count));
  const StageTimer timer(times_, MOTE_STAGE_SAMPLE, count);
  correlator_.sample(slot, count, templates, xy);
}

void Engine::restore(int template_id, const float* values) {
  check_range("template", template_id, 0, config_.points - 1);
  check_finite(values, geometry_.template_floats);
  correlator_.restore(template_id, values);
}

void Engine::match(int slot, int count, const int32_t* templates, float* xy, float* similarity) {
  check_slot(slot);
  check_points(count, templates);
  use_threads();
  const StageTimer timer(times_, MOTE_STAGE_MATCH, count);
  matcher_.match(slot, count, templates, xy, similarity);
}

void Engine::similarity(int slot, int count, const int32_t* templates, const float* xy,
                        float* similarity) {
  check_slot(slot);
  check_points(count, templates);
  check_finite(xy, 2 * static_cast<int64_t>(count));
  use_threads();
  const StageTimer timer(times_, MOTE_STAGE_SIMILARITY, count);
  matcher_.similarity(slot, count, templates, xy, similarity);
}

int Engine::refine(const int32_t* slots, int count, const int32_t* templates, const uint8_t* locked,
                   const Effort& effort, const Estimate& estimate) {
  check_window(slots, count, templates, estimate.xy);
  check_range("iterations", effort.iterations, 1, 1 << 20);
  if (!(effort.settle >= 0)) {
    throw Failure(MOTE_INVALID_ARGUMENT,
                  "threshold is out of range: settle=" + std::to_string(effort.settle) +
                      "; give pixels, 0 or more");
  }
  if (!geometry_.pips && (locked == nullptr || estimate.confidence == nullptr)) {
    throw Failure(MOTE_INVALID_ARGUMENT,
                  "pointer is null: argument=locked or confidence; give memory");
  }
  use_threads();
  return refiner_.refine(slots, count, templates, locked, effort, estimate);
}

void Engine::features(int slot, int level, float* out) const {
  check_slot(slot);
  check_range("level", level, 0, config_.levels - 1);
  const Level& size = geometry_.levels[static_cast<size_t>(level)];
  const float* from = ring_.slot(slot) + size.offset;
  for (int64_t i = 0; i < static_cast<int64_t>(size.height) * size.width; i++) {
    std::copy_n(from + i * geometry_.pitch, geometry_.features, out + i * geometry_.features);
  }
}

void Engine::read_template(int template_id, float* out) const {
  check_range("template", template_id, 0, config_.points - 1);
  const int levels = geometry_.pips ? 1 : geometry_.levels_count;
  for (int level = 0; level < levels; level++) {
    for (int patch = 0; patch < geometry_.patch; patch++) {
      std::copy_n(correlator_.pixel(template_id, level, patch), geometry_.features, out);
      out += geometry_.features;
    }
  }
}

void Engine::correlate(const int32_t* slots, int count, const int32_t* templates, const float* xy,
                       const float* state, float* out) {
  check_window(slots, count, templates, xy);
  use_threads();
  refiner_.correlate(slots, count, templates, xy, state, out);
}

void Engine::mixer_input(const int32_t* slots, int count, const int32_t* templates, const float* xy,
                         const float* state, float* out) {
  check_window(slots, count, templates, xy);
  use_threads();
  refiner_.mixer_input(slots, count, templates, xy, state, out);
}

void Engine::mixer(int count, const float* in, float* out) {
  check_range("count", count, 0, config_.points);
  use_threads();
  refiner_.mixer(count, in, out);
}

void Engine::stage_nanos(int64_t* out) const {
  std::copy(times_.nanos, times_.nanos + MOTE_STAGES, out);
}

void Engine::record_spans(int32_t capacity) {
  check_range("capacity", capacity, 0, 1 << 24);
  spans_.record(capacity);
}

void Engine::take_spans(int32_t capacity, mote_span* out, int32_t* count, int64_t* lost) {
  check_range("capacity", capacity, 0, 1 << 24);
  spans_.take(capacity, out, count, lost);
}

}  // namespace mote
