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
  /// - Throws: ``UndefinedMetric`` where a class is missing or a score is NaN.
  /// - Complexity: O(n) time with a radix sort, 16 bytes of memory a row.
  public init(scores: [Float], labels: [UInt8]) throws(UndefinedMetric) {
    let ranked = try RankedRows(scores: scores, labels: labels)
    let range = 0..<ranked.rows.count
    let positives = ranked.positives(in: range)
    let negatives = range.count - positives
    if positives == 0 { throw .noPositive(rows: range.count) }
    if negatives == 0 { throw .noNegative(rows: range.count) }
    self.positives = positives
    self.negatives = negatives
    let doubledPairs = 2 * Double(positives) * Double(negatives)
    value = Double(ranked.doubledWins(in: range)) / doubledPairs
    variance = Self.variance(of: ranked, area: value, positives: positives, negatives: negatives)
  }

  private static func variance(
    of ranked: RankedRows, area: Double, positives: Int, negatives: Int
  ) -> Double? {
    guard positives > 1, negatives > 1 else { return nil }
    var positivesBelow = 0
    var negativesBelow = 0
    var positiveSquares = 0.0
    var negativeSquares = 0.0
    ranked.forEachTie(in: 0..<ranked.rows.count) { tie in
      let negativesBeaten = Double(2 * negativesBelow + tie.negatives) / 2
      let positivesAbove = Double(2 * (positives - positivesBelow) - tie.positives) / 2
      let ofPositive = negativesBeaten / Double(negatives) - area
      let ofNegative = positivesAbove / Double(positives) - area
      positiveSquares += Double(tie.positives) * ofPositive * ofPositive
      negativeSquares += Double(tie.negatives) * ofNegative * ofNegative
      positivesBelow += tie.positives
      negativesBelow += tie.negatives
    }
    return positiveSquares / Double(positives - 1) / Double(positives)
      + negativeSquares / Double(negatives - 1) / Double(negatives)
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
    let quantile = 1.959_963_984_540_054
    let centre = log(value / (1 - value))
    let reach = quantile * variance.squareRoot() / (value * (1 - value))
    let low = 1 / (1 + exp(reach - centre))
    let high = 1 / (1 + exp(-reach - centre))
    return low...max(low, high)
  }
}
