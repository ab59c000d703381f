internal import CKernels

// The element-wise steps of layers, on whole matrices. Shapes are checked here; the loops are C.

extension Matrix {
  /// Adds `bias`, `[columns]`, to every row.
  public func addBias(_ bias: Matrix) {
    checkRow(bias)
    unsafe kernel_add_bias(base, stride, rows, columns, bias.base)
  }

  /// Adds `bias` and applies ReLU, `max(0, x)`.
  public func addBiasReLU(_ bias: Matrix) {
    checkRow(bias)
    unsafe kernel_add_bias_relu(base, stride, rows, columns, bias.base)
  }

  /// Adds `bias`, if any, in place and writes GELU (tanh form; Hendrycks, Gimpel: *Gaussian Error
  /// Linear Units*, 2016) of the sum to `result`.
  public func addBiasGELU(_ bias: Matrix?, into result: Matrix) {
    if let bias { checkRow(bias) }
    checkShape(result)
    unsafe kernel_add_bias_gelu(
      base, stride, result.base, result.stride, rows, columns, bias?.base)
  }

  /// Adds `bias`, if any, in place and writes swish, `x / (1 + exp(−x))`, of the sum to `result`.
  public func addBiasSwish(_ bias: Matrix?, into result: Matrix) {
    if let bias { checkRow(bias) }
    checkShape(result)
    unsafe kernel_add_bias_swish(
      base, stride, result.base, result.stride, rows, columns, bias?.base)
  }

  /// Multiplies this slope with ReLU's derivative, where `output` is ReLU's result.
  public func multiplyReLUSlope(output: Matrix) {
    checkShape(output)
    unsafe kernel_relu_slope(base, stride, output.base, output.stride, rows, columns)
  }

  /// Multiplies this slope with GELU's derivative at `input`.
  public func multiplyGELUSlope(input: Matrix) {
    checkShape(input)
    unsafe kernel_gelu_slope(base, stride, input.base, input.stride, rows, columns)
  }

  /// Multiplies this slope with swish's derivative at `input`.
  public func multiplySwishSlope(input: Matrix) {
    checkShape(input)
    unsafe kernel_swish_slope(base, stride, input.base, input.stride, rows, columns)
  }

  /// Writes the sum of each column to `sums`, `[1, columns]`, or adds it.
  public func sumColumns(into sums: Matrix, accumulating: Bool) {
    checkRow(sums)
    unsafe kernel_column_sums(base, stride, rows, columns, sums.base, accumulating ? 1 : 0)
  }

  /// Replaces each row by its softmax.
  public func applySoftmax() {
    guard columns > 0 else { return }
    unsafe kernel_softmax(base, stride, rows, columns)
  }

  /// Turns the slope after a softmax with result `output` into the slope before it.
  public func multiplySoftmaxSlope(output: Matrix) {
    checkShape(output)
    unsafe kernel_softmax_slope(base, stride, output.base, output.stride, rows, columns)
  }

