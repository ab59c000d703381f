import Glibc

/// Weighs the losses so that all of them fall at the same relative speed.
///
/// With `z = softmax(ξ)` and `D_i = L_i − b_i + 1e-8`, the network trains on `c Σ_i z_i log D_i`, where
/// `c = 1 / Σ_i (z_i / D_i)` is held constant: weights `c z_i / D_i` that sum to 1. After the update the
/// losses of the same rows are measured again, and `ξ` takes a step of Adam by
/// `(diag(z) − z zᵀ) δ + γ ξ`, `δ_i = log D_i before − log D_i after`: what fell more slowly gains weight.
///
/// Departures: the weights of a step rest on the newest losses before it, see ``LossWeighting``; `δ` may
/// be of some of the step's rows; the softmax runs over the present tasks, and an absent one keeps its
/// `ξ`. A loss at its bound or below leaves no logarithm and is an error.
///
/// Liu, Feng, Stone, Liu: *FAMO: Fast Adaptive Multitask Optimization*, NeurIPS 2023, Algorithm 1; the
/// rate 0.025 is the paper's, γ = 1e-3 that of its runs. <https://arxiv.org/abs/2306.03792>
public struct FAMO: LossWeighting {
  /// How fast `ξ` forgets, `γ`.
  public let gamma: Double
  /// What the losses can't fall below, `b`, `[taskCount]`.
  public let lowest: [Double]
  /// `ξ`, `[taskCount]`.
  public private(set) var preferences: [Double]
  private var adam: TaskAdam

  /// Creates the rule with all `ξ = 0`; `lowest` has a bound for each task.
  public init(
    lowest: [Double], learningRate: Double = 0.025, gamma: Double = 1e-3
  ) throws(CombinerError) {
    try CombinerError.check(learningRate, named: .learningRate, "a number > 0") { $0 > 0 }
    try CombinerError.check(gamma, named: .gamma, "a number ≥ 0") { $0 >= 0 }
    for bound in lowest {
      try CombinerError.check(bound, named: .lowest, "a number ≥ 0") { $0 >= 0 }
    }
    self.gamma = gamma
    self.lowest = lowest
    preferences = Array(repeating: 0, count: lowest.count)
    adam = TaskAdam(taskCount: lowest.count, learningRate: learningRate)
  }

  public var needs: LossWeightingNeeds { .lossesAfterUpdate }

  public func weights(for losses: [Double?]) throws(CombinerError) -> [Double] {
    try losses.checkPositive(above: lowest, for: .famo)
    var weights = [Double](repeating: 0, count: losses.count)
    // c z_i / D_i is the softmax of ξ_i − log D_i.
    let shares = softmax(losses.known.map { preferences[$0.task] - logarithm($0.loss, $0.task) })
    for (task, share) in zip(losses.present, shares) { weights[task] = share }
    return weights
  }

  public mutating func observe(_ step: WeighedStep) throws(CombinerError) {
    try step.lossesBeforeUpdate.checkPositive(above: lowest, for: .famo)
    try step.lossesAfterUpdate.checkPositive(above: lowest, for: .famo)
    let falls = zip(step.lossesBeforeUpdate.indices, step.lossesAfterUpdate).compactMap {
      task, after in
      step.lossesBeforeUpdate[task].flatMap { before in
        after.map { (task: task, fall: logarithm(before, task) - logarithm($0, task)) }
      }
    }
    let slopes = FAMO.slopes(
      preferences: falls.map { preferences[$0.task] }, falls: falls.map(\.fall))
    for (row, slope) in zip(falls, slopes) {
      let decay = gamma * preferences[row.task]
      preferences[row.task] += adam.change(of: row.task, slope: slope + decay)
    }
  }

  /// `(diag(z) − z zᵀ) δ`, the slopes of `Σ_i softmax(ξ)_i δ_i` by `ξ`.
  package static func slopes(preferences: [Double], falls: [Double]) -> [Double] {
    let shares = softmax(preferences)
    let mean = zip(shares, falls).reduce(0) { $0 + $1.0 * $1.1 }
    return zip(shares, falls).map { $0 * ($1 - mean) }
  }

  private func logarithm(_ loss: Double, _ task: Int) -> Double { log(loss - lowest[task] + 1e-8) }
}

extension FAMO: NamedCombiner {
  static let profile = CombinerProfile(
    title: "FAMO", family: .losses,
    summary: "weighs the losses so that all fall at the same relative speed",
    paper: "Liu et al., NeurIPS 2023", link: "https://arxiv.org/abs/2306.03792",
    needs: "losses above zero", passes: "1, and a forward pass over some rows after the update",
    settings: [
      .number(
        .learningRate, usual: 0.025, above: 0, "Learning rate of the tasks' preferences."),
      .number(
        .gamma, usual: 0.001, from: 0, "How fast the preferences forget: their weight decay."),
      .byTask(
        .lowest, usual: 0, from: 0, "What the losses can't fall below; a task left out has 0."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(
      try FAMO(
        lowest: request.byTask(.lowest), learningRate: request.number(.learningRate),
        gamma: request.number(.gamma)))
  }
}
