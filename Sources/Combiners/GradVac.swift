internal import Randomness

/// Turns gradients towards each other until they agree as much as they did on average.
///
/// For every task in turn, start from its gradient `h = g_i` and visit the others in random order.
/// Where `φ = cos(h, g_j)` lies below the average `φ̂_ij` of the steps so far, add the multiple of `g_j`
/// that brings the cosine up to it, `‖h‖ (φ̂ √(1 − φ²) − φ √(1 − φ̂²)) / (‖g_j‖ √(1 − φ̂²))`; then
/// `φ̂_ij ← (1 − β) φ̂_ij + β φ`. The step is the sum of the turned gradients. Averages begin at 0, so that
/// the first step is ``PCGrad``'s.
///
/// A task whose gradient is zero is passed over. Departure: averages count as at most 1 − 10⁻⁶, where
/// the multiple would grow without bound.
///
/// - Complexity: O(taskCount⁴) time, O(taskCount²) memory.
/// - Note: The visiting order is random, so equal seeds give equal runs.
///
/// Wang, Tsvetkov, Firat, Cao: *Gradient Vaccine: Investigating and Improving Multi-task Optimization
/// in Massively Multilingual Models*, ICLR 2021, equation 3 and Algorithm 1; `β = 0.01` as there.
/// <https://arxiv.org/abs/2010.05874>
public struct GradVac: GradientCombiner {
  private static let highest = 1 - 1e-6

  /// How much of a step's cosine goes into its average.
  public let beta: Double
  private let taskCount: Int
  /// `φ̂`, `[taskCount, taskCount]`.
  private var goals: [Double]
  private var generator: SplitMix64

  /// Creates the rule; `beta` lies in `0...1`, `seed` fixes the visiting orders.
  public init(taskCount: Int, beta: Double = 0.01, seed: UInt64) throws(CombinerError) {
    try CombinerError.check(beta, named: .beta, "a number in 0...1") { $0 >= 0 && $0 <= 1 }
    self.beta = beta
    self.taskCount = taskCount
    goals = Array(repeating: 0, count: taskCount * taskCount)
    generator = SplitMix64(seed: seed)
  }

  public mutating func weights(for step: GradientStep) -> [Double] {
    let orders = step.tasks.map { _ in step.tasks.indices.shuffled(using: &generator) }
    return weights(for: step, orders: orders)
  }

  /// The weights where the `i`-th present task visits the others in the order `orders[i]`.
  package mutating func weights(for step: GradientStep, orders: [[Int]]) -> [Double] {
    var total = [Double](repeating: 0, count: step.tasks.count)
    for (row, order) in orders.enumerated() {
      for (place, weight) in turned(row, step, order: order).enumerated() { total[place] += weight }
    }
    return total
  }

  private mutating func turned(_ row: Int, _ step: GradientStep, order: [Int]) -> [Double] {
    let gramian = step.gramian
    var weights = [Double](repeating: 0, count: gramian.taskCount)
    weights[row] = 1
    for other in order where other != row {
      let norm = gramian.norm(other)
      let length = max(0, gramian.squaredNorm(of: weights)).squareRoot()
      // What rounding leaves of a gradient that was turned to zero has no direction.
      guard norm > 0, length > 1e-7 * gramian.norm(row) else { continue }
      let agreement = gramian.agreement(of: other, with: weights)
      let cosine = max(-1, min(1, agreement / length / norm))
      let place = step.tasks[row] * taskCount + step.tasks[other]
      let goal = min(goals[place], GradVac.highest)
      if cosine < goal {
        let goalSine = (1 - goal * goal).squareRoot()
        let sine = (1 - cosine * cosine).squareRoot()
        weights[other] += length * (goal * sine - cosine * goalSine) / (norm * goalSine)
      }
      goals[place] = (1 - beta) * goals[place] + beta * cosine
    }
    return weights
  }
}

extension GradVac: NamedCombiner {
  static let profile = CombinerProfile(
    title: "GradVac", family: .gradients,
    summary: "turns gradients together until they agree as they did on average",
    paper: "Wang et al., ICLR 2021", link: "https://arxiv.org/abs/2010.05874",
    settings: [
      .number(
        .beta, usual: 0.01, from: 0, through: 1,
        "How much of a step's cosine goes into its moving average.")
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      GradVac(
        taskCount: request.taskCount, beta: request.number(.beta), seed: request.seed))
  }
}