  /// Sets a share of `rate` of the elements to zero and scales the rest by `1 / (1 − rate)`.
  ///
  /// Which ones depends on `key`, `firstRow` plus the row, and the column alone, so the same call
  /// on a slope repeats the mask.
  public func applyDropout(rate: Float, key: UInt64, firstRow: Int) {
    precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate)")
    guard rate > 0 else { return }
    unsafe kernel_dropout(base, stride, rows, columns, rate, key, UInt64(firstRow))
  }

  /// Writes, or adds, `scale` times `input`, whose leading columns are fields of these widths: a share of
  /// `rate` of the fields counts as zeros, the others are scaled by `1 / (1 − rate)`.
  ///
  /// Which ones depends on `key`, `firstRow` plus the row, and the field's number alone.
  public func setFieldsDropped(
    of input: Matrix, widths: [Int], rate: Float, key: UInt64, firstRow: Int, scale: Float,
    accumulating: Bool
  ) {
    precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate)")
    precondition(
      !widths.isEmpty && widths.reduce(0, +) <= columns, "fields of \(widths) in \(columns)")
    checkShape(input)
    unsafe widths.withUnsafeBufferPointer { fields in
      guard let start = fields.baseAddress else { return }
      unsafe kernel_field_dropout(
        input.base, input.stride, base, stride, rows, columns, start, fields.count, rate, scale,
        key, UInt64(firstRow), accumulating ? 1 : 0)
    }
  }

  /// Sets some of each row's shares to zero, each with probability `rate`, and scales the rest to the row's
  /// sum of 1; a row that would lose all keeps all.
  ///
  /// Which ones depends on `key`, `firstRow` plus the row, and the column alone.
  public func dropShares(rate: Float, key: UInt64, firstRow: Int) {
    precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate)")
    guard rate > 0 else { return }
    unsafe kernel_drop_shares(base, stride, rows, columns, rate, key, UInt64(firstRow))
  }

  /// Writes or adds the slopes of uneven use of shares.
  ///
  /// With `m` the mean share of each column over the rows, weighted by `rowWeights`, `[rows, 1]`, whose sum
  /// is `W`, they are those of `factor · W · (columns · Σ m² − 1)`.
  public func addBalanceSlope(
    of shares: Matrix, rowWeights: Matrix, factor: Float, accumulating: Bool
  ) {
    checkShape(shares)
    precondition(rowWeights.rows == rows && rowWeights.columns == 1, "a weight a row")
    unsafe kernel_balance_slope(
      shares.base, shares.stride, rowWeights.base, rowWeights.stride, factor, base, stride, rows,
      columns, accumulating ? 1 : 0)
  }

  /// Writes `1 / (1 + exp(−x))` of the first column to `result`, from `offset` on.
  public func writeSigmoid(to result: FloatStorage, at offset: Int) {
    precondition(columns >= 1)
    unsafe kernel_sigmoid(base, stride, result.pointer(at: offset, count: rows), rows)
  }

  /// Adds every element of `other`.
  public func add(_ other: Matrix) {
    checkShape(other)
    for row in 0..<rows {
      unsafe kernel_add_scaled(base + row * stride, other.base + row * other.stride, 1, columns)
    }
  }

  /// The sum of the products of equal elements, in double precision.
  public func innerProduct(with other: Matrix) -> Double {
    checkShape(other)
    return unsafe kernel_inner_product(base, stride, other.base, other.stride, rows, columns)
  }

  /// Multiplies every element by `factor`.
  public func scale(by factor: Float) {
    for row in 0..<rows { unsafe kernel_scale(base + row * stride, factor, columns) }
  }

  /// Copies `other`, rows to columns.
  public func copyTransposed(_ other: Matrix) {
    precondition(other.rows == columns && other.columns == rows)
    unsafe kernel_transpose(
      other.base, other.stride, base, stride, other.rows, other.columns)
  }

  /// Copies every element of `other`.
  public func copy(_ other: Matrix) {
    checkShape(other)
    for row in 0..<rows {
      unsafe (base + row * stride).update(from: other.base + row * other.stride, count: columns)
    }
  }

  /// Sets, or adds to, each row `r` the row of `part` times `shares[r, column]`.
  public func add(
    _ part: Matrix, timesColumn column: Int, of shares: Matrix, accumulating: Bool
  ) {
    checkShape(part)
    precondition(shares.rows == rows && column < shares.columns)
    unsafe kernel_mixture(
      shares.base + column, shares.stride, part.base, part.stride, base, stride, rows, columns,
      accumulating ? 1 : 0)
  }

  /// The way back through ``add(_:timesColumn:of:accumulating:)``, where this is the sum's slope.
  ///
  /// Writes column `column` of the shares' slope, and writes or adds `scale` times the part's slope.
  public func propagate(
    toPart partSlopes: Matrix, scale: Float = 1, withValues part: Matrix, column: Int,
    of shares: Matrix, shareSlopes: Matrix, accumulating: Bool
  ) {
    checkShape(part)
    checkShape(partSlopes)
    precondition(
      shares.rows == rows && shareSlopes.rows == rows && column < shares.columns
        && column < shareSlopes.columns)
    unsafe kernel_mixture_slope(
      shares.base + column, shares.stride, part.base, part.stride, base, stride,
      shareSlopes.base + column, shareSlopes.stride, partSlopes.base, partSlopes.stride, scale,
      rows, columns, accumulating ? 1 : 0)
  }

  /// The same for a part that gets no slopes: writes column `column` of the shares' slope.
  public func propagate(
    toShareOf part: Matrix, column: Int, shareSlopes: Matrix
  ) {
    checkShape(part)
    precondition(shareSlopes.rows == rows && column < shareSlopes.columns)
    unsafe kernel_mixture_share_slope(
      part.base, part.stride, base, stride, shareSlopes.base + column, shareSlopes.stride, rows,
      columns)
  }

  /// Writes or adds `weight` times a part.
  public func add(_ part: Matrix, times weight: Float, accumulating: Bool) {
    checkShape(part)
    var weight = weight
    unsafe kernel_mixture(
      &weight, 0, part.base, part.stride, base, stride, rows, columns, accumulating ? 1 : 0)
  }

  /// The way back through ``add(_:times:accumulating:)``, where this is the sum's slope.
  ///
  /// Writes or adds `scale` times the part's slope, and answers the weight's.
  public func propagate(
    toPart partSlopes: Matrix, scale: Float, withValues part: Matrix, times weight: Float,
    accumulating: Bool
  ) -> Float {
    checkShape(part)
    checkShape(partSlopes)
    return unsafe kernel_scaled_slope(
      weight, part.base, part.stride, base, stride, partSlopes.base, partSlopes.stride, scale,
      rows, columns, accumulating ? 1 : 0)
  }

  /// Writes `(1 + scale) · input + shift`, where a row of `modulation`, `[1, 2 · columns]`, holds the
  /// columns' scales, then their shifts.
  public func modulate(_ input: Matrix, by modulation: Matrix) {
    checkShape(input)
    checkModulation(modulation)
    unsafe kernel_modulate(
      input.base, input.stride, modulation.base, modulation.base + columns, base, stride, rows,
      columns)
  }

  /// The way back through ``modulate(_:by:)``, where this is the result's slope.
  ///
  /// Writes or adds the slopes of the input and of the modulation.
  public func propagate(
    toModulated inputSlopes: Matrix, withValues input: Matrix, by modulation: Matrix,
    modulationSlopes: Matrix, accumulating: Bool
  ) {
    checkShape(input)
    checkShape(inputSlopes)
    checkModulation(modulation)
    checkModulation(modulationSlopes)
    unsafe kernel_modulate_slope(
      base, stride, input.base, input.stride, modulation.base, inputSlopes.base,
      inputSlopes.stride, modulationSlopes.base, modulationSlopes.base + columns, rows, columns,
      accumulating ? 1 : 0)
  }

  private func checkModulation(_ modulation: Matrix) {
    precondition(
      modulation.rows == 1 && modulation.columns == 2 * columns,
      "a modulation of \(modulation.columns) for \(columns) columns")
  }

  func checkRow(_ row: Matrix) {
    precondition(
      row.rows == 1 && row.columns == columns, "a row of \(row.columns) for \(columns) columns")
  }

  func checkShape(_ other: Matrix) {
    precondition(
      other.rows == rows && other.columns == columns,
      "\(other.rows)×\(other.columns) for \(rows)×\(columns)")
  }
}
