/// How rows are put into bins of similar predictions.
public enum Binning: String, CaseIterable, Codable, Sendable {
  /// Bins of as equal a number of rows (sum of weights) as ties allow.
  case equalMass = "equal_mass"
  /// Bins of equal width on the scale of the predictions, `(lower, upper]`.
  case equalWidth = "equal_width"
}

/// Predictions against what happened, bin by bin, and the expected calibration error (ECE).
///
/// The error is `Σ (rows in bin / rows) · |mean prediction − share of positives|` over the bins.
/// Bins of equal mass are the default: purchases have probabilities near zero, where bins of equal
/// width put almost all rows into the first and hide the error. A row goes into the bin in which
/// the middle of the mass of its score falls, so equal scores stay together and the rows' order
/// doesn't matter; bins that no row falls into are left out.
///
/// Even perfect predictions have an error above zero, because a bin's share of positives is a
/// sample: look at the bins' intervals before acting on a small one.
///
/// Guo, Pleiss, Sun, Weinberger: *On Calibration of Modern Neural Networks*, ICML 2017, equation 3
/// (equal width, 15 bins); Nixon et al.: *Measuring Calibration in Deep Learning*, CVPR Workshops
/// 2019, section 4.3 (equal mass). <https://arxiv.org/abs/1904.01685>
public struct Reliability: Equatable, Sendable {
  /// The rows with similar predictions.
  public struct Bin: Equatable, Sendable {
    /// The lowest and the highest prediction in the bin.
    public let predictions: ClosedRange<Double>
    /// The rows in the bin.
    public let rows: Int
    /// Those of the rows with label 1.
    public let positives: Int
    /// The bin's share of all rows, by weight, in `0...1`.
    public let share: Double
    /// The mean of the predictions.
    public let meanPrediction: Double
    /// The share of positives, by weight.
    public let positiveRate: Double
    /// Wilson's 95 % interval of ``positiveRate``; with weights, of Kish's effective number of
    /// rows.
    public let interval: ClosedRange<Double>
  }

  /// In ascending order of prediction.
  public let bins: [Bin]

  /// The expected calibration error, in `0...1`.
  public var expectedCalibrationError: Double {
    bins.reduce(0) { $0 + $1.share * abs($1.meanPrediction - $1.positiveRate) }
  }

  /// Bins the rows whose label is 0 or 1.
  ///
  /// - Parameters:
  ///   - probabilities: in `0...1`, one a row.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - weights: how much each row counts, finite and at least 0, which leaves the row out; nil
  ///     counts all alike.
  ///   - binCount: at most so many bins, at least 1.
  ///   - binning: how the bins' borders are drawn.
  /// - Throws: ``UndefinedMetric`` with no row, or where a value is not a probability or a weight
  ///   can't be used.
  /// - Complexity: O(n) time with a radix sort, 16 bytes of memory a row, 24 with weights.
  public init(
    probabilities: [Float], labels: [UInt8], weights: [Float]? = nil, binCount: Int = 15,
    binning: Binning = .equalMass
  ) throws(UndefinedMetric) {
    let ranked = try RankedRows(scores: probabilities, labels: labels, weights: weights)
    try self.init(ranked: ranked, binCount: binCount, binning: binning)
  }

  /// Bins rows that are sorted by score alone.
  init(
    ranked: RankedRows, binCount: Int = 15, binning: Binning = .equalMass
  ) throws(UndefinedMetric) {
    precondition(binCount > 0, "\(binCount) bins")
    let range = 0..<ranked.rows.count
    let all = ranked.tally(in: range)
    var builders: [Int: BinBuilder] = [:]
    var massBelow = 0.0
    var badRows = 0
    ranked.forEachTie(in: range) { score, tie in
      if !(score >= 0 && score <= 1) {
        badRows += tie.rows
        return
      }
      let bin =
        switch binning {
        case .equalMass: Double(binCount) * ((massBelow + tie.weight / 2) / all.weight)
        case .equalWidth: (Double(score) * Double(binCount)).rounded(.up) - 1
        }
      builders[min(binCount - 1, max(0, Int(bin))), default: BinBuilder()].add(Double(score), tie)
      massBelow += tie.weight
    }
    if badRows > 0 { throw .badScores(count: badRows, rows: all.rows) }
    bins = builders.sorted { $0.key < $1.key }.map { $0.value.bin(of: all.weight) }
  }
}

/// Sums up a bin's ties.
private struct BinBuilder {
  private var tally = ClassTally()
  private var predictions = 0.0
  private var ends = (1.0, 0.0)

  mutating func add(_ score: Double, _ tie: ClassTally) {
    predictions += score * tie.weight
    ends = (min(ends.0, score), max(ends.1, score))
    tally.add(tie)
  }

  func bin(of totalWeight: Double) -> Reliability.Bin {
    let rate = tally.positives / tally.weight
    return Reliability.Bin(
      predictions: ends.0...ends.1, rows: tally.rows, positives: tally.positiveRows,
      share: tally.weight / totalWeight, meanPrediction: predictions / tally.weight,
      positiveRate: rate, interval: wilsonInterval(of: rate, rows: tally.effectiveRows))
  }
}
