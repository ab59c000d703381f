#include "loops.h"

INLINE float logistic(float x) { return 1.0f / (1.0f + exponential(-x)); }

CLONES void kernel_add_bias(
    float *y, size_t y_stride, size_t rows, size_t columns, const float *bias) {
  for (size_t r = 0; r < rows; r++) {
    float *RESTRICT row = y + r * y_stride;
    for (size_t c = 0; c < columns; c++) row[c] += bias[c];
  }
}

CLONES void kernel_add_bias_relu(
    float *y, size_t y_stride, size_t rows, size_t columns, const float *bias) {
  for (size_t r = 0; r < rows; r++) {
    float *RESTRICT row = y + r * y_stride;
    for (size_t c = 0; c < columns; c++) {
      float value = row[c] + bias[c];
      // A NaN stays a NaN, so that it reaches the loss and is reported.
      row[c] = value < 0.0f ? 0.0f : value;
    }
  }
}

// x σ(a x + b x³), which is gelu in the tanh form and swish.
// gelu(x) = x σ(2u), u = √(2/π) (x + 0.044715 x³).
#define GELU 1.5957691216f, 0.0713548163f
#define SWISH 1.0f, 0.0f

// What x is multiplied with, times `powers` the second term. No products without one: 0 · ∞ is no number.
INLINE float ascent(float x, float a, float b, float powers) {
  return b != 0.0f ? a + powers * b * x * x : a;
}

INLINE void add_bias_weighted(
    float *pre, size_t pre_stride, float *y, size_t y_stride, size_t rows, size_t columns,
    const float *bias, float a, float b) {
  for (size_t r = 0; r < rows; r++) {
    float *RESTRICT in = pre + r * pre_stride;
    float *RESTRICT out = y + r * y_stride;
    for (size_t c = 0; c < columns; c++) {
      float x = bias ? in[c] + bias[c] : in[c];
      in[c] = x;
      out[c] = x * logistic(x * ascent(x, a, b, 1.0f));
    }
  }
}

CLONES void kernel_add_bias_gelu(
    float *pre, size_t pre_stride, float *y, size_t y_stride, size_t rows, size_t columns,
    const float *bias) {
  add_bias_weighted(pre, pre_stride, y, y_stride, rows, columns, bias, GELU);
}

CLONES void kernel_add_bias_swish(
    float *pre, size_t pre_stride, float *y, size_t y_stride, size_t rows, size_t columns,
    const float *bias) {
  add_bias_weighted(pre, pre_stride, y, y_stride, rows, columns, bias, SWISH);
}

CLONES void kernel_relu_slope(
    float *dy, size_t dy_stride, const float *y, size_t y_stride, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float *RESTRICT slope = dy + r * dy_stride;
    const float *RESTRICT value = y + r * y_stride;
    for (size_t c = 0; c < columns; c++) slope[c] = value[c] > 0.0f ? slope[c] : 0.0f;
  }
}

INLINE void weighted_slope(
    float *dy, size_t dy_stride, const float *pre, size_t pre_stride, size_t rows, size_t columns,
    float a, float b) {
  for (size_t r = 0; r < rows; r++) {
    float *RESTRICT slope = dy + r * dy_stride;
    const float *RESTRICT in = pre + r * pre_stride;
    for (size_t c = 0; c < columns; c++) {
      float x = in[c];
      float s = logistic(x * ascent(x, a, b, 1.0f));
      slope[c] *= s + x * s * (1.0f - s) * ascent(x, a, b, 3.0f);
    }
  }
}

CLONES void kernel_gelu_slope(
    float *dy, size_t dy_stride, const float *pre, size_t pre_stride, size_t rows,
    size_t columns) {
  weighted_slope(dy, dy_stride, pre, pre_stride, rows, columns, GELU);
}

CLONES void kernel_swish_slope(
    float *dy, size_t dy_stride, const float *pre, size_t pre_stride, size_t rows,
    size_t columns) {
  weighted_slope(dy, dy_stride, pre, pre_stride, rows, columns, SWISH);
}

