/// How many positives a window needs before a difference of AUC can be told from zero.
///
/// A difference is told from zero when its 95 % interval leaves zero out. The counts here are the
/// smallest with which a true difference of the stated size achieves that in four of five windows
/// (a power of 80 %): its standard error must not exceed `|difference| / (1.96 + 0.84)`. The rows
/// are taken to hold as many negatives per positive as those at hand.
public enum PositivesNeeded {
  /// From the variance that was seen on a window.
  ///
  /// DeLong's variance falls with the number of rows, so `positives · variance · (2.80 /
  /// difference)²`, rounded up.
  ///
  /// - Parameters:
  ///   - difference: What should be told from zero, on the scale of the AUC, such as 0.002.
  ///   - variance: Of a paired comparison of like models on rows of the same log.
  ///   - positives: Those among these rows.
  /// - Returns: The number of positives; nil where no number is enough.
  public static func telling(
    _ difference: Double, variance: Double, positives: Int
  ) -> Int? {
    count(Double(positives) * variance * inverseSquare(of: difference))
  }

  /// From a comparison on a window.
  ///
  /// - Parameters:
  ///   - difference: What should be told from zero, on the scale of the AUC, such as 0.002.
  ///   - observed: A paired comparison of like models on rows of the same log.
  /// - Returns: The number of positives; nil without a variance, or where no number is enough.
  public static func telling(_ difference: Double, like observed: AUCDifference) -> Int? {
    observed.variance.flatMap {
      telling(difference, variance: $0, positives: observed.positives)
    }
  }

  /// Before any run, from the variance that an area of this size has.
  ///
  /// With `Q₁ = A/(2 − A)` and `Q₂ = 2A²/(1 + A)` an area has the variance
  /// `(A(1 − A) + (P − 1)(Q₁ − A²) + (N − 1)(Q₂ − A²)) / (P · N)`, and a difference of two areas
  /// on the same rows has `2 · (1 − correlation)` times that.
  ///
  /// Hanley, McNeil: *The Meaning and Use of the Area under a Receiver Operating Characteristic
  /// (ROC) Curve*, Radiology 143, 1982, equation 1; and *A Method of Comparing the Areas under
  /// Receiver Operating Characteristic Curves Derived from the Same Cases*, Radiology 148, 1983.
  /// <https://doi.org/10.1148/radiology.143.1.7063747>
  ///
  /// - Parameters:
  ///   - difference: What should be told from zero, on the scale of the AUC, such as 0.002.
  ///   - area: The area that is expected, in `0...1`.
  ///   - negativesPerPositive: How many negatives there are for each positive, above 0.
  ///   - correlation: Between the areas of the two models on windows like this one, in `0...1`; 0
  ///     also serves models that are measured on different rows.
  /// - Returns: The number of positives; nil where no number is enough.
  public static func telling(
    _ difference: Double, area: Double, negativesPerPositive: Double, correlation: Double
  ) -> Int? {
    precondition(
      area >= 0 && area <= 1 && negativesPerPositive > 0 && correlation >= 0 && correlation <= 1,
      "an area of \(area), \(negativesPerPositive) negatives per positive, \(correlation)")
    let ofPositives = area / (2 - area) - area * area
    let ofNegatives = 2 * area * area / (1 + area) - area * area
    let factor = 2 * (1 - correlation) * inverseSquare(of: difference)
    // variance · P² · ρ = constant + linear · P; the smallest P with factor · variance ≤ 1 is the
    // upper root of ρP² = factor · (linear · P + constant).
    let constant = area * (1 - area) - ofPositives - ofNegatives
    let linear = ofPositives + negativesPerPositive * ofNegatives
    let half = factor * linear / (2 * negativesPerPositive)
    let root = half * half + factor * constant / negativesPerPositive
    return count(half + max(0, root).squareRoot())
  }

  /// `(2.80 / difference)²`.
  private static func inverseSquare(of difference: Double) -> Double {
    let reach = (NormalQuantile.twoSided95 + NormalQuantile.below80) / difference
    return reach * reach
  }

  /// Rounded up, at least the two that a variance needs; nil where it is infinite, undefined or
  /// past all counting.
  private static func count(_ needed: Double) -> Int? {
    needed < 1e18 ? max(2, Int(needed.rounded(.up))) : nil
  }
}
