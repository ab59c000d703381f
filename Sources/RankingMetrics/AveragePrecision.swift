/// The area under the precision–recall curve, as average precision (PR-AUC).
///
/// Walk down the scores, one step per distinct score, and let `Rₖ` be the share of positives found
/// so far and `Pₖ` the share of positives among the rows passed: `Σ (Rₖ − Rₖ₋₁) · Pₖ`. Rows that
/// share a score are passed in one step, so their order doesn't matter. Nothing is interpolated
/// between steps: a straight line there would promise too much.
///
/// Unlike ``AUC`` it depends on the share of positives, which guessing would reach: compare it only
/// on the same rows. Davis, Goadrich: *The Relationship Between Precision-Recall and ROC Curves*,
/// ICML 2006. <https://doi.org/10.1145/1143844.1143874>
public struct AveragePrecision: Equatable, Sendable {
  /// The area, in `0...1`.
  public let value: Double
  /// The share of positives by weight: what guessing reaches.
  public let positiveRate: Double

  /// Computes the area over the rows whose label is 0 or 1.
  ///
  /// - Parameters:
  ///   - scores: any numbers that order the rows, higher for likelier positives.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - weights: how much each row counts, finite and at least 0, which leaves the row out; nil
  ///     counts all alike.
  /// - Throws: ``UndefinedMetric`` without a positive, or where a score or weight can't be used.
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
    if all.positiveRows == 0 { throw .noPositive(rows: all.rows) }
    var passed = ClassTally()
    var total = 0.0
    ranked.forEachTieDown(in: range) { _, tie in
      passed.add(tie)
      total += tie.positives * (passed.positives / passed.weight)
    }
    value = min(1, total / all.positives)
    positiveRate = all.positives / all.weight
  }
}
