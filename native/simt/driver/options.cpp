#include "options.h"

#include <cstdlib>
#include <cstring>

#include "failure.h"

namespace mote::simt {
namespace {

struct Field {
  const char* name;
  const char* variable;
  int64_t Options::* member;
};

constexpr Field kFields[] = {
    {"devices", "MOTE_SIMT_DEVICES", &Options::devices},
    {"driver_version", "MOTE_SIMT_DRIVER_VERSION", &Options::driver_version},
    {"memory_mib", "MOTE_SIMT_MEMORY_MIB", &Options::memory_mib},
    {"architecture", "MOTE_SIMT_ARCHITECTURE", &Options::architecture},
    {"fail_launch", "MOTE_SIMT_FAIL_LAUNCH", &Options::fail_launch},
};

Options from_environment() {
  Options options;
  for (const Field& field : kFields) {
    const char* value = std::getenv(field.variable);
    if (value != nullptr) {
      options.*field.member = std::strtoll(value, nullptr, 10);
    }
  }
  return options;
}

}  // namespace

Options& options() {
  static Options options = from_environment();
  return options;
}

}  // namespace mote::simt

int mote_simt_set(const char* name, int64_t value) {
  const std::lock_guard<std::recursive_mutex> lock(mote::simt::driver_mutex());
  for (const auto& field : mote::simt::kFields) {
    if (std::strcmp(field.name, name) == 0) {
      mote::simt::options().*field.member = value;
      return 0;
    }
  }
  return 1;
}
