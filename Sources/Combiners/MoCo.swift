import Glibc

/// Goes down for every task at once by gradients that are tracked over the steps.
///
/// The tracked gradients follow the batches' ones, `y_i ← y_i − β_k (y_i − g_i)`; the weights, numbers
/// of at least 0 that sum to 1, go down the slope of `½ ‖Σ_i λ_i y_i‖² + ½ ρ ‖λ‖²`, `λ ← Π(λ − γ_k (Y Yᵀ +
/// ρ I) λ)`, and the step is `Σ_i λ_i y_i`. In the `k`-th step `β_k = β / k^σ` and `γ_k = γ / k^σ`.
///
/// Departures: the step takes the weights and tracked gradients of the same step, as LibMTL has it, the
/// paper those of the step before; the first tracked gradient starts from zero; absent tasks keep theirs,
/// and the others' weights go to the nearest ones that sum to 1 without them before they move; an
/// embedding row's tracked gradients move only in steps that touch the row, and only touched rows count in
/// `Y Yᵀ`; parameters of a single task get the plain gradient of its loss.
///
/// Fernando, Shen, Liu, Chaudhury, Murugesan, Chen: *Mitigating Gradient Bias in Multi-objective
/// Learning: A Provably Convergent Approach*, ICLR 2023, Algorithm 1; β = 0.5, γ = 0.1, σ = ½ and ρ = 0
/// are those of LibMTL's implementation, which also scales the gradients by the losses.
/// <https://openreview.net/forum?id=dLAYGdKTi2>
public struct MoCo: ElementwiseCombiner {
  public let beta: Double
  public let gamma: Double
  public let sigma: Double
  public let rho: Double
  private var lambda: SimplexWeights
  private var steps = 0
  private var taskCount: Int
  private var tasks: [Int] = []
  /// `β_k`.
  private var share: Float = 1
  /// The weights of this step, `[block][present task]`.
  private var weights: [[Float]] = []
  public private(set) var taskWeights: [Double?]?

  /// Creates the rule with equal weights; `beta` lies in `0...1` without 0, the others are at least 0.
  public init(
    taskCount: Int, beta: Double = 0.5, gamma: Double = 0.1, sigma: Double = 0.5, rho: Double = 0
  ) throws(CombinerError) {
    try CombinerError.check(beta, named: .beta, "above 0 and at most 1") { $0 > 0 && $0 <= 1 }
    try CombinerError.check(gamma, named: .gamma, "a number ≥ 0") { $0 >= 0 }
    try CombinerError.check(sigma, named: .sigma, "a number ≥ 0") { $0 >= 0 }
    try CombinerError.check(rho, named: .rho, "a number ≥ 0") { $0 >= 0 }
    self.taskCount = taskCount
    self.beta = beta
    self.gamma = gamma
    self.sigma = sigma
    self.rho = rho
    lambda = SimplexWeights(taskCount: taskCount)
  }

  /// The tracked gradient.
  public var stateCount: Int { 1 }
  public var absorbs: Bool { true }

  public mutating func begin(_ step: ElementwiseStep) {
    tasks = step.losses.present
    if !tasks.isEmpty { steps += 1 }
    share = Float(beta * fading)
  }

  public func absorb(
    _ gradients: inout MutableSpan<Float>, state: inout MutableSpan<Float>, at place: Stretch,
    sums: inout [Double]
  ) {
    for row in place.tasks.indices {
      let first = row * place.stride
      let old = place.tasks[row] * place.stateStride
      for element in 0..<place.count {
        let tracked = state[old + element]
        let moved = tracked + share * (gradients[first + element] - tracked)
        state[old + element] = moved
        gradients[first + element] = moved
      }
    }
  }

  public mutating func prepare(for blocks: [BlockGramian], sums: [Double]) {
    let gramian = blocks.total(of: tasks)
    let before = lambda.present(tasks)
    let after = projectedOnSimplex(
      tasks.indices.map { row in
        let slope = gramian.agreement(of: row, with: before) + rho * before[row]
        return before[row] - gamma * fading * slope
      })
    lambda.keep(after, of: tasks)
    var byTask = [Double](repeating: 0, count: taskCount)
    taskWeights = byTask.map { _ in nil }
    for (task, weight) in zip(tasks, after) {
      byTask[task] = weight
      taskWeights?[task] = weight
    }
    weights = blocks.weights(byTask)
  }

  public func weights(ofBlock index: Int) -> [Float]? { weights[index] }

  /// `1 / k^σ`.
  private var fading: Double { 1 / pow(Double(max(steps, 1)), sigma) }
}

extension MoCo: NamedCombiner {
  static let profile = CombinerProfile(
    title: "MoCo", family: .elements,
    summary: "goes down for every task at once by gradients tracked over the steps",
    paper: "Fernando et al., ICLR 2023", link: "https://openreview.net/forum?id=dLAYGdKTi2",
    memory: "K·P, and K numbers for every parameter",
    settings: [
      .number(
        .beta, usual: 0.5, above: 0, through: 1,
        "How far a tracked gradient goes to the batch's in the first step; 1 is all the way."),
      .number(.gamma, usual: 0.1, from: 0, "Learning rate of the weights in the first step."),
      .number(
        .sigma, usual: 0.5, from: 0, "In step k, beta and gamma are divided by k^sigma."),
      .number(.rho, usual: 0, from: 0, "How strongly the weights are drawn together."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      elementwise: MoCo(
        taskCount: request.taskCount, beta: request.number(.beta), gamma: request.number(.gamma),
        sigma: request.number(.sigma), rho: request.number(.rho)))
  }
}
