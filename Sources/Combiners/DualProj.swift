/// Projects the mean gradient onto the steps that oppose no task.
///
/// The step is `Jᵀ v` with `v = argmin vᵀ G v` over `v ≥ 1/K`: the nearest to the mean gradient among
/// those with `⟨g_j, d⟩ ≥ 0` for every task. A task with a gradient of zero is left out and weighs 0.
///
/// - Complexity: O(taskCount⁴) time at most, O(taskCount²) memory.
///
/// Quinton, Rey: *Jacobian Descent for Multi-Objective Optimization*, 2024, section 5, there as
/// DualProj. <https://arxiv.org/abs/2406.16232> The projection is that of Lopez-Paz, Ranzato: *Gradient
/// Episodic Memory for Continual Learning*, NeurIPS 2017, equation 11.
public struct DualProj: GradientCombiner {
  public private(set) var unsolvedSteps = 0

  /// Creates the rule; it has no settings.
  public init() {}

  public mutating func weights(for step: GradientStep) -> [Double] {
    var isSolved = true
    let weights = step.gramian.weighing { unit in
      let answer = unit.projected(unit.norms.map { $0 / Double(unit.count) })
      isSolved = answer.isSolved
      return zip(answer.values, unit.norms).map { $0 / $1 }
    }
    if !isSolved { unsolvedSteps += 1 }
    return weights
  }
}

extension DualProj: NamedCombiner {
  static let profile = CombinerProfile(
    title: "DualProj", family: .gradients,
    summary: "projects the mean gradient onto what opposes no task",
    paper: "Lopez-Paz, Ranzato, NeurIPS 2017", link: "https://arxiv.org/abs/2406.16232")

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(DualProj())
  }
}
