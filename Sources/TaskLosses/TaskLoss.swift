/// What a task's tower is trained to make small, given its logit and what happened.
///
/// To add a loss: its file, its case (the compiler asks for the switches), its closed-form test.
/// The laws that every loss keeps are tested over `allCases`.
public enum TaskLoss: String, CaseIterable, Codable, Sendable {
  /// For yes-or-no outcomes; the score is the probability `σ(logit)`.
  case binaryCrossEntropy = "binary_cross_entropy"

  /// Losses of several rows, added up.
  public struct Total: Equatable, Sendable {
    /// The sum over the rows with a known label, in the loss's unit (nats), each times the row's weight,
    /// not scaled.
    public var loss: Double
    /// The rows with a known label.
    public var count: Int
  }

  /// Labels drawn towards a rate, so that no row pulls its logit without end.
  ///
  /// A label `y` counts as `(1 − share) · y + share · rate`. Szegedy, Vanhoucke, Ioffe, Shlens, Wojna:
  /// *Rethinking the Inception Architecture for Computer Vision*, CVPR 2016, section 7, with the task's
  /// rate of positives in the place of the uniform one, so that the scores of a rare task stay rare.
  public struct Smoothing: Equatable, Sendable {
    /// In `0...1`.
    public var share: Double
    /// In `0...1`.
    public var rate: Double

    public init(share: Double, rate: Double) {
      self.share = share
      self.rate = rate
    }
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
  ///   - weights: `[rows]`, at least 0: what each row's loss and slope are multiplied by; empty for 1.
  ///   - scale: what the slopes are multiplied by: the task's weight over the batch's known rows.
  ///   - smoothing: draws the labels towards a rate; nil takes them as they are.
  ///   - slopes: `[rows]`, overwritten with `scale · ∂loss/∂logit`.
  /// - Returns: the unscaled sum and the number of rows with a known label.
  public func total(
    logits: Span<Float>, labels: Span<UInt8>, weights: Span<Float> = Span(), scale: Float,
    smoothing: Smoothing? = nil, slopes: inout MutableSpan<Float>
  ) -> Total {
    guard !weights.isEmpty else {
      return total(logits, labels, { _ in 1 }, scale, smoothing, &slopes)
    }
    precondition(weights.count == logits.count, "\(logits.count) logits, \(weights.count) weights")
    return total(logits, labels, { weights[$0] }, scale, smoothing, &slopes)
  }

  /// The same by a weight that a constant 1 leaves out of the loop.
  @inline(__always)
  private func total(
    _ logits: Span<Float>, _ labels: Span<UInt8>, _ weight: (Int) -> Float, _ scale: Float,
    _ smoothing: Smoothing?, _ slopes: inout MutableSpan<Float>
  ) -> Total {
    precondition(
      logits.count == labels.count && logits.count == slopes.count,
      "\(logits.count) logits, \(labels.count) labels, \(slopes.count) slopes")
    var total = Total(loss: 0, count: 0)
    switch self {
    case .binaryCrossEntropy:
      // How far a negative's and a positive's label move: the loss is linear in the label.
      let moves = smoothing.map {
        (Float($0.share * $0.rate), Float($0.share * ($0.rate - 1)))
      }
      for row in logits.indices {
        let label = labels[row]
        guard label <= 1 else {
          slopes[row] = 0
          continue
        }
        let one = BinaryCrossEntropy.lossAndSlope(logit: logits[row], isPositive: label == 1)
        let move = moves.map { label == 1 ? $0.1 : $0.0 } ?? 0
        slopes[row] = weight(row) * scale * (one.slope - move)
        total.loss +=
          Double(weight(row)) * (Double(one.loss) - Double(move) * Double(logits[row]))
        total.count += 1
      }
    }
    return total
  }
}
