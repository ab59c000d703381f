/// How much better one model orders the same rows than another, with a confidence interval.
///
/// Both models see the same positives and negatives, so most of the chance in their AUC is shared
/// and cancels. With `Vᵢ` the share of the other class that row `i` is ordered right against, ties
/// as half, and `Dᵢ` the second model's `Vᵢ` minus the first's,
/// `variance = var(D⁺)/P + var(D⁻)/N`: the same number that the covariance form gives.
///
/// DeLong, DeLong, Clarke-Pearson: *Comparing the Areas under Two or More Correlated Receiver
/// Operating Characteristic Curves*, Biometrics 44, 1988, equations 5–7.
public struct AUCDifference: Equatable, Sendable {
  /// The second model's AUC minus the first's, in `−1...1`.
  public let value: Double
  /// DeLong's variance of ``value``; nil with fewer than two positives or two negatives.
  public let variance: Double?

  /// Compares two models' scores over the rows whose label is 0 or 1.
  ///
  /// - Parameters:
  ///   - first: any numbers that order the rows, higher for likelier positives.
  ///   - second: the other model's numbers for the same rows; their scale may differ.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  /// - Throws: ``UndefinedMetric`` where a class is missing or a score is NaN.
  /// - Complexity: O(n) time with radix sorts, 24 bytes of memory a row.
  public init(first: [Float], second: [Float], labels: [UInt8]) throws(UndefinedMetric) {
    precondition(
      first.count == labels.count && second.count == labels.count,
      "\(first.count) and \(second.count) scores, \(labels.count) labels")
    let positives = labels.count { $0 == 1 }
    let negatives = labels.count { $0 == 0 }
    if positives + negatives == 0 { throw .noRows }
    if positives == 0 { throw .noPositive(rows: negatives) }
    if negatives == 0 { throw .noNegative(rows: positives) }
    var gains = [Double](repeating: 0, count: labels.count)
    try addShares(of: second, labels, (positives, negatives), sign: 1, to: &gains)
    try addShares(of: first, labels, (positives, negatives), sign: -1, to: &gains)
    var sums = [0.0, 0.0]
    for row in labels.indices where labels[row] <= 1 { sums[Int(labels[row])] += gains[row] }
    let means = [sums[0] / Double(negatives), sums[1] / Double(positives)]
    value = min(1, max(-1, means[1]))  // rounding may pass the ends
    guard positives > 1, negatives > 1 else {
      variance = nil
      return
    }
    var squares = [0.0, 0.0]
    for row in labels.indices where labels[row] <= 1 {
      let deviation = gains[row] - means[Int(labels[row])]
      squares[Int(labels[row])] += deviation * deviation
    }
    variance =
      squares[0] / Double(negatives - 1) / Double(negatives)
      + squares[1] / Double(positives - 1) / Double(positives)
  }

  /// The 95 % confidence interval, `value ± 1.96 · √variance`, cut to `−1...1`; nil without one.
  public var interval: ClosedRange<Double>? {
    guard let variance else { return nil }
    let reach = 1.959_963_984_540_054 * variance.squareRoot()
    return max(-1, value - reach)...min(1, value + reach)
  }
}

/// Adds to each row with a known label, times `sign`, the share of the other class that its score
/// is on the right side of.
private func addShares(
  of scores: [Float], _ labels: [UInt8], _ counts: (positives: Int, negatives: Int),
  sign: Double, to shares: inout [Double]
) throws(UndefinedMetric) {
  precondition(scores.count <= 1 << 32, "\(scores.count) rows are more than can be ranked")
  var rows: [UInt64] = []
  rows.reserveCapacity(counts.positives + counts.negatives)
  var badScores = 0
  for index in scores.indices where labels[index] <= 1 {
    if scores[index].isNaN { badScores += 1 }
    rows.append(UInt64(RankedRows.orderedBits(of: scores[index])) << 32 | UInt64(index))
  }
  if badScores > 0 { throw .badScores(count: badScores, rows: rows.count) }
  radixSort(&rows)
  var below = [0, 0]  // negatives, positives
  var start = 0
  while start < rows.count {
    var end = start
    var tied = [0, 0]
    while end < rows.count, rows[end] >> 32 == rows[start] >> 32 {
      tied[Int(labels[Int(rows[end] & 0xffff_ffff)])] += 1
      end += 1
    }
    let beaten = Double(2 * below[0] + tied[0]) / 2 / Double(counts.negatives)
    let above = Double(2 * (counts.positives - below[1]) - tied[1]) / 2 / Double(counts.positives)
    for position in start..<end {
      let row = Int(rows[position] & 0xffff_ffff)
      shares[row] += sign * (labels[row] == 1 ? beaten : above)
    }
    below[0] += tied[0]
    below[1] += tied[1]
    start = end
  }
}
