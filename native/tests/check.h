// The tests' comparator and their source of values.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace mote::test {

inline int failures = 0;

// Values in [-1, 1] that look random and are the same in every run.
inline float value(int64_t i) {
  uint64_t x = static_cast<uint64_t>(i) * 0x9E3779B97F4A7C15ULL + 0x1234567;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x ^= x >> 31;
  return static_cast<float>(static_cast<double>(x >> 40) / (1 << 23) - 1);
}

// 64-byte aligned floats.
class Floats {
 public:
  explicit Floats(int64_t count, int64_t seed = -1)
      : memory_(static_cast<size_t>(count + 16)), count_(count) {
    for (int64_t i = 0; i < count; i++) {
      data()[i] = seed < 0 ? 0 : value(seed * 1000003 + i);
    }
  }
  // The copy's memory is aligned anew.
  Floats(const Floats& other) : Floats(other.count_) {
    for (int64_t i = 0; i < count_; i++) {
      data()[i] = other.data()[i];
    }
  }
  Floats& operator=(const Floats&) = delete;
  float* data() { return memory_.data() + offset(); }
  const float* data() const { return memory_.data() + offset(); }
  float& operator[](int64_t i) { return data()[i]; }
  int64_t count() const { return count_; }

 private:
  size_t offset() const {
    const auto address = reinterpret_cast<uintptr_t>(memory_.data());
    return (64 - address % 64) % 64 / sizeof(float);
  }

  std::vector<float> memory_;
  int64_t count_;
};

inline void check(bool good, const std::string& what) {
  if (!good) {
    failures++;
    std::printf("FAILED %s\n", what.c_str());
  }
}

// Fails on NaN.
inline void check_close(double actual, double expected, double tolerance, const std::string& what) {
  if (!(std::abs(actual - expected) <= tolerance)) {
    check(false, what + ": expected=" + std::to_string(expected) + ", actual=" +
                     std::to_string(actual) + ", tolerance=" + std::to_string(tolerance));
  }
}

}  // namespace mote::test
