// What all loops here are built with.
#pragma once
#include "CKernels.h"
#include <math.h>

// One build per instruction set, chosen when the program starts. ThreadSanitizer can't run the
// resolvers that choose.
#if defined(__x86_64__) && !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

// Sums may be reordered: every long one here is over at most a row, or goes through double.
#pragma clang fp reassociate(on) contract(fast)

// eˣ to about 1e-7 relative: 2ⁿ times a polynomial on [−ln 2 / 2, ln 2 / 2].
INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  float n = __builtin_rintf(x * 1.44269504089f);
  float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union { int32_t bits; float value; } power = {.bits = ((int32_t)n + 127) << 23};
  return p * power.value;
}
