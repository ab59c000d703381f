/// How much better one model orders the same rows than another, with a confidence interval.
///
/// Both models see the same positives and negatives, so most of the chance in their AUC is shared
/// and cancels. With `Vᵢ` the share of the other class that row `i` is ordered right against, ties
/// as half, and `Dᵢ` the second model's `Vᵢ` minus the first's,
/// `variance = var(D⁺)/P + var(D⁻)/N`: the same number that the covariance form gives. Row weights
/// act as for ``AUC``.
///
/// DeLong, DeLong, Clarke-Pearson: *Comparing the Areas under Two or More Correlated Receiver
/// Operating Characteristic Curves*, Biometrics 44, 1988, equations 5–7.
public struct AUCDifference: Equatable, Sendable {
  /// The second model's AUC minus the first's, in `−1...1`.
  public let value: Double
  /// Rows with label 1.
  public let positives: Int
  /// Rows with label 0.
  public let negatives: Int
  /// DeLong's variance of ``value``; nil with fewer than two positives or two negatives.
  public let variance: Double?

  /// Compares two models' scores over the rows whose label is 0 or 1.
  ///
  /// - Parameters:
  ///   - first: any numbers that order the rows, higher for likelier positives.
  ///   - second: the other model's numbers for the same rows; their scale may differ.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - weights: how much each row counts, finite and at least 0, which leaves the row out; nil
  ///     counts all alike.
  /// - Throws: ``UndefinedMetric`` where a class is missing, or a score or weight can't be used.
  /// - Complexity: O(n) time with radix sorts, 32 bytes of memory a row.
  public init(
    first: [Float], second: [Float], labels: [UInt8], weights: [Float]? = nil
  ) throws(UndefinedMetric) {
    precondition(
      first.count == labels.count && second.count == labels.count,
      "\(first.count) and \(second.count) scores, \(labels.count) labels")
    let counted = try CountedRows(labels: labels, weights: weights)
    let better = try Placements(scores: second, counted: counted)
    let worse = try Placements(scores: first, counted: counted)
    let all = better.all
    let gains = zip(better.values, worse.values).map { $0 - $1 }
    var sums = [0.0, 0.0]
    for row in labels.indices where counted.labels[row] <= 1 {
      sums[Int(labels[row])] += counted.weight(of: row) * gains[row]
    }
    let means = [sums[0] / all.negatives, sums[1] / all.positives]
    value = min(1, max(-1, means[1]))  // rounding may pass the ends
    positives = all.positiveRows
    negatives = all.negativeRows
    guard positives > 1, negatives > 1 else {
      variance = nil
      return
    }
    var squares = [0.0, 0.0]
    for row in labels.indices where counted.labels[row] <= 1 {
      let deviation = counted.weight(of: row) * (gains[row] - means[Int(labels[row])])
      squares[Int(labels[row])] += deviation * deviation
    }
    variance =
      varianceOfMean(squares[0], rows: negatives, weight: all.negatives)
      + varianceOfMean(squares[1], rows: positives, weight: all.positives)
  }

  /// The 95 % confidence interval, `value ± 1.96 · √variance`, cut to `−1...1`; nil without
  /// a variance, and for a difference with none, which says nothing about how sure it is.
  public var interval: ClosedRange<Double>? {
    guard let variance, variance > 0 || value == 0 else { return nil }
    let reach = NormalQuantile.twoSided95 * variance.squareRoot()
    return max(-1, value - reach)...min(1, value + reach)
  }
}
