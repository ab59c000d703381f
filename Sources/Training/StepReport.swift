public import Combiners

/// What one training step saw and did.
public struct StepReport: Sendable {
  /// Mean loss of each task over its labelled rows, weighted where rows are, in nats; nil where it had
  /// none.
  public var losses: [Double?]
  /// Weights of the losses or gradients, by task; nil where absent or where there is no such number.
  public var weights: [Double?]
  /// The tasks with a labelled row in this step, ascending.
  public var tasks: [Int]
  /// Inner products of the present tasks' gradients of unweighted losses, over the shared parameters
  /// or the representation; nil in steps that did not compute each task's gradient.
  public var gramian: Gramian?

  init(losses: [Double?], weights: [Double], plan: StepPlan) {
    self.losses = losses
    self.weights = losses.indices.map {
      plan.known[$0] > 0 && $0 < weights.count ? weights[$0] : nil
    }
    tasks = plan.present
  }
}
