// The C ABI: what it refuses and how it says so, and whole models on every instruction set.
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>

#include "../cpu/isa.h"
#include "../include/mote.h"
#include "check.h"
#include "tables.h"

namespace mote::test {
namespace {

mote_config small_config(int32_t family) {
  mote_config config{};
  config.size_bytes = sizeof(mote_config);
  config.abi_version = MOTE_ABI_VERSION;
  config.family = family;
  config.precision = MOTE_PRECISION_DEFAULT;
  config.source_height = 61;
  config.source_width = 90;
  config.height = 48;
  config.width = 67;
  config.stride = 4;
  config.slots = 9;
  config.points = 70;
  config.window = 8;
  config.features = 24;
  const int32_t channels[4] = {8, 16, 24, 40};
  std::memcpy(config.channels, channels, sizeof channels);
  config.neck = family == MOTE_FAMILY_PIPS ? 40 : 0;
  config.levels = 3;
  config.radius = 3;
  config.support = family == MOTE_FAMILY_PIPS ? 0 : 1;
  config.correlation_width = family == MOTE_FAMILY_PIPS ? 0 : 13;
  config.frequencies = 5;
  config.mixer_width = 40;
  config.mixer_depth = 2;
  config.token_expansion = 4;
  config.channel_expansion = 2;
  config.correlation_scale = 0.25;
  return config;
}

void check_error(int32_t status, int32_t expected, const std::string& text) {
  check(status == expected, "status: expected=" + std::to_string(expected) +
                                ", actual=" + std::to_string(status) + ", text=" + text);
  check(text == mote_last_error(), "text: expected=" + text + ", actual=" + mote_last_error());
}

// Parameters that are found out by asking: every refusal names the tensor that is missing, and its
// size.
class Parameters {
 public:
  mote_engine* open(const mote_config& config) {
    mote_engine* engine = nullptr;
    for (int i = 0; i < 1000; i++) {
      std::vector<mote_tensor> tensors;
      for (auto& [name, values] : values_) {
        tensors.push_back({name.c_str(), values->data(), values->count()});
      }
      const mote_tensor none{"none", nullptr, 0};
      const auto* given = tensors.empty() ? &none : tensors.data();
      const auto count = static_cast<int32_t>(tensors.empty() ? 1 : tensors.size());
      const int32_t status = mote_open(&config, given, count, &engine);
      if (status == MOTE_OK) {
        return engine;
      }
      if (!learn(mote_last_error())) {
        check(false, std::string("open: ") + mote_last_error());
        return nullptr;
      }
    }
    check(false, "open does not end");
    return nullptr;
  }

 private:
  bool learn(const std::string& text) {
    const auto start = text.find("name=");
    if (start == std::string::npos) {
      return false;
    }
    const std::string name = text.substr(start + 5, text.find_first_of(",;", start) - start - 5);
    if (text.rfind("weights lack a tensor: ", 0) == 0) {
      values_[name] = std::make_unique<Floats>(1);
      return true;
    }
    const auto give = text.find("; give ");
    if (text.rfind("tensor has another size: ", 0) != 0 || give == std::string::npos) {
      return false;
    }
    const int64_t count = std::atoll(text.c_str() + give + 7);
    auto values = std::make_unique<Floats>(count, static_cast<int64_t>(name.size()));
    for (int64_t i = 0; i < count; i++) {
      (*values)[i] *= 0.2F;
    }
    values_[name] = std::move(values);
    return true;
  }

