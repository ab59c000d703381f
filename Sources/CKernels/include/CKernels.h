/// The loops over floats that pay for one build per instruction set.
///
/// Matrices are row-major: element (r, c) of `x` is `x[r * x_stride + c]`. Strides count floats.
/// No function allocates, keeps a pointer or touches anything but its arguments.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define RESTRICT restrict

/// y[r, c] += bias[c].
void kernel_add_bias(float *y, size_t y_stride, size_t rows, size_t columns, const float *bias);
/// y[r, c] = max(0, y[r, c] + bias[c]).
void kernel_add_bias_relu(
    float *y, size_t y_stride, size_t rows, size_t columns, const float *bias);
/// pre[r, c] += bias[c]; y[r, c] = gelu(pre[r, c]) in the tanh form.
void kernel_add_bias_gelu(
    float *pre, size_t pre_stride, float *y, size_t y_stride, size_t rows, size_t columns,
    const float *bias);
/// The same with swish(x) = x σ(x). In both, bias may be NULL for none.
void kernel_add_bias_swish(
    float *pre, size_t pre_stride, float *y, size_t y_stride, size_t rows, size_t columns,
    const float *bias);
/// dy[r, c] = 0 where y[r, c] is not positive.
void kernel_relu_slope(
    float *dy, size_t dy_stride, const float *y, size_t y_stride, size_t rows, size_t columns);
/// dy[r, c] *= gelu'(pre[r, c]).
void kernel_gelu_slope(
    float *dy, size_t dy_stride, const float *pre, size_t pre_stride, size_t rows, size_t columns);
/// dy[r, c] *= swish'(pre[r, c]).
void kernel_swish_slope(
    float *dy, size_t dy_stride, const float *pre, size_t pre_stride, size_t rows, size_t columns);
/// sums[c] = Σ_r x[r, c], or += if accumulate is not 0.
void kernel_column_sums(
    const float *x, size_t x_stride, size_t rows, size_t columns, float *sums, int accumulate);

/// y[c, r] = x[r, c].
void kernel_transpose(
    const float *x, size_t x_stride, float *y, size_t y_stride, size_t rows, size_t columns);

/// Each row of x becomes its softmax.
void kernel_softmax(float *x, size_t x_stride, size_t rows, size_t columns);
/// dx = softmax'(y) dy, in place: dy[r, c] = y[r, c] (dy[r, c] − Σ_j y[r, j] dy[r, j]).
void kernel_softmax_slope(
    float *dy, size_t dy_stride, const float *y, size_t y_stride, size_t rows, size_t columns);
/// out[r, c] = share[r * share_stride] part[r, c], or += if accumulate is not 0.
void kernel_mixture(
    const float *share, size_t share_stride, const float *part, size_t part_stride, float *out,
    size_t out_stride, size_t rows, size_t columns, int accumulate);
/// The way back through kernel_mixture: dshare[r * dshare_stride] = ⟨dout[r], part[r]⟩, and
/// dpart[r, c] = scale share[r * share_stride] dout[r, c], or += if accumulate is not 0.
void kernel_mixture_slope(
    const float *share, size_t share_stride, const float *part, size_t part_stride,
    const float *dout, size_t dout_stride, float *dshare, size_t dshare_stride, float *dpart,
    size_t dpart_stride, float scale, size_t rows, size_t columns, int accumulate);

/// The same for a part that gets no slopes: dshare[r] = Σ_c part[r, c] dout[r, c].
void kernel_mixture_share_slope(
    const float *part, size_t part_stride, const float *dout, size_t dout_stride, float *dshare,
    size_t dshare_stride, size_t rows, size_t columns);

/// The way back through kernel_mixture with a share for all rows: dpart[r, c] = scale · share · dout[r, c],
/// or += if accumulate is not 0. The result is Σ part[r, c] dout[r, c], the share's slope.
float kernel_scaled_slope(
    float share, const float *part, size_t part_stride, const float *dout, size_t dout_stride,
    float *dpart, size_t dpart_stride, float scale, size_t rows, size_t columns, int accumulate);

/// y[r, c] = (1 + scale[c]) x[r, c] + shift[c].
void kernel_modulate(
    const float *x, size_t x_stride, const float *scale, const float *shift, float *y,
    size_t y_stride, size_t rows, size_t columns);
