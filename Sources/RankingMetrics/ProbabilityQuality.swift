import Glibc

/// How well predicted probabilities agree with what happened: log loss and calibration.
public struct ProbabilityQuality: Equatable, Sendable {
  /// Probabilities are moved into `clamp...(1 − clamp)` before their logarithm is taken: a
  /// single-precision probability can't come closer to 1 than this, 2⁻²³ ≈ 1.19e-7.
  public static let clamp = Double(Float.ulpOfOne)

  /// Rows with a known label.
  public let rows: Int
  /// Rows with label 1.
  public let positives: Int
  /// Mean of `−log p` over positives and `−log(1 − p)` over negatives, in nats.
  public let logLoss: Double
  /// The mean of the probabilities as predicted, not clamped.
  public let meanPrediction: Double

  /// The share of positives, by weight.
  public let positiveRate: Double

  /// Compares probabilities with labels, over the rows whose label is 0 or 1.
  ///
  /// - Parameters:
  ///   - probabilities: in `0...1`, one a row.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - weights: how much each row counts, finite and at least 0, which leaves the row out; nil
  ///     counts all alike.
  /// - Throws: ``UndefinedMetric`` with no row, or where a value is not a probability or a weight
  ///   can't be used.
  /// - Complexity: O(n) time, no memory without weights and one byte a row with them.
  public init(
    probabilities: [Float], labels: [UInt8], weights: [Float]? = nil
  ) throws(UndefinedMetric) {
    precondition(
      probabilities.count == labels.count,
      "\(probabilities.count) probabilities, \(labels.count) labels")
    let counted = try CountedRows(labels: labels, weights: weights)
    var all = ClassTally()
    var badScores = 0
    var loss = 0.0
    var sum = 0.0
    for row in probabilities.indices where counted.labels[row] <= 1 {
      let probability = Double(probabilities[row])
      let weight = counted.weight(of: row)
      if !(probability >= 0 && probability <= 1) { badScores += 1 }
      loss += weight * Self.loss(probabilities[row], label: labels[row])
      sum += weight * probability
      all.add(isPositive: labels[row] == 1, weight: weight)
    }
    if badScores > 0 { throw .badScores(count: badScores, rows: all.rows) }
    if all.rows == 0 { throw .noRows }
    rows = all.rows
    positives = all.positiveRows
    logLoss = loss / all.weight
    meanPrediction = sum / all.weight
    positiveRate = all.positives / all.weight
  }

  /// The log loss of one row, in nats, for label 0 or 1.
  static func loss(_ probability: Float, label: UInt8) -> Double {
    let clamped = min(max(Double(probability), clamp), 1 - clamp)
    return label == 1 ? -log(clamped) : -log1p(-clamped)
  }

  /// Mean prediction over share of positives: 1 is calibrated, 2 predicts twice too many.
  ///
  /// Nil without a positive.
  public var calibration: Double? { positives == 0 ? nil : meanPrediction / positiveRate }

  /// Log loss over the log loss of always predicting the share of positives; below 1 is useful.
  ///
  /// Nil where a class is missing, because that constant prediction would be perfect.
  ///
  /// He et al.: *Practical Lessons from Predicting Clicks on Ads at Facebook*, ADKDD 2014,
  /// equation 1. <https://doi.org/10.1145/2648584.2648589>
  public var normalisedEntropy: Double? {
    guard positives > 0, positives < rows else { return nil }
    let rate = positiveRate
    return logLoss / -(rate * log(rate) + (1 - rate) * log1p(-rate))
  }
}
