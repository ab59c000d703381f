internal import CKernels

// The loops of DSelect-k. A row of codes has the logits of so many selectors, then each selector's binary
// variables, as many as the experts' numbers have bits.

extension Matrix {
  /// How many binary variables tell so many experts apart.
  public static func selectionBits(of experts: Int) -> Int {
    precondition(experts > 0, "a selection among \(experts) experts")
    return Int.bitWidth - (experts - 1).leadingZeroBitCount
  }

  /// Writes the share of each expert, a column each: the sum over the selectors of the softmax of their
  /// logits times what they give the expert.
  ///
  /// That is the product over the digits of its number, from 0, of the smooth step of the digit's variable,
  /// or for a digit 0 of what it lacks to 1. The smooth step rises from 0 to 1 between `-width / 2` and
  /// `width / 2`.
  public func setSelection(by codes: Matrix, selectors: Int, width: Float) {
    checkCodes(codes, selectors: selectors, experts: columns)
    unsafe kernel_select(codes.base, codes.stride, selectors, width, base, stride, rows, columns)
  }

  /// The way back through ``setSelection(by:selectors:width:)``, where this is the shares' slope: writes
  /// `scale` times the codes'.
  public func propagate(
    toCodes slopes: Matrix, withValues codes: Matrix, selectors: Int, width: Float, scale: Float
  ) {
    checkCodes(codes, selectors: selectors, experts: columns)
    checkCodes(slopes, selectors: selectors, experts: columns)
    unsafe kernel_select_slope(
      codes.base, codes.stride, selectors, width, base, stride, scale, slopes.base, slopes.stride,
      rows, columns)
  }

  /// Writes or adds the codes' slopes of a penalty of each row, times the row's weight, `[rows, 1]`.
  ///
  /// It is the sum over the selectors of `entropy` times the entropy of what they give to the experts, and of
  /// `reach` by its sum; below a sum of 0.1 that goes on as a straight line.
  public func addSelectionPenaltySlope(
    of codes: Matrix, experts: Int, selectors: Int, width: Float, rowWeights: Matrix,
    entropy: Float, reach: Float, accumulating: Bool
  ) {
    checkShape(codes)
    checkCodes(codes, selectors: selectors, experts: experts)
    precondition(rowWeights.rows == rows && rowWeights.columns == 1, "a weight a row")
    unsafe kernel_selection_penalty_slope(
      codes.base, codes.stride, selectors, width, rowWeights.base, rowWeights.stride, entropy,
      reach, base, stride, rows, experts, accumulating ? 1 : 0)
  }

  private func checkCodes(_ codes: Matrix, selectors: Int, experts: Int) {
    precondition(
      selectors > 0 && codes.rows == rows
        && codes.columns == selectors * (1 + Self.selectionBits(of: experts)),
      "\(codes.columns) columns of codes for \(selectors) selectors of \(experts) experts")
  }
}