/// The way back through kernel_modulate: dx[r, c] = (1 + scale[c]) dy[r, c],
/// dscale[c] = Σ_r x[r, c] dy[r, c] and dshift[c] = Σ_r dy[r, c], or += if accumulate is not 0.
void kernel_modulate_slope(
    const float *dy, size_t dy_stride, const float *x, size_t x_stride, const float *scale,
    float *dx, size_t dx_stride, float *dscale, float *dshift, size_t rows, size_t columns,
    int accumulate);

/// out[r, c] = scale · a[r, c] (b[r, c] + shift), or += if accumulate is not 0.
void kernel_product(
    const float *a, size_t a_stride, const float *b, size_t b_stride, float shift, float scale,
    float *out, size_t out_stride, size_t rows, size_t columns, int accumulate);

/// The sum of the products of all pairs of fields, which begin at the given columns of x:
/// out[r, d] = ½ ((Σ_f x[r, firsts[f] + d])² − Σ_f x[r, firsts[f] + d]²), d < dimension.
void kernel_pair_sum(
    const float *x, size_t x_stride, const size_t *firsts, size_t fields, size_t dimension,
    float *out, size_t out_stride, size_t rows);
/// The way back: dx[r, firsts[f] + d] += scale · dout[r, d] Σ_{g ≠ f} x[r, firsts[g] + d].
void kernel_pair_sum_slope(
    const float *dout, size_t dout_stride, const float *x, size_t x_stride, const size_t *firsts,
    size_t fields, size_t dimension, float scale, float *dx, size_t dx_stride, size_t rows);

/// The products of chosen pairs of fields, each dimension wide, side by side:
/// out[r, p · dimension + d] = a[r, a_firsts[p] + d] b[r, b_firsts[p] + d].
void kernel_pair_products(
    const float *a, size_t a_stride, const size_t *a_firsts, const float *b, size_t b_stride,
    const size_t *b_firsts, size_t pairs, size_t dimension, float *out, size_t out_stride,
    size_t rows);
/// The way back to b: db[r, b_firsts[p] + d] += scale · dout[r, p · dimension + d] a[r, a_firsts[p] + d].
void kernel_pair_products_slope(
    const float *dout, size_t dout_stride, const float *a, size_t a_stride, const size_t *a_firsts,
    const size_t *b_firsts, size_t pairs, size_t dimension, float scale, float *db,
    size_t db_stride, size_t rows);

/// Means of neighbouring fields of these widths: out[r, f] = mean of field f of x[r].
void kernel_field_means(
    const float *x, size_t x_stride, const size_t *widths, size_t fields, float *out,
    size_t out_stride, size_t rows);
/// The way back: adds scale · dout[r, f] / widths[f] to every column of field f of dx[r].
void kernel_field_means_slope(
    const float *dout, size_t dout_stride, const size_t *widths, size_t fields, float scale,
    float *dx, size_t dx_stride, size_t rows);
/// Weighted fields: field f of out[r] = scale · share[r, f] · field f of x[r], or += if accumulate is
/// not 0.
void kernel_field_scale(
    const float *share, size_t share_stride, const float *x, size_t x_stride, const size_t *widths,
    size_t fields, float scale, float *out, size_t out_stride, size_t rows, int accumulate);
/// The way back to the shares: dshare[r, f] += scale ⟨dout[r], x[r]⟩ over field f.
void kernel_field_scale_slope(
    const float *dout, size_t dout_stride, const float *x, size_t x_stride, const size_t *widths,
    size_t fields, float scale, float *dshare, size_t dshare_stride, size_t rows);

/// Each field of a row, minus its mean, divided by √(variance + epsilon), then times 1 + gain[c], plus
/// bias[c]. A field of a single column keeps its value instead of becoming 0. Below 0 it becomes 0 if rectify is
/// not 0.
void kernel_layer_norm(
    const float *x, size_t x_stride, const size_t *widths, size_t fields, float epsilon,
    const float *gain, const float *bias, int rectify, float *out, size_t out_stride, size_t rows);
/// The way back: dgain and dbias get their sums over the rows, or += if accumulate_parameters is not 0;
/// the fields that lie in the first dx_columns columns get scale times their slopes, or += if accumulate
/// is not 0.
void kernel_layer_norm_slope(
    const float *dout, size_t dout_stride, const float *x, size_t x_stride, const size_t *widths,
    size_t fields, float epsilon, const float *gain, float *dgain, float *dbias,
    int accumulate_parameters, float scale, float *dx, size_t dx_stride, size_t dx_columns,
    size_t rows, int accumulate);

