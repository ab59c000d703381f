public import Interactions
internal import Networks

/// How much each training row counts in the losses.
///
/// Row `i` weighs `w_i`: its weight `s_i` in the log divided by the training rows' mean, where the log has
/// weights, times ``NegativeSampling/weight``, where it has no positive label and negatives are sampled.
/// A task's loss in a step is `c / b · Σ w_i l_i` over its `b` labelled rows; rows of weight 0 are left out
/// as if their labels were unknown.
///
/// The sum is divided by the number of its rows, not by their weights, which are as random as what they
/// weigh. The task's constant `c`, the labelled rows that a pass is expected to take divided by the sum of
/// `s_i` over all labelled rows in units of the mean, then makes its expectation the weighted mean
/// `Σ s_i l_i / Σ s_i` over all training rows: a task keeps its size beside the others, beside penalties and
/// beside clipping norms, whatever part of its rows is sampled. That is exact where all labels are known,
/// and else but for a part of the order of `1 / b`, as `b` is random too.
public struct RowWeights: Sendable {
  /// Nil where each pass takes all rows.
  public let negatives: NegativeSampling?
  /// Rows of a pass.
  public let rowsPerPass: Int
  /// The training rows' mean weight in the log, above 0.
  let mean: Double
  /// The constant of each task.
  let scales: [Double]

  /// Weighs the training rows; nil where all weigh the same.
  ///
  /// - Parameters:
  ///   - log: Where the rows are.
  ///   - rows: Those to train on.
  ///   - share: How many of the rows without a positive label a pass takes, in `0...1`; nil for all.
  /// - Complexity: O(rows · tasks).
  public init?(of log: EncodedLog, rows: RowSelection, negatives share: Double? = nil) {
    let negatives = share.flatMap { NegativeSampling(share: $0, of: log, rows: rows) }
    guard negatives != nil || log.weights != nil else { return nil }
    self.negatives = negatives
    rowsPerPass = negatives?.rowsPerPass ?? rows.count
    let sum = log.weights.map { weights in
      (0..<rows.count).reduce(0.0) { $0 + Double(weights[rows[$1]]) }
    }
    let mean = sum.map { $0 > 0 ? $0 / Double(rows.count) : 1 } ?? 1
    self.mean = mean
    scales = log.labels.map { labels in
      var taken = 0.0
      var total = 0.0
      for index in 0..<rows.count where labels[rows[index]] < Label.unknown.rawValue {
        let weight = log.weights.map { Double($0[rows[index]]) / mean } ?? 1
        guard weight > 0 else { continue }
        taken += negatives?.share(ofRow: index) ?? 1
        total += weight
      }
      return total > 0 ? taken / total : 1
    }
  }

  /// Bytes that it holds.
  public var byteCount: Int { negatives?.byteCount ?? 0 }

  /// How batches weigh their rows.
  var weighing: BatchLabels.Weighing {
    BatchLabels.Weighing(mean: mean, negative: negatives?.weight ?? 1)
  }
}
