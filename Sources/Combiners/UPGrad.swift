/// Projects each task's gradient onto the steps that oppose no task, and takes the mean.
///
/// The projection of `g_i` onto `{d : ⟨g_j, d⟩ ≥ 0 for all j}` is `Jᵀ v_i` with
/// `v_i = argmin vᵀ G v` over `v ≥ e_i`; the weights are `Σ_i v_i / K`. The step opposes no task and
/// grows in proportion with each gradient's length. It is ``DualProj`` made fair to every task.
///
/// Departure: no regularisation; each problem is solved exactly, as a nonnegative least squares
/// problem in `v_i − e_i`. A task with a gradient of zero is left out and weighs 0.
///
/// - Complexity: O(taskCount⁵) time at most, O(taskCount²) memory.
///
/// Quinton, Rey: *Jacobian Descent for Multi-Objective Optimization*, 2024, section 3 and
/// proposition 1. <https://arxiv.org/abs/2406.16232>
public struct UPGrad: GradientCombiner {
  public private(set) var unsolvedSteps = 0

  /// Creates the rule; it has no settings.
  public init() {}

  public mutating func weights(for step: GradientStep) -> [Double] {
    var isSolved = true
    let weights = step.gramian.weighing { unit in
      var sum = [Double](repeating: 0, count: unit.count)
      for task in 0..<unit.count {
        var alone = [Double](repeating: 0, count: unit.count)
        alone[task] = 1
        let answer = unit.projected(alone)
        isSolved = isSolved && answer.isSolved
        // Weights of unit gradients, times this one's norm.
        for (place, value) in answer.values.enumerated() {
          sum[place] += value * (unit.norms[task] / unit.norms[place])
        }
      }
      return sum.map { $0 / Double(unit.count) }
    }
    if !isSolved { unsolvedSteps += 1 }
    return weights
  }
}

extension UPGrad: NamedCombiner {
  static let profile = CombinerProfile(
    title: "UPGrad", family: .gradients,
    summary: "takes the mean of the gradients' projections onto what opposes no task",
    paper: "Quinton, Rey, 2024", link: "https://arxiv.org/abs/2406.16232")

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(UPGrad())
  }
}
