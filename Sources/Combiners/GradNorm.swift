import Glibc

/// Moves the losses' weights until tasks that train at the same pace pull equally hard.
///
/// With the gradient norms `n_i` of the losses over the last shared layer, `G_i = w_i n_i`, and the
/// inverse training rates `r_i = (L_i / L_i(0)) / mean_j (L_j / L_j(0))`, the weights go down the slope
/// of `Σ_i |G_i − mean(G) r_i^α|`, the target held constant: `sign(G_i − mean(G) r_i^α) n_i`, by Adam
/// with a rate of its own. Then they are kept at or above 1e-3 and scaled back to their sum, the number
/// of tasks.
///
/// Departures: `L_i(0)` is a mean over a task's first `warmUp` steps instead of one batch's loss, which
/// says little of a rare task; until then the task keeps its weight. In a step without some task, the
/// others' weights keep the sum that they had. Single-task parameters train on the weighted losses too.
/// Where no layer with weights is the last one for every task, as where tasks follow a funnel or one gate
/// sums up experts, the norms are over all that every task trains: over a layer of other tasks they would
/// be zero.
///
/// Chen, Badrinarayanan, Lee, Rabinovich: *GradNorm: Gradient Normalization for Adaptive Loss Balancing
/// in Deep Multitask Networks*, ICML 2018, Algorithm 1; α = 1.5 and the rate 0.025 are those of section
/// 5. <https://arxiv.org/abs/1711.02257>
public struct GradNorm: LossWeighting {
  /// How strongly slower tasks are pulled along, `α`; 0 brings all norms together.
  public let alpha: Double
  /// Steps that `L_i(0)` is a mean of.
  public let warmUp: Int
  /// `[taskCount]`, summing to the number of tasks.
  public private(set) var weights: [Double]
  private var adam: TaskAdam
  private var firstLosses: TaskMeans
  private var weightMeans: TaskMeans

  /// Creates the rule with all weights 1.
  public init(
    taskCount: Int, alpha: Double = 1.5, learningRate: Double = 0.025, warmUp: Int = 20
  ) throws(CombinerError) {
    try CombinerError.check(alpha, named: .alpha, "a number ≥ 0") { $0 >= 0 }
    try CombinerError.check(learningRate, named: .learningRate, "a number > 0") { $0 > 0 }
    try CombinerError.check(Double(warmUp), named: .warmUp, "a whole number ≥ 1") { $0 >= 1 }
    self.alpha = alpha
    self.warmUp = warmUp
    weights = Array(repeating: 1, count: taskCount)
    adam = TaskAdam(taskCount: taskCount, learningRate: learningRate)
    firstLosses = TaskMeans(taskCount: taskCount)
    weightMeans = TaskMeans(taskCount: taskCount)
  }

  public var needs: LossWeightingNeeds { .lastLayerNorms }

  /// The mean of each task's weight over the steps after its warm-up, `[taskCount]`: as fixed weights
  /// of a fresh run they are the paper's static variant.
  public var meanWeights: [Double] { weights.indices.map { weightMeans[$0] ?? weights[$0] } }

  public func weights(for losses: [Double?]) -> [Double] { weights }

  public mutating func observe(_ step: WeighedStep) throws(CombinerError) {
    precondition(step.losses.count == weights.count && step.lastLayerNorms.count == weights.count)
    for (task, loss) in step.losses.known where firstLosses.counts[task] < warmUp {
      firstLosses.add(loss, to: task)
    }
    var moved: [(task: Int, norm: Double, pace: Double)] = []
    for (task, loss) in step.losses.known where firstLosses.counts[task] == warmUp {
      guard let norm = step.lastLayerNorms[task] else { continue }
      let first = firstLosses[task] ?? 0
      guard first > 0 else {
        throw .lossNotPositive(
          task: task, loss: first, combiner: CombinerKind.gradnorm.rawValue)
      }
      moved.append((task, norm, loss / first))
      weightMeans.add(weights[task], to: task)
    }
    let slopes = GradNorm.slopes(
      weights: moved.map { weights[$0.task] }, norms: moved.map(\.norm),
      paces: moved.map(\.pace), alpha: alpha)
    let sum = moved.reduce(0) { $0 + weights[$1.task] }
    for (row, slope) in zip(moved, slopes) {
      weights[row.task] = max(1e-3, weights[row.task] + adam.change(of: row.task, slope: slope))
    }
    let newSum = moved.reduce(0) { $0 + weights[$1.task] }
    for row in moved { weights[row.task] *= sum / newSum }
  }

  /// The slopes of `Σ_i |w_i n_i − T_i|` by `w`, at the target that these weights give.
  package static func slopes(
    weights: [Double], norms: [Double], paces: [Double], alpha: Double
  ) -> [Double] {
    zip(zip(weights, norms), targets(weights: weights, norms: norms, paces: paces, alpha: alpha))
      .map { now, target in
        let difference = now.0 * now.1 - target
        return difference == 0 ? 0 : difference > 0 ? now.1 : -now.1
      }
  }

  /// `T_i = mean(w n) r_i^α`.
  package static func targets(
    weights: [Double], norms: [Double], paces: [Double], alpha: Double
  ) -> [Double] {
    let count = Double(weights.count)
    let meanNorm = zip(weights, norms).reduce(0) { $0 + $1.0 * $1.1 } / count
    let meanPace = paces.reduce(0, +) / count
    return paces.map { meanNorm * (meanPace > 0 ? pow($0 / meanPace, alpha) : 1) }
  }
}

extension GradNorm: NamedCombiner {
  static let profile = CombinerProfile(
    title: "GradNorm", family: .losses,
    summary: "brings the tasks' gradient norms over the last shared layer to their training pace",
    paper: "Chen et al., ICML 2018", link: "https://arxiv.org/abs/1711.02257",
    needs: "losses above zero",
    passes: "1, and K through the last shared layer", memory: "K times the last shared layer",
    settings: [
      .number(
        .alpha, usual: 1.5, from: 0, "How strongly slower tasks are pulled along; 0 is not at all."),
      .number(
        .learningRate, usual: 0.025, above: 0, "Learning rate of the weights."),
      .whole(
        .warmUp, usual: 20, in: 1...1_000_000,
        "Steps over which a task's first loss is averaged; its weight stays until then."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(
      try GradNorm(
        taskCount: request.taskCount, alpha: request.number(.alpha),
        learningRate: request.number(.learningRate), warmUp: request.whole(.warmUp)))
  }
}