/// Row r's list has the elements k from ends[r − 1], 0 for the first, up to ends[r]:
/// out[k] = [e_k, t_r, e_k − t_r, e_k ⊙ t_r], each `dimension` wide.
void kernel_target_pairs(
    const float *elements, size_t element_stride, const float *targets, size_t target_stride,
    const int32_t *ends, size_t rows, size_t dimension, float *out, size_t out_stride);
/// Writes or adds `scale` times the slopes of the elements of kernel_target_pairs.
void kernel_target_pairs_element_slope(
    const float *dout, size_t dout_stride, const float *targets, size_t target_stride,
    const int32_t *ends, size_t rows, size_t dimension, float scale, float *delements,
    size_t element_stride, int accumulate);
/// The same of the targets.
void kernel_target_pairs_target_slope(
    const float *dout, size_t dout_stride, const float *elements, size_t element_stride,
    const int32_t *ends, size_t rows, size_t dimension, float scale, float *dtargets,
    size_t target_stride, int accumulate);
/// out[r] = Σ_k weights[k] e_k over row r's list; zeros for an empty one.
void kernel_list_sums(
    const float *elements, size_t element_stride, const float *weights, size_t weight_stride,
    const int32_t *ends, size_t rows, size_t dimension, float *out, size_t out_stride);
/// Writes or adds `scale` times the slopes of the elements of kernel_list_sums.
void kernel_list_sums_element_slope(
    const float *dout, size_t dout_stride, const float *weights, size_t weight_stride,
    const int32_t *ends, size_t rows, size_t dimension, float scale, float *delements,
    size_t element_stride, int accumulate);
/// The same of the weights.
void kernel_list_sums_weight_slope(
    const float *dout, size_t dout_stride, const float *elements, size_t element_stride,
    const int32_t *ends, size_t rows, size_t dimension, float scale, float *dweights,
    size_t weight_stride, int accumulate);

/// y[r, c] = x[r, c] / (1 − rate) where a counter-based random number keeps it, else 0.
/// The number depends on key, first_row + r and c alone.
void kernel_dropout(
    float *x, size_t x_stride, size_t rows, size_t columns, float rate, uint64_t key,
    uint64_t first_row);

/// out[r, c] = scale · x[r, c] / (1 − rate), or += if accumulate is not 0, but 0 in the fields that
/// kernel_dropout would drop, were each a column; fields of these widths are the leading columns, and the
/// rest is scale · x[r, c].
void kernel_field_dropout(
    const float *x, size_t x_stride, float *out, size_t out_stride, size_t rows, size_t columns,
    const size_t *widths, size_t fields, float rate, float scale, uint64_t key, uint64_t first_row,
    int accumulate);
/// Sets shares to 0 where kernel_dropout would, and scales each row's rest to a sum of 1; a row that
/// would lose all keeps all.
void kernel_drop_shares(
    float *x, size_t x_stride, size_t rows, size_t columns, float rate, uint64_t key,
    uint64_t first_row);
/// With m[c] the mean of share[·, c], weighted by weight[·], of sum W, writes or adds to dshare the slopes
/// of factor · W · (columns · Σ m² − 1).
void kernel_balance_slope(
    const float *share, size_t share_stride, const float *weight, size_t weight_stride, float factor,
    float *dshare, size_t dshare_stride, size_t rows, size_t columns, int accumulate);

/// Below this sum of what a selector gives to experts, the slope of its inverse grows no more.
#define SELECTION_FLOOR 0.1f
/// The shares of experts by DSelect-k: share[r, e] = Σ_i softmax(logit)_i Π_b (S(z_ib) or 1 − S(z_ib), as
/// bit b of e is 1 or 0). A row of codes has `selectors` logits, then each selector's variables z, as many
/// as the experts' numbers have bits. S is the smooth step from −width / 2 to width / 2.
void kernel_select(
    const float *code, size_t code_stride, size_t selectors, float width, float *share,
    size_t share_stride, size_t rows, size_t experts);
/// The way back through kernel_select: writes scale times the codes' slopes.
void kernel_select_slope(
    const float *code, size_t code_stride, size_t selectors, float width, const float *dshare,
    size_t dshare_stride, float scale, float *dcode, size_t dcode_stride, size_t rows,
    size_t experts);
/// Writes or adds the codes' slopes of weight[r] · Σ_i (entropy · H(s_i) + reach / Σ_e s_ie), where s_i is
/// what selector i gives to the experts and H its entropy; see SELECTION_FLOOR.
void kernel_selection_penalty_slope(
    const float *code, size_t code_stride, size_t selectors, float width, const float *weight,
    size_t weight_stride, float entropy, float reach, float *dcode, size_t dcode_stride, size_t rows,
    size_t experts, int accumulate);