CLONES void kernel_column_sums(
    const float *x, size_t x_stride, size_t rows, size_t columns, float *sums, int accumulate) {
  if (!accumulate)
    for (size_t c = 0; c < columns; c++) sums[c] = 0.0f;
  for (size_t r = 0; r < rows; r++) {
    const float *RESTRICT row = x + r * x_stride;
    float *RESTRICT out = sums;
    for (size_t c = 0; c < columns; c++) out[c] += row[c];
  }
}

CLONES void kernel_transpose(
    const float *x, size_t x_stride, float *y, size_t y_stride, size_t rows, size_t columns) {
  // In tiles, so that both sides stay in the cache.
  const size_t tile = 16;
  for (size_t first_row = 0; first_row < rows; first_row += tile)
    for (size_t first = 0; first < columns; first += tile) {
      size_t end_row = first_row + tile < rows ? first_row + tile : rows;
      size_t end = first + tile < columns ? first + tile : columns;
      for (size_t c = first; c < end; c++)
        for (size_t r = first_row; r < end_row; r++) y[c * y_stride + r] = x[r * x_stride + c];
    }
}

CLONES void kernel_softmax(float *x, size_t x_stride, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float *row = x + r * x_stride;
    float highest = row[0], sum = 0.0f;
    for (size_t c = 1; c < columns; c++) highest = row[c] > highest ? row[c] : highest;
    for (size_t c = 0; c < columns; c++) {
      row[c] = exponential(row[c] - highest);
      sum += row[c];
    }
    for (size_t c = 0; c < columns; c++) row[c] /= sum;
  }
}

CLONES void kernel_softmax_slope(
    float *dy, size_t dy_stride, const float *y, size_t y_stride, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float *slope = dy + r * dy_stride;
    const float *value = y + r * y_stride;
    float mean = 0.0f;
    for (size_t c = 0; c < columns; c++) mean += value[c] * slope[c];
    for (size_t c = 0; c < columns; c++) slope[c] = value[c] * (slope[c] - mean);
  }
}

CLONES void kernel_mixture(
    const float *share, size_t share_stride, const float *part, size_t part_stride, float *out,
    size_t out_stride, size_t rows, size_t columns, int accumulate) {
  for (size_t r = 0; r < rows; r++) {
    float *RESTRICT mixed = out + r * out_stride;
    const float *RESTRICT values = part + r * part_stride;
    float weight = share[r * share_stride];
    if (accumulate)
      for (size_t c = 0; c < columns; c++) mixed[c] += weight * values[c];
    else
      for (size_t c = 0; c < columns; c++) mixed[c] = weight * values[c];
  }
}

/// One row of the way back through a weighted part; the result is the weight's slope.
static inline __attribute__((always_inline)) float part_slope(
    const float *RESTRICT slope, const float *RESTRICT values, float *RESTRICT back, float weight,
    size_t columns, int accumulate) {
  float sum = 0.0f;
  if (accumulate)
    for (size_t c = 0; c < columns; c++) {
      sum += slope[c] * values[c];
      back[c] += weight * slope[c];
    }
  else
    for (size_t c = 0; c < columns; c++) {
      sum += slope[c] * values[c];
      back[c] = weight * slope[c];
    }
  return sum;
}

CLONES void kernel_mixture_slope(
    const float *share, size_t share_stride, const float *part, size_t part_stride,
    const float *dout, size_t dout_stride, float *dshare, size_t dshare_stride, float *dpart,
    size_t dpart_stride, float scale, size_t rows, size_t columns, int accumulate) {
  for (size_t r = 0; r < rows; r++)
    dshare[r * dshare_stride] = part_slope(
        dout + r * dout_stride, part + r * part_stride, dpart + r * dpart_stride,
        scale * share[r * share_stride], columns, accumulate);
}