  std::map<std::string, std::unique_ptr<Floats>> values_;
};

struct Result {
  std::vector<float> xy, visibility, confidence;
};

Result track(Parameters& parameters, const mote_config& config) {
  Result result;
  mote_engine* engine = parameters.open(config);
  if (engine == nullptr) {
    return result;
  }
  const auto row = static_cast<size_t>(3 * config.source_width + 5);
  std::vector<uint8_t> picture(row * static_cast<size_t>(config.source_height));
  for (int32_t slot = 0; slot < 8; slot++) {
    for (size_t i = 0; i < picture.size(); i++) {
      picture[i] =
          static_cast<uint8_t>(128 + 100 * std::sin(0.01 * static_cast<double>(i + 9 * slot)));
    }
    check(mote_encode(engine, slot, picture.data(), static_cast<int64_t>(row)) == MOTE_OK,
          "encode");
  }
  const int count = config.points;
  std::vector<int32_t> templates;
  std::vector<float> points;
  std::vector<uint8_t> locked;
  for (int i = 0; i < count; i++) {
    templates.push_back(count - 1 - i);
    points.push_back(30 + 40 * value(2 * i));
    points.push_back(24 + 30 * value(2 * i + 1));
    locked.push_back(static_cast<uint8_t>(i % 2));
  }
  check(mote_sample(engine, 0, count, templates.data(), points.data()) == MOTE_OK, "sample");
  for (int s = 0; s < 8; s++) {
    result.xy.insert(result.xy.end(), points.begin(), points.end());
  }
  result.visibility.resize(8 * templates.size());
  result.confidence.resize(8 * templates.size());
  const int32_t slots[8] = {0, 1, 2, 3, 4, 5, 6, 6};
  int32_t done = 0;
  check(mote_refine(engine, slots, count, templates.data(), locked.data(), 3, 0, result.xy.data(),
                    result.visibility.data(), result.confidence.data(), &done) == MOTE_OK,
        "refine");
  check(done == 3, "all iterations were taken");
  check(mote_bytes(engine) > 0, "bytes");
  check(mote_close(engine) == MOTE_OK, "close");
  return result;
}

void compare(const std::vector<float>& actual, const std::vector<float>& expected,
             const std::string& what) {
  check(actual.size() == expected.size(), what + " length");
  for (size_t i = 0; i < expected.size() && i < actual.size(); i++) {
    check_close(actual[i], expected[i], 1e-3, what);
  }
}

// All instruction sets agree on a whole model, and the environment variable really chooses.
void instruction_sets(int32_t family) {
  const mote_config config = small_config(family);
  Parameters parameters;
  setenv("MOTE_CPU_ISA", "portable", 1);
  const Result expected = track(parameters, config);
  for (const Kernels* kernels : runnable_kernels()) {
    setenv("MOTE_CPU_ISA", kernels->name, 1);
    mote_engine* engine = parameters.open(config);
    check(
        engine != nullptr &&
            std::string(mote_description(engine)).rfind(std::string("cpu: ") + kernels->name, 0) ==
                0,
        std::string("description: ") + mote_description(engine));
    mote_close(engine);
    const Result actual = track(parameters, config);
    const std::string name = std::string(kernels->name) + " family " + std::to_string(family);
    compare(actual.xy, expected.xy, name + " xy");
    compare(actual.visibility, expected.visibility, name + " visibility");
    compare(actual.confidence, expected.confidence, name + " confidence");
  }
  setenv("MOTE_CPU_ISA", "mmx", 1);
  mote_engine* engine = nullptr;
  const mote_tensor none{"none", nullptr, 0};
  check_error(mote_open(&config, &none, 1, &engine), MOTE_INVALID_ARGUMENT,
              "instruction set is unknown: MOTE_CPU_ISA=mmx; use portable, avx2 or avx512");
  unsetenv("MOTE_CPU_ISA");
}

void refusals() {
  mote_config config = small_config(MOTE_FAMILY_MOTE);
  mote_engine* engine = nullptr;
  const mote_tensor none{"none", nullptr, 0};
  const auto open = [&] { return mote_open(&config, &none, 1, &engine); };
  check_error(mote_open(nullptr, &none, 1, &engine), MOTE_INVALID_ARGUMENT,
              "pointer is null: argument=config; give memory");
  config.size_bytes = 8;
  check_error(open(), MOTE_INVALID_ARGUMENT,
              "caller and library were built from different headers: size_bytes=8, abi_version=4; "
              "use size_bytes=120, abi_version=4");
  config = small_config(MOTE_FAMILY_MOTE);
  config.stride = 8;
  check_error(open(), MOTE_INVALID_ARGUMENT,
              "stride is not supported: stride=8; use 4, or 8 with family pips");
  config = small_config(MOTE_FAMILY_MOTE);
  config.features = 12;
  check_error(open(), MOTE_INVALID_ARGUMENT,
              "width is not a multiple of 8: features=12; use a file that mote.arch allows");
  config = small_config(MOTE_FAMILY_MOTE);
  config.height = 31;
  check_error(open(), MOTE_INVALID_ARGUMENT, "value is out of range: height=31; give 32 to 8192");

  config = small_config(MOTE_FAMILY_MOTE);
  Parameters parameters;
  engine = parameters.open(config);
  const uint8_t pixel = 0;
  float xy[16] = {};
  int32_t id = 70;
  check_error(mote_encode(engine, 9, &pixel, 270), MOTE_INVALID_ARGUMENT,
              "value is out of range: slot=9; give 0 to 8");
  check_error(mote_encode(engine, 0, nullptr, 270), MOTE_INVALID_ARGUMENT,
              "pointer is null: argument=picture; give memory");
  check_error(mote_sample(engine, 0, 1, &id, xy), MOTE_INVALID_ARGUMENT,
              "value is out of range: template=70; give 0 to 69");
  id = 0;
  xy[1] = NAN;
  check_error(mote_sample(engine, 0, 1, &id, xy), MOTE_INVALID_ARGUMENT,
              "coordinate is not finite: index=1; give finite pixels");
  check_error(mote_sample(nullptr, 0, 1, &id, xy), MOTE_INVALID_ARGUMENT,
              "pointer is null: argument=engine; give memory");
  xy[1] = 0;
  const int32_t slots[8] = {};
  int32_t done = 0;
  check_error(mote_refine(engine, slots, 1, &id, nullptr, 1, 0, xy, xy, nullptr, &done),
              MOTE_INVALID_ARGUMENT, "pointer is null: argument=locked or confidence; give memory");
  check_error(mote_refine(engine, slots, 1, &id, nullptr, 1, NAN, xy, xy, nullptr, &done),
              MOTE_INVALID_ARGUMENT,
              "threshold is out of range: settle=nan; give pixels, 0 or more");
  check_error(mote_refine(engine, slots, 1, &id, nullptr, 1, 0, xy, xy, nullptr, nullptr),
              MOTE_INVALID_ARGUMENT, "pointer is null: argument=done; give memory");
  check_error(mote_restore(engine, 70, xy), MOTE_INVALID_ARGUMENT,
              "value is out of range: template=70; give 0 to 69");
  check_error(mote_template(engine, -1, xy), MOTE_INVALID_ARGUMENT,
              "value is out of range: template=-1; give 0 to 69");
  check_error(mote_record_spans(engine, -1), MOTE_INVALID_ARGUMENT,
              "value is out of range: capacity=-1; give 0 to 16777216");
  mote_span span = {};
  int32_t count = -1;
  int64_t lost = -1;
  check_error(mote_take_spans(engine, 1, &span, nullptr, &lost), MOTE_INVALID_ARGUMENT,
              "pointer is null: argument=count; give memory");
  check(mote_take_spans(engine, 1, &span, &count, &lost) == MOTE_OK && count == 0 && lost == 0,
        "nothing is recorded at first");
  check(mote_open_engines() == 1, "one engine is open");
  mote_close(engine);
  check(mote_close(nullptr) == MOTE_OK, "closing nothing");
  check(mote_bytes(nullptr) == 0 && mote_precision(nullptr) == -1, "nothing is nothing");
}

}  // namespace

void test_api() {
  check(mote_abi_version() == MOTE_ABI_VERSION, "version");
  instruction_sets(MOTE_FAMILY_PIPS);
  instruction_sets(MOTE_FAMILY_MOTE);
  refusals();
  check(mote_open_engines() == 0, "engines leak");
}

}  // namespace mote::test
