// half and bfloat16 against their definitions, both ways, over all bit patterns.
#include <cmath>

#include "../simt.h"
#include "launch.h"

namespace mote::test {
namespace {

// Value of a binary format with the given widths, by its definition.
double decode(uint32_t bits, int exponent_bits, int mantissa_bits) {
  const uint32_t mantissa = bits & ((1u << mantissa_bits) - 1);
  const int exponent = static_cast<int>(bits >> mantissa_bits & ((1u << exponent_bits) - 1));
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const double sign = bits >> (exponent_bits + mantissa_bits) ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) {
    return mantissa == 0 ? sign * HUGE_VAL : NAN;
  }
  const double fraction = std::ldexp(mantissa, -mantissa_bits);
  return sign * (exponent == 0 ? std::ldexp(fraction, 1 - bias)
                               : std::ldexp(1 + fraction, exponent - bias));
}

template <typename Narrow, typename Widen>
void check_format(const char* name, int exponent_bits, Narrow narrow, Widen widen) {
  const int mantissa_bits = 15 - exponent_bits;
  for (uint32_t bits = 0; bits < 0x10000; bits++) {
    const double expected = decode(bits, exponent_bits, mantissa_bits);
    const float actual = widen(static_cast<uint16_t>(bits));
    const std::string what = std::string(name) + " " + std::to_string(bits);
    if (std::isnan(expected)) {
      check(std::isnan(actual) && std::isnan(widen(narrow(actual))), what + " is no NaN");
      continue;
    }
    check(actual == expected, what + " widened");
    check(narrow(actual) == bits, what + " narrowed");
    const uint32_t magnitude = bits & 0x7FFF;
    const double next = decode(bits + 1, exponent_bits, mantissa_bits);
    if (std::isfinite(expected) && std::isfinite(next) && bits != 0x7FFF) {
      // Half of the way goes to the even one, what is beyond it to the nearer.
      const auto middle = static_cast<float>((expected + next) / 2);
      check(narrow(middle) == (magnitude % 2 == 0 ? bits : bits + 1), what + " tie");
      check(narrow(std::nextafter(middle, actual)) == bits, what + " below the tie");
      check(narrow(std::nextafter(middle, static_cast<float>(next))) == bits + 1,
            what + " above the tie");
    }
  }
  check(std::isinf(widen(narrow(3.4e38f))), std::string(name) + " overflow");
}

}  // namespace

void test_numbers() {
  check_format("half", 5, mote::simt::float_to_half, mote::simt::half_to_float);
  check_format("bfloat16", 8, mote::simt::float_to_bfloat16, mote::simt::bfloat16_to_float);
  check(__float2int_rn(2.5f) == 2 && __float2int_rn(-3.5f) == -4, "round to even");
  check(__float2int_rd(-0.5f) == -1 && __float2int_ru(-0.5f) == 0 && __float2int_rz(-1.5f) == -1,
        "directed rounding");
  check(__float2int_rz(NAN) == 0 && __float2int_rz(3e9f) == INT32_MAX &&
            __float2int_rz(-3e9f) == INT32_MIN,
        "saturating conversion");
  check(min(NAN, 1.0f) == 1.0f && max(1.0f, NAN) == 1.0f, "minimum and maximum skip NaN");
  check(sizeof(float3) == 12 && alignof(float3) == 4 && alignof(float4) == 16 &&
            alignof(uchar4) == 4 && alignof(double2) == 16 && alignof(double4) == 16,
        "vector alignments");
}

}  // namespace mote::test
