// mote.h over Engine: checks pointers, turns exceptions into a status and a text.
#include <atomic>
#include <cstring>
#include <new>
#include <unordered_map>

#include "engine.h"
#include "failure.h"
#include "peak.h"

struct mote_engine {
  mote::Engine engine;
};

namespace mote {
namespace {

std::atomic<int64_t> open_engines{0};

// A plain array: recording a failure must not fail itself.
thread_local char last_error[512] = "";

int32_t fail(int32_t status, const char* text) {
  std::strncpy(last_error, text, sizeof last_error - 1);
  return status;
}

template <class F>
int32_t guarded(F work) noexcept {
  try {
    work();
    return MOTE_OK;
  } catch (const Failure& failure) {
    return fail(failure.status(), failure.what());
  } catch (const std::bad_alloc&) {
    return fail(
        MOTE_OUT_OF_MEMORY,
        "memory does not suffice for the plan: available=less; use a smaller picture, fewer "
        "slots or fewer points");
  } catch (const std::exception& failure) {
    std::string text;
    try {
      text = std::string("CPU engine failed: cause=") + failure.what() + "; report this";
    } catch (...) {
      return fail(MOTE_INTERNAL, "CPU engine failed: cause=unknown; report this");
    }
    return fail(MOTE_INTERNAL, text.c_str());
  } catch (...) {
    return fail(MOTE_INTERNAL, "CPU engine failed: cause=unknown; report this");
  }
}

void check_pointer(const char* name, const void* pointer) {
  if (pointer == nullptr) {
    throw Failure(MOTE_INVALID_ARGUMENT,
                  std::string("pointer is null: argument=") + name + "; give memory");
  }
}

class GivenTensors : public Tensors {
 public:
  GivenTensors(const mote_tensor* tensors, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
      check_pointer("tensors[].name", tensors[i].name);
      by_name_[tensors[i].name] = &tensors[i];
    }
  }

  const float* get(const std::string& name, int64_t count) const override {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
      throw Failure(MOTE_INVALID_ARGUMENT,
                    "weights lack a tensor: name=" + name + "; give all of the architecture's");
    }
    const mote_tensor& tensor = *found->second;
    if (tensor.count != count || tensor.data == nullptr) {
      throw Failure(MOTE_INVALID_ARGUMENT, "tensor has another size: name=" + name +
                                               ", count=" + std::to_string(tensor.count) +
                                               "; give " + std::to_string(count) + " floats");
    }
    return tensor.data;
  }

 private:
  std::unordered_map<std::string, const mote_tensor*> by_name_;
};

Engine& engine_of(mote_engine* handle) {
  check_pointer("engine", handle);
  return handle->engine;
}

const Engine& engine_of(const mote_engine* handle) {
  check_pointer("engine", handle);
  return handle->engine;
}

}  // namespace
}  // namespace mote

using mote::check_pointer;
using mote::engine_of;
using mote::guarded;

