import Glibc

/// The chance that a random positive scores higher than a random negative, ties counted as half.
///
/// Exact over all pairs: the area under the ROC curve, or the Mann–Whitney statistic divided by
/// the number of pairs. 0.5 is guessing, 1 is perfect order.
///
/// The variance is DeLong's, by mid-ranks. With `V⁺ᵢ` the share of negatives that positive `i`
/// beats and `V⁻ⱼ` the share of positives that beat negative `j`, ties as half,
/// `variance = var(V⁺)/P + var(V⁻)/N` with the unbiased sample variances.
///
/// With row weights every pair counts by the product of its weights. A weight says how much a row
/// counts, as importance or sampling weights do, not how many rows were seen: the variance is
/// that of the weighted means, `P/(P−1) · Σ w²(V⁺ − value)² / (Σ w)²` and the same for negatives.
/// So weights may be scaled at will, and few heavy rows make the area less sure. Doubling all
/// weights changes nothing; rows that were seen twice must be given twice.
///
/// DeLong, DeLong, Clarke-Pearson: *Comparing the Areas under Two or More Correlated Receiver
/// Operating Characteristic Curves*, Biometrics 44, 1988, equations 4–6. Sun, Xu: *Fast
/// Implementation of DeLong's Algorithm*, IEEE Signal Processing Letters 21, 2014, Algorithm 2.
/// <https://doi.org/10.1109/LSP.2014.2337313>
public struct AUC: Equatable, Sendable {
  /// The area, in `0...1`.
  public let value: Double
  /// Rows with label 1.
  public let positives: Int
  /// Rows with label 0.
  public let negatives: Int
  /// DeLong's variance of ``value``; nil with fewer than two positives or two negatives.
  public let variance: Double?

  /// Computes the area, with its variance, over the rows whose label is 0 or 1.
  ///
  /// - Parameters:
  ///   - scores: any numbers that order the rows, higher for likelier positives.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - weights: how much each row counts, finite and at least 0, which leaves the row out; nil
  ///     counts all alike.
  /// - Throws: ``UndefinedMetric`` where a class is missing, or a score or weight can't be used.
  /// - Complexity: O(n) time with a radix sort, 16 bytes of memory a row, 24 with weights.
  public init(
    scores: [Float], labels: [UInt8], weights: [Float]? = nil
  ) throws(UndefinedMetric) {
    try self.init(ranked: RankedRows(scores: scores, labels: labels, weights: weights))
  }

  /// Computes the area from rows that are sorted by score alone.
  init(ranked: RankedRows) throws(UndefinedMetric) {
    let range = 0..<ranked.rows.count
    let all = ranked.tally(in: range)
    try all.requireBothClasses()
    positives = all.positiveRows
    negatives = all.negativeRows
    value = ranked.area(in: range, of: all)
    variance = Self.variance(of: ranked, area: value, all: all)
  }

  private static func variance(of ranked: RankedRows, area: Double, all: ClassTally) -> Double? {
    guard all.positiveRows > 1, all.negativeRows > 1 else { return nil }
    var below = ClassTally()
    var positiveSquares = 0.0
    var negativeSquares = 0.0
    ranked.forEachTie(in: 0..<ranked.rows.count) { _, tie in
      let negativesBeaten = (2 * below.negatives + tie.negatives) / 2
      let positivesAbove = (2 * (all.positives - below.positives) - tie.positives) / 2
      let ofPositive = negativesBeaten / all.negatives - area
      let ofNegative = positivesAbove / all.positives - area
      positiveSquares += tie.positiveSquares * ofPositive * ofPositive
      negativeSquares += tie.negativeSquares * ofNegative * ofNegative
      below.add(tie)
    }
    return varianceOfMean(positiveSquares, rows: all.positiveRows, weight: all.positives)
      + varianceOfMean(negativeSquares, rows: all.negativeRows, weight: all.negatives)
  }

  /// The 95 % confidence interval, by the normal approximation of the area's logit.
  ///
  /// `logit(value) ± 1.96 · √variance / (value · (1 − value))`, mapped back, so it stays inside
  /// `0...1` and is not symmetric. Nil without a variance, and where the area is exactly 0 or 1:
  /// there DeLong's variance is zero and says nothing about how sure the value is.
  ///
  /// Pepe: *The Statistical Evaluation of Medical Tests for Classification and Prediction*,
  /// Oxford 2003, section 5.2.
  public var interval: ClosedRange<Double>? {
    guard let variance, value > 0, value < 1 else { return nil }
    let quantile = NormalQuantile.twoSided95
    let centre = log(value / (1 - value))
    let reach = quantile * variance.squareRoot() / (value * (1 - value))
    let low = 1 / (1 + exp(reach - centre))
    let high = 1 / (1 + exp(-reach - centre))
    return low...max(low, high)
  }
}

/// The variance of a weighted mean from the sum of `w² · deviation²`.
///
/// - Parameters:
///   - squares: The sum over the rows.
///   - rows: At least two.
///   - weight: The sum of the weights, which is the number of rows where all weigh 1.
/// - Returns: The variance, with the correction for the mean that comes from the same rows.
func varianceOfMean(_ squares: Double, rows: Int, weight: Double) -> Double {
  squares / weight / weight * (Double(rows) / Double(rows - 1))
}
