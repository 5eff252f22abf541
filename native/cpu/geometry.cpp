#include "geometry.h"

#include <cmath>

#include "failure.h"

namespace mote {
namespace {

void check_multiple_of_8(const char* name, int value, int least, int most) {
  check_range(name, value, least, most);
  if (value % 8 != 0) {
    throw Failure(MOTE_INVALID_ARGUMENT, std::string("width is not a multiple of 8: ") + name +
                                             "=" + std::to_string(value) +
                                             "; use a file that mote.arch allows");
  }
}

void check_plan(const mote_config& config) {
  constexpr int kLargest = 8192;
  check_range("source_height", config.source_height, 1, kLargest);
  check_range("source_width", config.source_width, 1, kLargest);
  check_range("height", config.height, 32, kLargest);
  check_range("width", config.width, 32, kLargest);
  if (config.stride != 4 && (config.stride != 8 || config.family == MOTE_FAMILY_MOTE)) {
    throw Failure(MOTE_INVALID_ARGUMENT,
                  "stride is not supported: stride=" + std::to_string(config.stride) +
                      "; use 4, or 8 with family pips");
  }
  check_range("slots", config.slots, 1, 4096);
  check_range("points", config.points, 1, 1 << 16);
}

}  // namespace

Split split(float position) {
  constexpr float kReach = 1 << 20;
  if (!(position > -kReach && position < kReach)) {
    return {-(1 << 20), 0};
  }
  const float whole = std::floor(position);
  return {static_cast<int>(whole), position - whole};
}

void check_range(const char* name, int64_t value, int64_t least, int64_t most) {
  if (value < least || value > most) {
    throw Failure(MOTE_INVALID_ARGUMENT, std::string("value is out of range: ") + name + "=" +
                                             std::to_string(value) + "; give " +
                                             std::to_string(least) + " to " + std::to_string(most));
  }
}

void check_config(const mote_config& config) {
  if (config.size_bytes != static_cast<int32_t>(sizeof(mote_config)) ||
      config.abi_version != MOTE_ABI_VERSION) {
    throw Failure(MOTE_INVALID_ARGUMENT,
                  "caller and library were built from different headers: size_bytes=" +
                      std::to_string(config.size_bytes) +
                      ", abi_version=" + std::to_string(config.abi_version) +
                      "; use size_bytes=" + std::to_string(sizeof(mote_config)) +
                      ", abi_version=" + std::to_string(MOTE_ABI_VERSION));
  }
  const bool pips = config.family == MOTE_FAMILY_PIPS;
  check_range("family", config.family, MOTE_FAMILY_PIPS, MOTE_FAMILY_MOTE);
  check_range("precision", config.precision, MOTE_PRECISION_DEFAULT, MOTE_PRECISION_BF16);
  check_range("threads", config.threads, 0, 1024);
  check_plan(config);
  check_range("window", config.window, 2, 16);
  check_multiple_of_8("features", config.features, 8, 512);
  for (const int channels : config.channels) {
    check_multiple_of_8("channels", channels, 8, 512);
  }
  if (pips) {
    check_multiple_of_8("neck", config.neck, 8, 1024);
  }
  check_range("levels", config.levels, 1, 6);
  check_range("radius", config.radius, 1, 4);
  check_range("support", config.support, 0, pips ? 0 : 2);
  check_range("correlation_width", config.correlation_width, pips ? 0 : 8, pips ? 0 : 512);
  check_range("frequencies", config.frequencies, 1, 64);
  check_multiple_of_8("mixer_width", config.mixer_width, 8, 2048);
  check_range("mixer_depth", config.mixer_depth, 1, 48);
  check_range("token_expansion", config.token_expansion, 1, 8);
  check_range("channel_expansion", config.channel_expansion, 1, 8);
  if (!(config.correlation_scale > 0 && config.correlation_scale < 1e6)) {
    throw Failure(MOTE_INVALID_ARGUMENT, "value is out of range: correlation_scale=" +
                                             std::to_string(config.correlation_scale) +
                                             "; give more than 0");
  }
}

Geometry::Geometry(const mote_config& config)
    : pips(config.family == MOTE_FAMILY_PIPS),
      window(config.window),
      features(config.features),
      pitch(pitch_of(config.features)),
      levels_count(config.levels),
      radius(config.radius),
      side(2 * config.radius + 2),
      positions((2 * config.radius + 1) * (2 * config.radius + 1)),
      patch((2 * config.support + 1) * (2 * config.support + 1)),
      support(config.support),
      template_floats(pips ? features : levels_count * patch * features),
      state_floats(pips ? features : 2),
      mixer_inputs(pips ? features + levels_count * positions + 6 * config.frequencies + 3
                        : levels_count * config.correlation_width + 4 + 4 * config.frequencies +
                              features),
      mixer_outputs(window * (pips ? 2 + features : 4)),
      slot_floats(0),
      stride(static_cast<float>(config.stride)) {
  int height = pips ? config.height / config.stride : (config.height + 3) / 4;
  int width = pips ? config.width / config.stride : (config.width + 3) / 4;
  for (int level = 0; level < levels_count; level++) {
    levels.push_back({height, width, slot_floats});
    slot_floats += static_cast<int64_t>(height) * width * pitch;
    height = pips ? height / 2 : (height + 1) / 2;
    width = pips ? width / 2 : (width + 1) / 2;
  }
}

}  // namespace mote