CLONES void kernel_mixture_share_slope(
    const float *part, size_t part_stride, const float *dout, size_t dout_stride, float *dshare,
    size_t dshare_stride, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *RESTRICT slope = dout + r * dout_stride;
    const float *RESTRICT values = part + r * part_stride;
    float sum = 0.0f;
    for (size_t c = 0; c < columns; c++) sum += slope[c] * values[c];
    dshare[r * dshare_stride] = sum;
  }
}

CLONES float kernel_scaled_slope(
    float share, const float *part, size_t part_stride, const float *dout, size_t dout_stride,
    float *dpart, size_t dpart_stride, float scale, size_t rows, size_t columns, int accumulate) {
  float total = 0.0f;
  for (size_t r = 0; r < rows; r++)
    total += part_slope(
        dout + r * dout_stride, part + r * part_stride, dpart + r * dpart_stride, scale * share,
        columns, accumulate);
  return total;
}

CLONES void kernel_modulate(
    const float *x, size_t x_stride, const float *scale, const float *shift, float *y,
    size_t y_stride, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *RESTRICT in = x + r * x_stride;
    float *RESTRICT out = y + r * y_stride;
    for (size_t c = 0; c < columns; c++) out[c] = in[c] + in[c] * scale[c] + shift[c];
  }
}

CLONES void kernel_modulate_slope(
    const float *dy, size_t dy_stride, const float *x, size_t x_stride, const float *scale,
    float *dx, size_t dx_stride, float *dscale, float *dshift, size_t rows, size_t columns,
    int accumulate) {
  float *RESTRICT scales = dscale;
  float *RESTRICT shifts = dshift;
  if (!accumulate)
    for (size_t c = 0; c < columns; c++) scales[c] = shifts[c] = 0.0f;
  for (size_t r = 0; r < rows; r++) {
    const float *RESTRICT slope = dy + r * dy_stride;
    const float *RESTRICT values = x + r * x_stride;
    float *RESTRICT back = dx + r * dx_stride;
    for (size_t c = 0; c < columns; c++) {
      scales[c] += slope[c] * values[c];
      shifts[c] += slope[c];
    }
    if (accumulate)
      for (size_t c = 0; c < columns; c++) back[c] += slope[c] + slope[c] * scale[c];
    else
      for (size_t c = 0; c < columns; c++) back[c] = slope[c] + slope[c] * scale[c];
  }
}

// A 32-bit mixer (lowbias32 constants) over the row's and the column's counters.
INLINE uint32_t mixed(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  x ^= x >> 16;
  return x;
}

// The random numbers of a row begin with this.
static inline uint32_t row_seed(uint64_t row, uint64_t key) {
  uint64_t counter = row * 0x9e3779b97f4a7c15ull + key;
  return mixed((uint32_t)counter) ^ (uint32_t)(counter >> 32);
}

// Whether an element is dropped, where `threshold` is the rate times 2³².
static inline int is_dropped(uint32_t seed, size_t column, uint32_t threshold) {
  return mixed(seed + (uint32_t)column * 0x9e3779b9u) < threshold;
}

CLONES void kernel_dropout(
    float *x, size_t x_stride, size_t rows, size_t columns, float rate, uint64_t key,
    uint64_t first_row) {
  uint32_t threshold = (uint32_t)(rate * 4294967296.0);
  float kept = 1.0f / (1.0f - rate);
  for (size_t r = 0; r < rows; r++) {
    uint32_t seed = row_seed(first_row + r, key);
    float *RESTRICT row = x + r * x_stride;
    for (size_t c = 0; c < columns; c++)
      row[c] = is_dropped(seed, c, threshold) ? 0.0f : row[c] * kept;
  }
}

