public import Combiners

/// Why training stopped.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A task's loss is not a number any more.
  case nonFiniteLoss(task: String, step: Int, cause: String)
  /// The combined gradient is not finite.
  case nonFiniteGradient(step: Int, cause: String)
  /// The training window has no row.
  case noRows
  /// No row of the training window has a label for this task, or a weight above 0 with it.
  case noLabels(task: String, areWeighted: Bool)
  /// The combiner can't use a task's loss.
  case unusableLoss(task: String, loss: Double, step: Int, combiner: String)
  case combiner(CombinerError)

  public var description: String {
    switch self {
    case .nonFiniteLoss(let task, let step, let cause):
      "step \(step): the loss of \(task) is not a finite number; \(cause)"
    case .nonFiniteGradient(let step, let cause):
      "step \(step): the gradient is not finite; \(cause)"
    case .unusableLoss(let task, let loss, let step, let combiner):
      "step \(step): \(combiner) can't use a loss of \(loss), which \(task) has; it must be above 0"
    case .noRows: "there are no rows to train on"
    case .noLabels(let task, let areWeighted):
      "no training row has a label for \(task)" + (areWeighted ? " and a weight above 0" : "")
    case .combiner(let error): error.description
    }
  }
}
