// The exact GELU, x * (1 + erf(x / sqrt 2)) / 2.
#pragma once

#include "vec.h"

namespace mote {
namespace {

// erf(z) for |z| <= 3.92 as z P(z^2) / Q(z^2), fitted in float64 by reweighted least squares
// towards the smallest largest error (1.6e-8); beyond, erf is 1 in float32.
[[maybe_unused]] inline Vec gelu(Vec x) {
  constexpr float kEnd = 3.92F;
  constexpr float kRootHalf = 0.70710678118654752F;
  const Vec z = larger(smaller(x * kRootHalf, splat(kEnd)), splat(-kEnd));
  const Vec u = z * z;
  Vec p = u * 2.034727959e-06F + 2.874805227e-04F;
  p = p * u + 3.868373936e-03F;
  p = p * u + 5.306062562e-02F;
  p = p * u + 1.927651322e-01F;
  p = p * u + 1.128379022F;
  Vec q = u * 3.807062745e-05F + 1.188126573e-03F;
  q = q * u + 1.517238930e-02F;
  q = q * u + 1.150850653e-01F;
  q = q * u + 5.041653167e-01F;
  q = q * u + 1.0F;
  return 0.5F * x * (1.0F + z * p * reciprocal(q));
}

}  // namespace
}  // namespace mote
