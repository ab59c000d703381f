/// Wilson's confidence interval of a share, 95 % unless another is asked for.
///
/// It stays inside `0...1` and is not empty where the share is exactly 0 or 1.
///
/// Wilson: *Probable Inference, the Law of Succession, and Statistical Inference*, Journal of the
/// American Statistical Association 22, 1927. <https://doi.org/10.2307/2276774>
///
/// - Parameters:
///   - share: The share that was seen, in `0...1`.
///   - rows: Of how many rows, above 0; with weights the effective number, which may be broken.
///   - deviations: How many standard deviations of a normal number the interval reaches to each side;
///     nil for those of 95 %.
/// - Returns: The lower and the upper end, in `0...1`.
public func wilsonInterval(
  of share: Double, rows: Double, deviations: Double? = nil
) -> ClosedRange<Double> {
  precondition(rows > 0 && share >= 0 && share <= 1, "a share of \(share) among \(rows) rows")
  let deviations = deviations ?? NormalQuantile.twoSided95
  let squared = deviations * deviations
  let scale = 1 / (1 + squared / rows)
  let centre = (share + squared / (2 * rows)) * scale
  let spread = share * (1 - share) / rows + squared / (4 * rows * rows)
  let reach = deviations * spread.squareRoot() * scale
  // At 0 and 1 the formula's end is exact and its rounding is not.
  return (share == 0 ? 0 : max(0, centre - reach))...(share == 1 ? 1 : min(1, centre + reach))
}

/// How far from the mean, in standard deviations, a normal number stays with some probability.
enum NormalQuantile {
  /// Within this distance with a probability of 95 %.
  static let twoSided95 = 1.959_963_984_540_054
  /// Below this with a probability of 80 %.
  static let below80 = 0.841_621_233_572_914_3
}
