public import Combiners

/// What one training step saw and did.
public struct StepReport: Sendable {
  /// Mean loss of each task over its labelled rows, in nats; nil where it had none.
  public var losses: [Double?]
  /// Weights of the losses or gradients, by task; nil where absent or where there is no such number.
  public var weights: [Double?]
  /// The tasks with a labelled row in this step, ascending.
  public var tasks: [Int]
  /// Inner products of the present tasks' gradients over the shared parameters; nil for loss
  /// weightings, which never see them.
  public var gramian: Gramian?
}
