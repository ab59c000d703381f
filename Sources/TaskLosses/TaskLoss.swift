/// What a task's tower is trained to make small, given its logit and what happened.
///
/// To add a loss: its file, its case (the compiler asks for the switches), its closed-form test.
/// The laws that every loss keeps are tested over `allCases`.
public enum TaskLoss: String, CaseIterable, Codable, Sendable {
  /// For yes-or-no outcomes; the score is the probability `σ(logit)`.
  case binaryCrossEntropy = "binary_cross_entropy"

  /// Losses of several rows, added up.
  public struct Total: Equatable, Sendable {
    /// The sum over the rows with a known label, in the loss's unit (nats), not scaled.
    public var loss: Double
    /// The rows with a known label.
    public var count: Int
  }

  /// The loss and its derivative with respect to the logit, for one row, in double precision.
  public func lossAndSlope(logit: Double, isPositive: Bool) -> (loss: Double, slope: Double) {
    switch self {
    case .binaryCrossEntropy:
      BinaryCrossEntropy.lossAndSlope(logit: logit, isPositive: isPositive)
    }
  }

  /// The score that a logit stands for: for binary cross-entropy a probability in `0...1`.
  public func score(logit: Float) -> Float {
    switch self {
    case .binaryCrossEntropy: BinaryCrossEntropy.probability(logit: logit)
    }
  }

  /// Adds up the loss of a run of rows and writes each row's slope, times `scale`.
  ///
  /// - Parameters:
  ///   - logits: `[rows]`.
  ///   - labels: `[rows]`: 0 negative, 1 positive; any other value is unknown: no loss, slope 0.
  ///   - scale: what the slopes are multiplied by: the task's weight over the batch's known rows.
  ///   - slopes: `[rows]`, overwritten with `scale · ∂loss/∂logit`.
  /// - Returns: the unscaled sum and the number of rows with a known label.
  public func total(
    logits: Span<Float>, labels: Span<UInt8>, scale: Float, slopes: inout MutableSpan<Float>
  ) -> Total {
    precondition(
      logits.count == labels.count && logits.count == slopes.count,
      "\(logits.count) logits, \(labels.count) labels, \(slopes.count) slopes")
    var total = Total(loss: 0, count: 0)
    switch self {
    case .binaryCrossEntropy:
      for row in logits.indices {
        let label = labels[row]
        guard label <= 1 else {
          slopes[row] = 0
          continue
        }
        let one = BinaryCrossEntropy.lossAndSlope(logit: logits[row], isPositive: label == 1)
        slopes[row] = scale * one.slope
        total.loss += Double(one.loss)
        total.count += 1
      }
    }
    return total
  }
}