CLONES void kernel_field_dropout(
    const float *x, size_t x_stride, float *out, size_t out_stride, size_t rows, size_t columns,
    const size_t *widths, size_t fields, float rate, float scale, uint64_t key, uint64_t first_row,
    int accumulate) {
  uint32_t threshold = (uint32_t)(rate * 4294967296.0);
  float kept = scale / (1.0f - rate);
  for (size_t r = 0; r < rows; r++) {
    uint32_t seed = row_seed(first_row + r, key);
    const float *RESTRICT in = x + r * x_stride;
    float *RESTRICT row = out + r * out_stride;
    size_t c = 0;
    for (size_t f = 0; f <= fields; f++) {
      size_t end = f < fields ? c + widths[f] : columns;
      // What lies behind the fields is not dropped.
      float factor = f == fields ? scale : is_dropped(seed, f, threshold) ? 0.0f : kept;
      for (; c < end; c++) {
        // No product with 0, which would let NaN and infinity through.
        float value = factor == 0.0f ? 0.0f : factor * in[c];
        row[c] = accumulate ? row[c] + value : value;
      }
    }
  }
}

CLONES void kernel_drop_shares(
    float *x, size_t x_stride, size_t rows, size_t columns, float rate, uint64_t key,
    uint64_t first_row) {
  uint32_t threshold = (uint32_t)(rate * 4294967296.0);
  for (size_t r = 0; r < rows; r++) {
    uint32_t seed = row_seed(first_row + r, key);
    float *row = x + r * x_stride;
    float sum = 0.0f;
    for (size_t c = 0; c < columns; c++) sum += is_dropped(seed, c, threshold) ? 0.0f : row[c];
    if (sum <= 0.0f) continue;
    for (size_t c = 0; c < columns; c++)
      row[c] = is_dropped(seed, c, threshold) ? 0.0f : row[c] / sum;
  }
}

CLONES void kernel_balance_slope(
    const float *share, size_t share_stride, const float *weight, size_t weight_stride, float factor,
    float *dshare, size_t dshare_stride, size_t rows, size_t columns, int accumulate) {
  float means[columns];
  float total = 0.0f;
  for (size_t c = 0; c < columns; c++) means[c] = 0.0f;
  for (size_t r = 0; r < rows; r++) {
    float w = weight[r * weight_stride];
    total += w;
    for (size_t c = 0; c < columns; c++) means[c] += w * share[r * share_stride + c];
  }
  for (size_t c = 0; c < columns; c++) means[c] = total != 0.0f ? means[c] / total : 0.0f;
  for (size_t r = 0; r < rows; r++) {
    float *slope = dshare + r * dshare_stride;
    float scale = 2.0f * factor * (float)columns * weight[r * weight_stride];
    for (size_t c = 0; c < columns; c++) {
      float value = scale * means[c];
      slope[c] = accumulate ? slope[c] + value : value;
    }
  }
}

CLONES void kernel_sigmoid(const float *x, size_t x_stride, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = logistic(x[i * x_stride]);
}

CLONES void kernel_add_scaled(float *y, const float *x, float a, size_t count) {
  float *RESTRICT out = y;
  for (size_t i = 0; i < count; i++) out[i] += a * x[i];
}

CLONES void kernel_move(float *y, const float *x, float share, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += share * (x[i] - y[i]);
}

CLONES void kernel_swap(float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const float kept = x[i];
    x[i] = y[i];
    y[i] = kept;
  }
}

CLONES void kernel_scale(float *y, float a, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] *= a;
}

// A NaN wins, and stays, so that it reaches the loss.
INLINE int is_above(float x, float highest) { return x > highest || (x != x && highest == highest); }

CLONES void kernel_list_max(
    const float *table, size_t record, const int32_t *ids, size_t count, float *out,
    size_t dimension) {
  for (size_t c = 0; c < dimension; c++) out[c] = count > 0 ? table[(size_t)ids[0] * record + c] : 0;
  for (size_t e = 1; e < count; e++) {
    const float *from = table + (size_t)ids[e] * record;
    for (size_t c = 0; c < dimension; c++) out[c] = is_above(from[c], out[c]) ? from[c] : out[c];
  }
}

CLONES int32_t kernel_list_argmax(
    const float *table, size_t record, const int32_t *ids, size_t count, size_t column) {
  int32_t winner = ids[0];
  for (size_t e = 1; e < count; e++)
    if (is_above(table[(size_t)ids[e] * record + column], table[(size_t)winner * record + column]))
      winner = ids[e];
  return winner;
}

