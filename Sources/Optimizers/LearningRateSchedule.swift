import Glibc

/// How the learning rate moves over a run, as a share of ``Optimizer/learningRate``.
public enum LearningRateSchedule: Codable, Sendable, Equatable {
  case constant
  /// Rises linearly over the first `warmUpSteps` steps, then falls along half a cosine to
  /// `finalShare`. Loshchilov, Hutter: *SGDR*, ICLR 2017, equation 5, without restarts.
  case cosine(warmUpSteps: Int, finalShare: Double)

  /// The share of step number `step`, counted from 1, in a run of `stepCount` steps.
  public func share(ofStep step: Int, stepCount: Int) -> Double {
    switch self {
    case .constant: return 1
    case .cosine(let warmUpSteps, let finalShare):
      if step <= warmUpSteps { return Double(step) / Double(warmUpSteps) }
      let length = max(stepCount - warmUpSteps, 1)
      let progress = min(Double(step - warmUpSteps) / Double(length), 1)
      return finalShare + (1 - finalShare) * 0.5 * (1 + cos(.pi * progress))
    }
  }
}
