public import Interactions
internal import Randomness

/// Passes over all rows that are positive for some task and over a share of the others.
///
/// Of `n` rows without a known positive label a pass takes `k`, the same number each time, drawn anew
/// and without return; each of these counts `n / k` times in every task's loss. So each row counts once
/// in the mean (see ``RowWeights``), for all tasks at once, and scores stay calibrated.
///
/// The usual correction afterwards, a constant that is added to the logit (King, Zeng: *Logistic
/// Regression in Rare Events Data*, Political Analysis 9(2), 2001, section 4.1; He, Pan, Jin, et al.:
/// *Practical Lessons from Predicting Clicks on Ads at Facebook*, ADKDD 2014, section 6.3), suits a
/// single task alone: of several, a task's negatives stay where another task is positive and are
/// thinned out where none is, so what its logit is off by differs from row to row.
public struct NegativeSampling: Sendable {
  /// Rows without a known positive label.
  public let count: Int
  /// Those of them that a pass takes, in `1..<count`.
  public let taken: Int
  private let rows: RowSelection
  /// Bit `i % 64` of word `i / 64` is set where row number `i` of the selection has a positive label.
  private let positives: [UInt64]

  /// Counts the rows without a positive label; nil where a pass takes all of them.
  ///
  /// - Parameters:
  ///   - share: How many of them a pass takes, in `0...1`; rounded to whole rows, but for one at least.
  ///   - log: Where the rows are.
  ///   - rows: Those to train on.
  /// - Complexity: O(rows · tasks) time, a bit of memory a row.
  public init?(share: Double, of log: EncodedLog, rows: RowSelection) {
    precondition(share > 0 && share <= 1, "a share of \(share)")
    var positives = [UInt64](repeating: 0, count: (rows.count + 63) / 64)
    for labels in log.labels {
      for index in 0..<rows.count where labels[rows[index]] == Label.positive.rawValue {
        positives[index / 64] |= 1 << UInt64(index % 64)
      }
    }
    count = rows.count - positives.reduce(0) { $0 + $1.nonzeroBitCount }
    taken = max(Int((share * Double(count)).rounded()), 1)
    guard taken < count else { return nil }
    self.rows = rows
    self.positives = positives
  }

  /// How many rows a row without a positive label stands for, above 1.
  public var weight: Double { Double(count) / Double(taken) }

  /// Rows of a pass.
  public var rowsPerPass: Int { rows.count - count + taken }

  /// Bytes that it holds while a pass is drawn and trained on.
  public var byteCount: Int {
    positives.count * MemoryLayout<UInt64>.stride + 2 * rowsPerPass * MemoryLayout<Int32>.stride
  }

  /// How many times a pass is expected to take row number `index` of the selection, in `0...1`.
  func share(ofRow index: Int) -> Double { isPositive(index) ? 1 : 1 / weight }

  /// The rows of a pass, ascending.
  ///
  /// Knuth: *The Art of Computer Programming*, volume 2, section 3.4.2, algorithm S.
  ///
  /// - Parameters:
  ///   - seed: Fixes the draws of all passes.
  ///   - epoch: Whole passes before this one.
  /// - Returns: Rows of the log, ``rowsPerPass`` of them.
  /// - Complexity: O(rows).
  package func draw(seed: UInt64, epoch: Int) -> RowSelection {
    var generator = SplitMix64.derived(from: seed, for: 5, UInt64(epoch))
    var drawn: [Int32] = []
    drawn.reserveCapacity(rowsPerPass)
    var wanted = UInt64(taken)
    var left = UInt64(count)
    for index in 0..<rows.count {
      if !isPositive(index) {
        let isTaken = generator.next(upperBound: left) < wanted
        left -= 1
        guard isTaken else { continue }
        wanted -= 1
      }
      drawn.append(Int32(rows[index]))
    }
    return .list(Column(drawn))
  }

  private func isPositive(_ index: Int) -> Bool {
    positives[index / 64] >> UInt64(index % 64) & 1 == 1
  }
}
