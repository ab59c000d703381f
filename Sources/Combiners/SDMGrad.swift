/// Looks for the shortest mean of the gradients near their plain mean, one sampled step at a time.
///
/// The weights `w` on the simplex minimise `½ ‖g_w + λ g_0‖²` with the mean gradient `g_0`. Because the
/// gradients are those of a batch, the slope is taken over two independent halves of it,
/// `J₁ J₂ᵀ (w + λ / K)`, which is right on average; in every step it is followed `iterations` times,
/// from the last step's `w`, with learning rate `eta` and momentum 0.5. The weights of the step are
/// `(w + λ / K) / (1 + λ)`.
///
/// Departures: the products are divided by the square of the gradients' mean norm over the whole batch,
/// as the paper's code does with that over the halves, so that `eta` fits gradients of any size; the
/// step uses the gradients of the whole batch instead of a third one's; the weights of an absent task
/// stay as they are; the rate is 0.2 by default, because the code's 5 makes weights of conflicting tasks
/// jump from corner to corner.
///
/// - Complexity: O(iterations · taskCount²) time, O(taskCount²) memory.
///
/// Xiao, Ban, Ji: *Direction-oriented Multi-objective Learning: Simple and Provable Stochastic
/// Algorithms*, NeurIPS 2023, Algorithm 1; `λ = 0.3`, 20 iterations and momentum 0.5 as in its
/// experiments' code. <https://arxiv.org/abs/2305.18409>
public struct SDMGrad: GradientCombiner {
  private static let momentum = 0.5

  /// How much the mean gradient counts beside the weighted one, `λ`.
  public let lambda: Double
  /// Learning rate of the weights.
  public let eta: Double
  public let iterations: Int
  private var state: SimplexWeights

  /// Creates the rule; `lambda ≥ 0`, `eta > 0`, at least one iteration.
  public init(
    taskCount: Int, lambda: Double = 0.3, eta: Double = 0.2, iterations: Int = 20
  ) throws(CombinerError) {
    try CombinerError.check(lambda, named: .lambda, "a number ≥ 0") { $0 >= 0 }
    try CombinerError.check(eta, named: .eta, "a number > 0") { $0 > 0 }
    try CombinerError.check(Double(iterations), named: .iterations, "at least 1") { $0 >= 1 }
    self.lambda = lambda
    self.eta = eta
    self.iterations = iterations
    state = SimplexWeights(taskCount: taskCount)
  }

  public var needsHalves: Bool { true }

  public mutating func weights(for step: GradientStep) -> [Double] {
    guard let products = step.crossProducts else {
      preconditionFailure("a step without the products of its halves")
    }
    let count = step.tasks.count
    guard count > 0 else { return [] }
    let share = lambda / Double(count)
    let norm = (0..<count).reduce(0) { $0 + step.gramian.norm($1) } / Double(count)
    var weights = state.present(step.tasks)
    if norm > 0 {
      let matrix = products.map { $0 / norm / norm }
      var speed = [Double](repeating: 0, count: count)
      for _ in 0..<iterations {
        let slope = matrix.times(weights.map { $0 + share })
        speed = zip(speed, slope).map { SDMGrad.momentum * $0 + $1 }
        weights = projectedOnSimplex(zip(weights, speed).map { $0 - eta * $1 })
      }
    }
    state.keep(weights, of: step.tasks)
    return weights.map { ($0 + share) / (1 + lambda) }
  }
}

extension SDMGrad: NamedCombiner {
  static let profile = CombinerProfile(
    title: "SDMGrad", family: .gradients,
    summary: "looks for the shortest mean gradient near the plain mean, on two halves of a batch",
    paper: "Xiao, Ban, Ji, NeurIPS 2023", link: "https://arxiv.org/abs/2305.18409",
    memory: "2K·P",
    settings: [
      .number(
        .lambda, usual: 0.3, from: 0, through: 1_000,
        "How much the plain mean counts beside the weighted one."),
      .number(.eta, usual: 0.2, above: 0, through: 1_000, "Learning rate of the weights."),
      .whole(.iterations, usual: 20, in: 1...10_000, "Moves of the weights in a step."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      SDMGrad(
        taskCount: request.taskCount, lambda: request.number(.lambda), eta: request.number(.eta),
        iterations: request.whole(.iterations)))
  }
}
