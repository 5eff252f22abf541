// One model opened for one plan: the object behind mote.h's handle.
#pragma once

#include <string>

#include "correlator.h"
#include "encoder.h"
#include "geometry.h"
#include "matcher.h"
#include "picture.h"
#include "refiner.h"

namespace mote {

class Engine {
 public:
  Engine(const mote_config& config, const Tensors& tensors);

  void encode(int slot, const uint8_t* picture, int64_t row_stride_bytes);
  void sample(int slot, int count, const int32_t* templates, const float* xy);
  void restore(int template_id, const float* values);
  void match(int slot, int count, const int32_t* templates, float* xy, float* similarity);
  void similarity(int slot, int count, const int32_t* templates, const float* xy,
                  float* similarity);
  int refine(const int32_t* slots, int count, const int32_t* templates, const uint8_t* locked,
             const Effort& effort, const Estimate& estimate);

  void features(int slot, int level, float* out) const;
  void read_template(int template_id, float* out) const;
  void correlate(const int32_t* slots, int count, const int32_t* templates, const float* xy,
                 const float* state, float* out);
  void mixer_input(const int32_t* slots, int count, const int32_t* templates, const float* xy,
                   const float* state, float* out);
  void mixer(int count, const float* in, float* out);

  int64_t bytes() const { return memory_.bytes; }
  int32_t precision() const { return config_.precision; }
  const std::string& description() const { return description_; }
  void stage_nanos(int64_t* out) const;
  void record_spans(int32_t capacity);
  void take_spans(int32_t capacity, mote_span* out, int32_t* count, int64_t* lost);

 private:
  void use_threads() const;
  void check_slot(int slot) const;
  void check_points(int count, const int32_t* templates) const;
  void check_window(const int32_t* slots, int count, const int32_t* templates,
                    const float* xy) const;

  mote_config config_;
  Memory memory_;
  Geometry geometry_;
  Context context_;
  SpanLog spans_;
  StageTimes times_{spans_};
  Picture picture_;
  std::unique_ptr<Encoder> encoder_;
  Ring ring_;
  int64_t encodes_ = 0;
  Correlator correlator_;
  Matcher matcher_;
  Refiner refiner_;
  std::string description_;
};

}  // namespace mote
