#include "loops.h"

// DSelect-k. A row of codes has the selectors' logits, then each selector's binary variables.

// The binary variables of a selector among so many experts.
INLINE size_t bit_count(size_t experts) {
  size_t bits = 0;
  while (((size_t)1 << bits) < experts) bits++;
  return bits;
}

// More than 2³¹ experts are no case.
#define MOST_BITS 32

// What a selector's variables come to.
struct steps {
  // What each is as a digit 1, and as a digit 0, the smooth step and what it lacks to 1.
  float on[MOST_BITS], off[MOST_BITS];
  float slope[MOST_BITS];
};

// With u from 0 to 1 where z is from -width / 2 to width / 2, the step is 3u² - 2u³: written so that neither
// it nor what it lacks to 1 is a small difference of large numbers.
INLINE struct steps smooth_steps(const float *z, size_t bits, float width) {
  struct steps steps;
  for (size_t b = 0; b < bits; b++) {
    float t = z[b] / width;
    float u = t < -0.5f ? 0.0f : t > 0.5f ? 1.0f : 0.5f + t;
    float v = t < -0.5f ? 1.0f : t > 0.5f ? 0.0f : 0.5f - t;
    steps.on[b] = u * u * (1.0f + 2.0f * v);
    steps.off[b] = v * v * (1.0f + 2.0f * u);
    steps.slope[b] = 6.0f * u * v / width;
  }
  return steps;
}

INLINE float factor(const struct steps *steps, size_t bit, size_t expert) {
  return expert >> bit & 1 ? steps->on[bit] : steps->off[bit];
}

// What a selector gives an expert: the product over the digits of the expert's number.
INLINE float selected(const struct steps *steps, size_t bits, size_t expert) {
  float product = 1.0f;
  for (size_t b = 0; b < bits; b++) product *= factor(steps, b, expert);
  return product;
}

// Adds the slopes of `d` times what a selector gives an expert.
INLINE void add_selected_slope(
    const struct steps *steps, size_t bits, size_t expert, float d, float *dz) {
  for (size_t b = 0; b < bits; b++) {
    float product = expert >> b & 1 ? d * steps->slope[b] : -d * steps->slope[b];
    for (size_t other = 0; other < bits; other++)
      if (other != b) product *= factor(steps, other, expert);
    dz[b] += product;
  }
}

INLINE void softmax_of(const float *logits, size_t count, float *weights) {
  float highest = logits[0], sum = 0.0f;
  for (size_t i = 1; i < count; i++) highest = logits[i] > highest ? logits[i] : highest;
  for (size_t i = 0; i < count; i++) sum += weights[i] = exponential(logits[i] - highest);
  for (size_t i = 0; i < count; i++) weights[i] /= sum;
}

CLONES void kernel_select(
    const float *code, size_t code_stride, size_t selectors, float width, float *share,
    size_t share_stride, size_t rows, size_t experts) {
  size_t bits = bit_count(experts);
  float weights[selectors];
  for (size_t r = 0; r < rows; r++) {
    const float *z = code + r * code_stride;
    float *shares = share + r * share_stride;
    softmax_of(z, selectors, weights);
    z += selectors;
    for (size_t e = 0; e < experts; e++) shares[e] = 0.0f;
    for (size_t i = 0; i < selectors; i++, z += bits) {
      struct steps steps = smooth_steps(z, bits, width);
      for (size_t e = 0; e < experts; e++) shares[e] += weights[i] * selected(&steps, bits, e);
    }
  }
}

CLONES void kernel_select_slope(
    const float *code, size_t code_stride, size_t selectors, float width, const float *dshare,
    size_t dshare_stride, float scale, float *dcode, size_t dcode_stride, size_t rows,
    size_t experts) {
  size_t bits = bit_count(experts);
  float weights[selectors];
  for (size_t r = 0; r < rows; r++) {
    const float *z = code + r * code_stride;
    const float *shares = dshare + r * dshare_stride;
    float *back = dcode + r * dcode_stride;
    float *dz = back + selectors, mean = 0.0f;
    softmax_of(z, selectors, weights);
    z += selectors;
    for (size_t i = 0; i < selectors; i++, z += bits, dz += bits) {
      struct steps steps = smooth_steps(z, bits, width);
      float sum = 0.0f;
      for (size_t b = 0; b < bits; b++) dz[b] = 0.0f;
      for (size_t e = 0; e < experts; e++) {
        sum += shares[e] * selected(&steps, bits, e);
        add_selected_slope(&steps, bits, e, scale * weights[i] * shares[e], dz);
      }
      back[i] = sum;
      mean += weights[i] * sum;
    }
    for (size_t i = 0; i < selectors; i++) back[i] = scale * weights[i] * (back[i] - mean);
  }
}

CLONES void kernel_selection_penalty_slope(
    const float *code, size_t code_stride, size_t selectors, float width, const float *weight,
    size_t weight_stride, float entropy, float reach, float *dcode, size_t dcode_stride, size_t rows,
    size_t experts, int accumulate) {
  size_t bits = bit_count(experts);
  for (size_t r = 0; r < rows; r++) {
    const float *z = code + r * code_stride + selectors;
    float *dz = dcode + r * dcode_stride;
    float w = weight[r * weight_stride];
    if (!accumulate)
      for (size_t c = 0; c < selectors * (1 + bits); c++) dz[c] = 0.0f;
    dz += selectors;
    for (size_t i = 0; i < selectors; i++, z += bits, dz += bits) {
      struct steps steps = smooth_steps(z, bits, width);
      float sum = 0.0f;
      for (size_t e = 0; e < experts; e++) sum += selected(&steps, bits, e);
      sum = sum < SELECTION_FLOOR ? SELECTION_FLOOR : sum;
      for (size_t e = 0; e < experts; e++) {
        float given = selected(&steps, bits, e);
        // Where nothing is given, what it is made of has no slopes either.
        float d = given > 0.0f ? -entropy * (logf(given) + 1.0f) : 0.0f;
        add_selected_slope(&steps, bits, e, w * (d - reach / (sum * sum)), dz);
      }
    }
  }
}