CLONES void kernel_gather(
    const float *table, size_t record, const int32_t *ids, float *out, size_t out_stride,
    size_t rows, size_t dimension) {
  const size_t ahead = 12;
  for (size_t r = 0; r < rows && r < ahead; r++)
    __builtin_prefetch(table + (size_t)ids[r] * record);
  for (size_t r = 0; r < rows; r++) {
    if (r + ahead < rows) __builtin_prefetch(table + (size_t)ids[r + ahead] * record);
    const float *RESTRICT from = table + (size_t)ids[r] * record;
    float *RESTRICT to = out + r * out_stride;
    for (size_t c = 0; c < dimension; c++) to[c] = from[c];
  }
}

INLINE size_t scatter(
    const int32_t *ids, size_t rows, uint32_t shard, uint32_t shards, int32_t *slot_of,
    int32_t *slots, size_t slot_count, const float *slopes, size_t slope_stride,
    size_t block_rows, float *gradients, size_t first_block, size_t blocks, size_t all_blocks,
    size_t dimension) {
  const size_t ahead = 16;
  for (size_t r = 0; r < rows; r++) {
    if (r + ahead < rows) __builtin_prefetch(slot_of + ids[r + ahead], 1);
    uint32_t id = (uint32_t)ids[r];
    if ((id >> 4) % shards != shard) continue;
    int32_t slot = slot_of[id];
    int is_new = slot == 0;
    if (is_new) {
      slots[slot_count++] = (int32_t)id;
      slot_of[id] = slot = (int32_t)slot_count;
    }
    float *stack = gradients + (size_t)(slot - 1) * all_blocks * dimension;
    if (is_new && blocks < all_blocks) {
      for (size_t c = 0; c < all_blocks * dimension; c++) stack[c] = 0.0f;
      is_new = 0;
    }
    for (size_t b = 0; b < blocks; b++) {
      float *RESTRICT sum = stack + (first_block + b) * dimension;
      const float *RESTRICT slope = slopes + (b * block_rows + r) * slope_stride;
      if (is_new)
        for (size_t c = 0; c < dimension; c++) sum[c] = slope[c];
      else
        for (size_t c = 0; c < dimension; c++) sum[c] += slope[c];
    }
  }
  return slot_count;
}

CLONES size_t kernel_scatter(
    const int32_t *ids, size_t rows, uint32_t shard, uint32_t shards, int32_t *slot_of,
    int32_t *slots, size_t slot_count, const float *slopes, size_t slope_stride,
    size_t block_rows, float *gradients, size_t first_block, size_t blocks, size_t all_blocks,
    size_t dimension) {
  // The usual width gets a loop of known length.
  if (dimension == 16)
    return scatter(
        ids, rows, shard, shards, slot_of, slots, slot_count, slopes, slope_stride, block_rows,
        gradients, first_block, blocks, all_blocks, 16);
  return scatter(
      ids, rows, shard, shards, slot_of, slots, slot_count, slopes, slope_stride, block_rows,
      gradients, first_block, blocks, all_blocks, dimension);
}

CLONES void kernel_gramian(
    const float *gradients, size_t stride, size_t tasks, size_t count, double *gramian) {
  for (size_t i = 0; i < tasks; i++)
    for (size_t j = i; j < tasks; j++) {
      const float *RESTRICT x = gradients + i * stride;
      const float *RESTRICT y = gradients + j * stride;
      double sum = 0.0;
      for (size_t c = 0; c < count; c++) sum += (double)x[c] * (double)y[c];
      gramian[i * tasks + j] += sum;
      if (i != j) gramian[j * tasks + i] += sum;
    }
}

CLONES double kernel_inner_product(
    const float *x, size_t x_stride, const float *y, size_t y_stride, size_t rows,
    size_t columns) {
  double sum = 0.0;
  for (size_t r = 0; r < rows; r++) {
    const float *RESTRICT left = x + r * x_stride;
    const float *RESTRICT right = y + r * y_stride;
    for (size_t c = 0; c < columns; c++) sum += (double)left[c] * (double)right[c];
  }
  return sum;
}