/// y[i] = 1 / (1 + exp(−x[i · x_stride])).
void kernel_sigmoid(const float *x, size_t x_stride, float *y, size_t count);
/// y[i] += a · x[i].
void kernel_add_scaled(float *y, const float *x, float a, size_t count);
/// y[i] += share · (x[i] − y[i]).
void kernel_move(float *y, const float *x, float share, size_t count);
/// x[i] and y[i] change places.
void kernel_swap(float *x, float *y, size_t count);
/// y[i] *= a.
void kernel_scale(float *y, float a, size_t count);

/// out[c] = the highest number in column c of the table's rows ids, the rows record floats apart; zeros
/// where count is 0. A NaN counts as the highest.
void kernel_list_max(
    const float *table, size_t record, const int32_t *ids, size_t count, float *out,
    size_t dimension);
/// The first of the ids, one at least, whose number in the column kernel_list_max takes.
int32_t kernel_list_argmax(
    const float *table, size_t record, const int32_t *ids, size_t count, size_t column);
/// Rows of an embedding table side by side: out[r, 0..<dimension] = table[ids[r]].
/// Records are `record` floats apart.
void kernel_gather(
    const float *table, size_t record, const int32_t *ids, float *out, size_t out_stride,
    size_t rows, size_t dimension);

/// One step of Adam over `count` parameters. `decay` is coupled L2, `decoupled` AdamW's shrinkage.
/// With `rate` already divided by 1 − beta1^t and `root` = 1 / √(1 − beta2^t).
void kernel_adam(
    float *value, float *first, float *second, const float *gradient, float scale, size_t count,
    float rate, float beta1, float beta2, float root, float epsilon, float decay,
    float decoupled);
/// The same for rows of an embedding table: row slots[n] is a record of `record` floats, values and
/// the two moments one after another, and its gradient begins at gradients + n * gradient_stride.
void kernel_adam_rows(
    float *table, size_t record, const int32_t *slots, size_t slot_count, const float *gradients,
    size_t gradient_stride, float scale, size_t dimension, float rate, float beta1, float beta2,
    float root, float epsilon, float decay, float decoupled);
/// One step of Adagrad: sum += g²; value −= rate · g / (√sum + epsilon).
void kernel_adagrad(
    float *value, float *sum, const float *gradient, float scale, size_t count, float rate,
    float epsilon, float decay);
/// One step of SGD with heavy-ball momentum: velocity = momentum · velocity + g; value −= rate · velocity.
void kernel_sgd_momentum(
    float *value, float *velocity, const float *gradient, float scale, size_t count, float rate,
    float momentum, float decay);
/// One step of plain SGD: value −= rate · g.
void kernel_sgd(
    float *value, const float *gradient, float scale, size_t count, float rate, float decay);

/// Adds the slopes of the batch's rows to the gradients of the table rows that they looked up.
///
/// Takes the ids whose shard, (id / 16) % shards, is `shard`. Table row ids[r] gets a slot at its
/// first sight: slot_of[id] becomes the slot's number plus 1, slots[n] = id. Slot n's gradient has
/// `all_blocks` times `dimension` floats at gradients + n * all_blocks * dimension, zero where nothing
/// was added; block first_block + b, of `blocks`, adds
/// slopes[(b * block_rows + r) * slope_stride + 0..<dimension]. Returns the new count of slots;
/// there must be room for every id.
size_t kernel_scatter(
    const int32_t *ids, size_t rows, uint32_t shard, uint32_t shards, int32_t *slot_of,
    int32_t *slots, size_t slot_count, const float *slopes, size_t slope_stride,
    size_t block_rows, float *gradients, size_t first_block, size_t blocks, size_t all_blocks,
    size_t dimension);
/// gramian[i * tasks + j] += ⟨g_i, g_j⟩, where g_i has `count` floats at gradients + i * stride.
void kernel_gramian(
    const float *gradients, size_t stride, size_t tasks, size_t count, double *gramian);
/// Σ x[r, c] y[r, c].
double kernel_inner_product(
    const float *x, size_t x_stride, const float *y, size_t y_stride, size_t rows,
    size_t columns);
/// combined[c] = Σ_i weights[i] gradients[i * stride + c]; combined may be gradients.
void kernel_combine(
    const float *gradients, size_t stride, size_t tasks, const float *weights, float *combined,
    size_t count);
/// oneDNN runs its OpenMP loops on the calling thread alone from here on.
void kernel_use_one_openmp_thread(void);
