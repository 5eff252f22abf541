// Failures inside the engine; mote.h's status codes outside of it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace mote {

// what() is the text for people: `reason: name=value; remedy`.
class Failure : public std::runtime_error {
 public:
  Failure(int32_t status, const std::string& text) : std::runtime_error(text), status_(status) {}
  int32_t status() const { return status_; }

 private:
  int32_t status_;
};

// MOTE_INVALID_ARGUMENT, if value is not from least to most.
void check_range(const char* name, int64_t value, int64_t least, int64_t most);

}  // namespace mote
