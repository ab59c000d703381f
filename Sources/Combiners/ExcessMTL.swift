import Glibc

/// Gives more weight to tasks that are farther from the best that they can reach.
///
/// How far a loss is above its least value is estimated from the gradients: with `S_i ← S_i + g_i²`
/// element by element, `e_i = Σ g_i² / √(S_i + 1e-7)` over all shared parameters. Relative to its first
/// value it moves the weights, `w_i ← w_i exp(η e_i / e_i(0))`, which are then scaled back to their sum,
/// the number of tasks. The step is `Σ_i w_i g_i`.
///
/// Departures: `e_i(0)` is a mean over a task's first `warmUp` steps, in which its weight stays, for the
/// paper's warm-up epoch; no weight falls below 1e-3; in a step without some task the others' weights
/// keep the sum that they had; an embedding row adds to `e` and `S` only in steps that touch it;
/// parameters of a single task get the plain gradient of its loss.
///
/// He, Zhou, Zhang, Yu, Ji, Zhao: *Robust Multi-Task Learning with Excess Risks*, ICML 2024,
/// Algorithm 1; η = 0.01 is that of LibMTL's implementation. <https://arxiv.org/abs/2402.02009>
public struct ExcessMTL: ElementwiseCombiner {
  /// How fast the weights move, `η`.
  public let eta: Double
  /// Steps that `e(0)` is a mean of.
  public let warmUp: Int
  /// `[taskCount]`, summing to the number of tasks.
  public private(set) var current: [Double]
  private var firstExcesses: TaskMeans
  private var tasks: [Int] = []
  /// The weights of this step, `[block][present task]`.
  private var weights: [[Float]] = []

  /// Creates the rule with all weights 1.
  public init(taskCount: Int, eta: Double = 0.01, warmUp: Int = 20) throws(CombinerError) {
    try CombinerError.check(eta, named: .eta, "a number > 0") { $0 > 0 }
    try CombinerError.check(Double(warmUp), named: .warmUp, "a whole number ≥ 1") { $0 >= 1 }
    self.eta = eta
    self.warmUp = warmUp
    current = Array(repeating: 1, count: taskCount)
    firstExcesses = TaskMeans(taskCount: taskCount)
  }

  /// The sum of squares.
  public var stateCount: Int { 1 }
  public var absorbs: Bool { true }
  public var taskWeights: [Double?]? {
    current.indices.map { tasks.contains($0) ? current[$0] : nil }
  }

  public mutating func begin(_ step: ElementwiseStep) { tasks = step.losses.present }

  public func absorb(
    _ gradients: inout MutableSpan<Float>, state: inout MutableSpan<Float>, at place: Stretch,
    sums: inout [Double]
  ) {
    for row in place.tasks.indices {
      let task = place.tasks[row]
      let first = row * place.stride
      let old = task * place.stateStride
      var excess = 0.0
      for element in 0..<place.count {
        let slope = gradients[first + element]
        let sum = state[old + element] + slope * slope
        state[old + element] = sum
        excess += Double(slope * slope / (sum + 1e-7).squareRoot())
      }
      sums[task] += excess
    }
  }

  public mutating func prepare(for blocks: [BlockGramian], sums: [Double]) {
    var moved: [(task: Int, excess: Double)] = []
    for task in tasks where sums[task].isFinite {
      if firstExcesses.counts[task] < warmUp {
        firstExcesses.add(sums[task], to: task)
      } else if let first = firstExcesses[task], first > 0 {
        moved.append((task, sums[task] / first))
      }
    }
    // A common factor falls out when the sum is restored; this one keeps the powers below 1.
    let largest = moved.map(\.excess).max() ?? 0
    let sum = moved.reduce(0) { $0 + current[$1.task] }
    for (task, excess) in moved { current[task] *= exp(eta * (excess - largest)) }
    scale(moved.map(\.task), to: sum)
    for (task, _) in moved { current[task] = max(1e-3, current[task]) }
    scale(moved.map(\.task), to: sum)
    weights = blocks.weights(current)
  }

  public func weights(ofBlock index: Int) -> [Float]? { weights[index] }

  /// Brings the weights of some tasks to a sum.
  private mutating func scale(_ tasks: [Int], to sum: Double) {
    let factor = sum / tasks.reduce(0) { $0 + current[$1] }
    for task in tasks { current[task] *= factor }
  }
}

extension ExcessMTL: NamedCombiner {
  static let profile = CombinerProfile(
    title: "ExcessMTL", family: .elements,
    summary: "gives more weight to tasks that are farther from their best",
    paper: "He et al., ICML 2024", link: "https://arxiv.org/abs/2402.02009",
    memory: "K·P, and K numbers for every parameter",
    settings: [
      .number(.eta, usual: 0.01, above: 0, "How fast the weights move."),
      .whole(
        .warmUp, usual: 20, in: 1...1_000_000,
        "Steps over which a task's first excess is averaged; its weight stays until then."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      elementwise: ExcessMTL(
        taskCount: request.taskCount, eta: request.number(.eta), warmUp: request.whole(.warmUp)))
  }
}
