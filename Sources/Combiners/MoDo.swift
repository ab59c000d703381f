/// Moves the task weights a little in every step towards the shortest mean of the gradients.
///
/// With the gradients over two independent halves of the batch, the weights on the simplex follow
/// `λ ← Π(λ − γ (J₁ J₂ᵀ + ρ I) λ)`, whose slope is right on average; the step is `Jᵀ λ`. The smaller `γ`,
/// the nearer the rule stays to fixed weights. As in the paper nothing is normalised, so what `γ` does
/// depends on the gradients' size.
///
/// Departures: the step uses the gradients of the whole batch instead of a third one's; the weights of
/// an absent task stay as they are.
///
/// - Complexity: O(taskCount²) time and memory.
///
/// Chen, Fernando, Ying, Chen: *Three-Way Trade-Off in Multi-Objective Learning: Optimization,
/// Generalization and Conflict-Avoidance*, NeurIPS 2023, Algorithm 1. The regularisation and the
/// defaults `γ = 0.001`, `ρ = 0.1` are LibMTL's, after the paper's code.
/// <https://arxiv.org/abs/2305.20057>
public struct MoDo: GradientCombiner {
  /// Learning rate of the weights.
  public let gamma: Double
  /// What pulls the weights together.
  public let rho: Double
  private var state: SimplexWeights

  /// Creates the rule; `gamma > 0`, `rho ≥ 0`.
  public init(
    taskCount: Int, gamma: Double = 0.001, rho: Double = 0.1
  ) throws(CombinerError) {
    try CombinerError.check(gamma, named: .gamma, "a number > 0") { $0 > 0 }
    try CombinerError.check(rho, named: .rho, "a number ≥ 0") { $0 >= 0 }
    self.gamma = gamma
    self.rho = rho
    state = SimplexWeights(taskCount: taskCount)
  }

  public var needsHalves: Bool { true }

  public mutating func weights(for step: GradientStep) -> [Double] {
    guard let products = step.crossProducts else {
      preconditionFailure("a step without the products of its halves")
    }
    guard !step.tasks.isEmpty else { return [] }
    let weights = state.present(step.tasks)
    let slope = products.times(weights)
    let moved = zip(weights, slope).map { $0 - gamma * ($1 + rho * $0) }
    let found = projectedOnSimplex(moved)
    state.keep(found, of: step.tasks)
    return found
  }
}

extension MoDo: NamedCombiner {
  static let profile = CombinerProfile(
    title: "MoDo", family: .gradients,
    summary: "moves the weights towards the shortest mean gradient, on two halves of a batch",
    paper: "Chen et al., NeurIPS 2023", link: "https://arxiv.org/abs/2305.20057",
    memory: "2K·P",
    settings: [
      .number(.gamma, usual: 0.001, above: 0, through: 1_000, "Learning rate of the weights."),
      .number(.rho, usual: 0.1, from: 0, through: 1_000, "What pulls the weights together."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      MoDo(
        taskCount: request.taskCount, gamma: request.number(.gamma), rho: request.number(.rho)))
  }
}
