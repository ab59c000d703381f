import Glibc

/// How the learning rate moves over a run, as a share of ``Optimizer/learningRate``.
///
/// It rises linearly over the first ``warmUpSteps`` steps, then follows its ``shape``.
public struct LearningRateSchedule: Codable, Sendable, Equatable {
  /// What comes after the warm-up.
  public enum Shape: String, Codable, Sendable, CaseIterable {
    /// The full rate to the end.
    case constant
    /// Half a cosine, down to ``LearningRateSchedule/finalShare`` at the end of the run.
    ///
    /// Loshchilov, Hutter: *SGDR*, ICLR 2017, equation 5, without restarts.
    case cosine
  }

  /// What comes after the warm-up.
  public var shape: Shape
  /// At least 0.
  public var warmUpSteps: Int
  /// The share that the cosine ends at, in `0...1`.
  public var finalShare: Double

  /// Creates a schedule; left out, everything keeps the rate as it is.
  public init(shape: Shape = .constant, warmUpSteps: Int = 0, finalShare: Double = 0) {
    self.shape = shape
    self.warmUpSteps = warmUpSteps
    self.finalShare = finalShare
  }

  enum CodingKeys: String, CodingKey {
    case shape = "schedule"
    case warmUpSteps = "warm_up_steps"
    case finalShare = "final_share"
  }

  /// The share of step number `step`, counted from 1, in a run of `stepCount` steps.
  public func share(ofStep step: Int, stepCount: Int) -> Double {
    if step <= warmUpSteps { return Double(step) / Double(warmUpSteps) }
    switch shape {
    case .constant: return 1
    case .cosine:
      let length = max(stepCount - warmUpSteps, 1)
      let progress = min(Double(step - warmUpSteps) / Double(length), 1)
      return finalShare + (1 - finalShare) * 0.5 * (1 + cos(.pi * progress))
    }
  }
}