CLONES void kernel_combine(
    const float *gradients, size_t stride, size_t tasks, const float *weights, float *combined,
    size_t count) {
  for (size_t c = 0; c < count; c++) {
    float sum = 0.0f;
    for (size_t i = 0; i < tasks; i++) sum += weights[i] * gradients[i * stride + c];
    combined[c] = sum;
  }
}

INLINE void adam(
    float *value, float *first, float *second, const float *gradient, float scale, size_t count,
    float rate, float beta1, float beta2, float root, float epsilon, float decay,
    float decoupled) {
  float *RESTRICT v = value, *RESTRICT m1 = first, *RESTRICT m2 = second;
  for (size_t i = 0; i < count; i++) {
    float g = scale * gradient[i] + decay * v[i];
    float m = beta1 * m1[i] + (1.0f - beta1) * g;
    float s = beta2 * m2[i] + (1.0f - beta2) * g * g;
    m1[i] = m;
    m2[i] = s;
    v[i] = v[i] * (1.0f - decoupled) - rate * m / (__builtin_sqrtf(s) * root + epsilon);
  }
}

CLONES void kernel_adam(
    float *value, float *first, float *second, const float *gradient, float scale, size_t count,
    float rate, float beta1, float beta2, float root, float epsilon, float decay,
    float decoupled) {
  adam(
      value, first, second, gradient, scale, count, rate, beta1, beta2, root, epsilon, decay,
      decoupled);
}

CLONES void kernel_adam_rows(
    float *table, size_t record, const int32_t *slots, size_t slot_count, const float *gradients,
    size_t gradient_stride, float scale, size_t dimension, float rate, float beta1, float beta2,
    float root, float epsilon, float decay, float decoupled) {
  const size_t ahead = 16;
  for (size_t n = 0; n < slot_count; n++) {
    if (n + ahead < slot_count) {
      const float *next = table + (size_t)slots[n + ahead] * record;
      for (size_t line = 0; line < record; line += 16) __builtin_prefetch(next + line, 1);
    }
    float *row = table + (size_t)slots[n] * record;
    // The usual width gets a loop of known length, which stays in registers.
    if (dimension == 16)
      adam(
          row, row + 16, row + 32, gradients + n * gradient_stride, scale, 16, rate, beta1, beta2,
          root, epsilon, decay, decoupled);
    else
      adam(
          row, row + dimension, row + 2 * dimension, gradients + n * gradient_stride, scale,
          dimension, rate, beta1, beta2, root, epsilon, decay, decoupled);
  }
}

CLONES void kernel_adagrad(
    float *value, float *sum, const float *gradient, float scale, size_t count, float rate,
    float epsilon, float decay) {
  float *RESTRICT v = value, *RESTRICT s = sum;
  for (size_t i = 0; i < count; i++) {
    float g = scale * gradient[i] + decay * v[i];
    s[i] += g * g;
    v[i] -= rate * g / (__builtin_sqrtf(s[i]) + epsilon);
  }
}

CLONES void kernel_sgd_momentum(
    float *value, float *velocity, const float *gradient, float scale, size_t count, float rate,
    float momentum, float decay) {
  float *RESTRICT v = value, *RESTRICT u = velocity;
  for (size_t i = 0; i < count; i++) {
    u[i] = momentum * u[i] + scale * gradient[i] + decay * v[i];
    v[i] -= rate * u[i];
  }
}

CLONES void kernel_sgd(
    float *value, const float *gradient, float scale, size_t count, float rate, float decay) {
  float *RESTRICT v = value;
  for (size_t i = 0; i < count; i++) v[i] -= rate * (scale * gradient[i] + decay * v[i]);
}

// oneDNN's Debian build takes its threads from libgomp; declared here to need no omp.h.
extern void omp_set_num_threads(int);
void kernel_use_one_openmp_thread(void) { omp_set_num_threads(1); }
