import Glibc

/// How far a task's logits are from its labels, and which way to move them.
///
/// Labels are 0 for negative, 1 for positive and 2 for not known; a row whose label isn't known has
/// slope 0 and counts for nothing, whatever its logit.
public enum TaskLoss: String, CaseIterable, Codable, Sendable {
  /// The negative log likelihood of the label under the score `σ(z) = 1 / (1 + exp(−z))`.
  ///
  /// With `m = z` for a negative and `m = −z` for a positive row, so that `m` is large where the
  /// logit is wrong, the loss is `log(1 + exp(m)) = max(m, 0) + log(1 + exp(−|m|))` nats and its
  /// slope `∂loss/∂z` is `σ(m)` for a negative and `−σ(m)` for a positive row. Both forms neither
  /// overflow nor cancel.
  ///
  /// Bishop: *Pattern Recognition and Machine Learning*, Springer 2006, equations 4.90 and 4.91.
  case binaryCrossEntropy

  /// The losses of some rows, added up.
  public struct LossSum: Sendable, Equatable {
    /// Nats; NaN where a logit of a known label is NaN.
    public var total: Double
    /// Rows whose label is known.
    public var count: Int

    public init(total: Double, count: Int) {
      self.total = total
      self.count = count
    }
  }

  /// Adds up the losses of rows and writes their slopes times `scale`.
  ///
  /// - Parameters:
  ///   - logits: One number a row, `[rows]`.
  ///   - labels: 0, 1 or 2 a row, `[rows]`.
  ///   - scale: What the slopes are multiplied with: one over the number of known rows gives the
  ///     slopes of the mean loss.
  ///   - slopes: Receives `scale · ∂loss/∂logit`, `[rows]`.
  /// - Returns: The sum of the losses, to within 10⁻⁷ of each, and the rows in it.
  /// - Complexity: O(rows).
  public func slopes(
    logits: Span<Float>, labels: Span<UInt8>, scale: Float, into slopes: inout MutableSpan<Float>
  ) -> LossSum {
    precondition(
      labels.count == logits.count && slopes.count == logits.count,
      "\(logits.count) logits, \(labels.count) labels, \(slopes.count) slopes")
    switch self {
    case .binaryCrossEntropy:
      return crossEntropySlopes(logits: logits, labels: labels, scale: scale, into: &slopes)
    }
  }
}

/// The sum of logarithms is the logarithm of the product: one logarithm for so many factors.
///
/// Each factor is at most 2, so that their product stays below 2²⁵⁶.
private let factorsPerLogarithm = 256

private func crossEntropySlopes(
  logits: Span<Float>, labels: Span<UInt8>, scale: Float, into slopes: inout MutableSpan<Float>
) -> TaskLoss.LossSum {
  var sum = TaskLoss.LossSum(total: 0, count: 0)
  var start = 0
  while start < logits.count {
    let end = min(start + factorsPerLogarithm, logits.count)
    var product = 1.0
    for row in start..<end {
      let label = labels[row]
      guard label <= 1 else {
        slopes[row] = 0
        continue
      }
      let wrongness = label == 1 ? -logits[row] : logits[row]
      let power = expf(-abs(wrongness))
      let signedScale = label == 1 ? -scale : scale
      slopes[row] = signedScale * (wrongness >= 0 ? 1 : power) / (1 + power)
      if wrongness > 0 { sum.total += Double(wrongness) }
      product *= 1 + Double(power)
      sum.count += 1
    }
    sum.total += log(product)
    start = end
  }
  return sum
}