extern "C" {

int32_t mote_abi_version(void) { return MOTE_ABI_VERSION; }

const char* mote_last_error(void) { return mote::last_error; }

int64_t mote_open_engines(void) { return mote::open_engines; }

int32_t mote_open(const mote_config* config, const mote_tensor* tensors, int32_t tensor_count,
                  mote_engine** engine) {
  return guarded([&] {
    check_pointer("engine", engine);
    *engine = nullptr;
    check_pointer("config", config);
    check_pointer("tensors", tensors);
    const mote::GivenTensors given(tensors, tensor_count);
    *engine = new mote_engine{mote::Engine(*config, given)};
    mote::open_engines++;
  });
}

int32_t mote_close(mote_engine* engine) {
  if (engine != nullptr) {
    delete engine;
    mote::open_engines--;
  }
  return MOTE_OK;
}

int64_t mote_bytes(const mote_engine* engine) {
  return engine == nullptr ? 0 : engine->engine.bytes();
}

int32_t mote_precision(const mote_engine* engine) {
  return engine == nullptr ? -1 : engine->engine.precision();
}

const char* mote_description(const mote_engine* engine) {
  return engine == nullptr ? "" : engine->engine.description().c_str();
}

int32_t mote_encode(mote_engine* engine, int32_t slot, const uint8_t* picture,
                    int64_t row_stride_bytes) {
  return guarded([&] {
    check_pointer("picture", picture);
    engine_of(engine).encode(slot, picture, row_stride_bytes);
  });
}

int32_t mote_sample(mote_engine* engine, int32_t slot, int32_t count, const int32_t* templates,
                    const float* xy) {
  return guarded([&] {
    check_pointer("templates", templates);
    check_pointer("xy", xy);
    engine_of(engine).sample(slot, count, templates, xy);
  });
}

int32_t mote_restore(mote_engine* engine, int32_t template_id, const float* values) {
  return guarded([&] {
    check_pointer("values", values);
    engine_of(engine).restore(template_id, values);
  });
}

int32_t mote_match(mote_engine* engine, int32_t slot, int32_t count, const int32_t* templates,
                   float* xy, float* similarity) {
  return guarded([&] {
    check_pointer("templates", templates);
    check_pointer("xy", xy);
    check_pointer("similarity", similarity);
    engine_of(engine).match(slot, count, templates, xy, similarity);
  });
}

int32_t mote_similarity(mote_engine* engine, int32_t slot, int32_t count, const int32_t* templates,
                        const float* xy, float* similarity) {
  return guarded([&] {
    check_pointer("templates", templates);
    check_pointer("xy", xy);
    check_pointer("similarity", similarity);
    engine_of(engine).similarity(slot, count, templates, xy, similarity);
  });
}

int32_t mote_refine(mote_engine* engine, const int32_t* slots, int32_t count,
                    const int32_t* templates, const uint8_t* locked, int32_t iterations,
                    float settle, float* xy, float* visibility, float* confidence, int32_t* done) {
  return guarded([&] {
    check_pointer("slots", slots);
    check_pointer("templates", templates);
    check_pointer("xy", xy);
    check_pointer("visibility", visibility);
    check_pointer("done", done);
    *done = engine_of(engine).refine(slots, count, templates, locked, {iterations, settle},
                                     {xy, visibility, confidence});
  });
}

int32_t mote_features(mote_engine* engine, int32_t slot, int32_t level, float* out) {
  return guarded([&] {
    check_pointer("out", out);
    engine_of(engine).features(slot, level, out);
  });
}

int32_t mote_template(mote_engine* engine, int32_t template_id, float* out) {
  return guarded([&] {
    check_pointer("out", out);
    engine_of(engine).read_template(template_id, out);
  });
}

int32_t mote_correlate(mote_engine* engine, const int32_t* slots, int32_t count,
                       const int32_t* templates, const float* xy, const float* state, float* out) {
  return guarded([&] {
    check_pointer("slots", slots);
    check_pointer("templates", templates);
    check_pointer("xy", xy);
    check_pointer("out", out);
    engine_of(engine).correlate(slots, count, templates, xy, state, out);
  });
}

int32_t mote_mixer_input(mote_engine* engine, const int32_t* slots, int32_t count,
                         const int32_t* templates, const float* xy, const float* state,
                         float* out) {
  return guarded([&] {
    check_pointer("slots", slots);
    check_pointer("templates", templates);
    check_pointer("xy", xy);
    check_pointer("out", out);
    engine_of(engine).mixer_input(slots, count, templates, xy, state, out);
  });
}

int32_t mote_mixer(mote_engine* engine, int32_t count, const float* in, float* out) {
  return guarded([&] {
    check_pointer("in", in);
    check_pointer("out", out);
    engine_of(engine).mixer(count, in, out);
  });
}

int32_t mote_stage_nanos(const mote_engine* engine, int64_t* out) {
  return guarded([&] {
    check_pointer("out", out);
    engine_of(engine).stage_nanos(out);
  });
}

int32_t mote_record_spans(mote_engine* engine, int32_t capacity) {
  return guarded([&] { engine_of(engine).record_spans(capacity); });
}

int32_t mote_take_spans(mote_engine* engine, int32_t capacity, mote_span* out, int32_t* count,
                        int64_t* lost) {
  return guarded([&] {
    check_pointer("out", out);
    check_pointer("count", count);
    check_pointer("lost", lost);
    engine_of(engine).take_spans(capacity, out, count, lost);
  });
}

int32_t mote_peak_gflops(int32_t precision, double* out) {
  return guarded([&] {
    check_pointer("out", out);
    *out = mote::peak_gflops(precision);
  });
}

int32_t mote_multiply_adds(int32_t threads, int64_t steps, int64_t* done) {
  return guarded([&] {
    check_pointer("done", done);
    *done = mote::multiply_adds(threads, steps);
  });
}

}  // extern "C"
