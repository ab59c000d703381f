import Glibc

/// Adam for several losses: moments for each task, of gradients brought to the main task's size.
///
/// In every block of parameters each task's gradient norm is averaged, `n_i ← 0.9 n_i + 0.1 ‖g_i‖` from
/// the first norm on, and `ĝ_i = ρ_i (n_main / n_i) g_i`. Adam's moments `M_i` and `V_i` of `ĝ_i` are kept
/// by task, and the parameters go by `Σ_i M̂_i / (max_j √V̂_j + 1e-8)` times the learning rate, the
/// largest taken element by element.
///
/// Departures: tasks that are absent keep their moments and have no part in the step, and the bias
/// correction counts the steps in which a task was present; an embedding row's moments move only in steps
/// that touch the row; a block that the main task has not reached yet takes the gradients in their own
/// sizes, times `ρ`; the `ρ` sum to the number of tasks, as ``StaticWeights`` have it; weight decay is
/// the optimizer's and stays out of the moments; parameters of a single task follow the run's optimizer.
///
/// Malkiel, Wolf: *MTAdam: Automatic Balancing of Multiple Training Loss Terms*, EMNLP 2021,
/// Algorithm 1, with β₁ = 0.9, β₂ = 0.999, β₃ = 0.9 and ε = 1e-8 as there.
/// <https://arxiv.org/abs/2006.14683>
public struct MTAdam: ElementwiseCombiner {
  private static let beta1: Float = 0.9
  private static let beta2: Float = 0.999

  /// The task whose gradient sets the size of the others.
  public let main: Int
  /// `ρ`, `[taskCount]`, summing to the number of tasks.
  public let ratios: [Double]
  /// How much of its average norm a step keeps, `β₃`.
  public let beta: Double
  /// Steps in which each task was present.
  private var steps: [Int]
  /// Average gradient norms, `[block][taskCount]`; nil for tasks that the block has not seen.
  private var norms: [[Double?]] = []
  /// What the gradients are multiplied by in this step, `[block][present task]`.
  private var factors: [[Float]] = []
  /// `1 / (1 − β^steps)` for both moments, `[taskCount]`.
  private var meanCorrections: [Float]
  private var squareCorrections: [Float]
  public private(set) var taskWeights: [Double?]?

  /// Creates the rule; `ratios` has a number for each task, `beta` lies in `0..<1`.
  public init(ratios: [Double], main: Int = 0, beta: Double = 0.9) throws(CombinerError) {
    try CombinerError.check(main, named: .main, in: ratios.count)
    try CombinerError.check(beta, named: .beta, "a number in 0..<1") { $0 >= 0 && $0 < 1 }
    self.ratios = try StaticWeights(ratios).weights
    self.main = main
    self.beta = beta
    steps = Array(repeating: 0, count: ratios.count)
    meanCorrections = Array(repeating: 1, count: ratios.count)
    squareCorrections = meanCorrections
  }

  /// Both moments.
  public var stateCount: Int { 2 }
  public var replacesOptimizer: Bool { true }

  public mutating func begin(_ step: ElementwiseStep) {
    for task in step.losses.present {
      steps[task] += 1
      let count = Double(steps[task])
      meanCorrections[task] = Float(1 / (1 - pow(Double(MTAdam.beta1), count)))
      squareCorrections[task] = Float(1 / (1 - pow(Double(MTAdam.beta2), count)))
    }
  }

  public mutating func prepare(for blocks: [BlockGramian], sums: [Double]) {
    if norms.isEmpty {
      norms = Array(repeating: Array(repeating: nil, count: ratios.count), count: blocks.count)
    }
    precondition(norms.count == blocks.count, "\(blocks.count) blocks after \(norms.count)")
    factors = []
    for (index, block) in blocks.enumerated() {
      for (row, task) in block.tasks.enumerated() {
        let norm = block.gramian.norm(row)
        norms[index][task] = norms[index][task].map { beta * $0 + (1 - beta) * norm } ?? norm
      }
      let found = block.tasks.map { factor(of: $0, block: index) }
      factors.append(found.map(Float.init))
      if blocks.count == 1 {
        taskWeights = ratios.map { _ in nil }
        for (task, factor) in zip(block.tasks, found) { taskWeights?[task] = factor }
      }
    }
  }

  public func combine(
    _ gradients: Span<Float>, state: inout MutableSpan<Float>, at place: Stretch,
    into combined: inout MutableSpan<Float>
  ) {
    for row in place.tasks.indices {
      let first = row * place.stride
      let mean = 2 * place.tasks[row] * place.stateStride
      let square = mean + place.stateStride
      let factor = factors[place.block][row]
      for element in 0..<place.count {
        let slope = factor * gradients[first + element]
        state[mean + element] =
          MTAdam.beta1 * state[mean + element] + (1 - MTAdam.beta1) * slope
        state[square + element] =
          MTAdam.beta2 * state[square + element] + (1 - MTAdam.beta2) * slope * slope
      }
    }
    for element in 0..<place.count {
      var sum: Float = 0
      var largest: Float = 0
      for row in place.tasks.indices {
        let task = place.tasks[row]
        let mean = 2 * task * place.stateStride + element
        sum += meanCorrections[task] * state[mean]
        largest = max(largest, squareCorrections[task] * state[mean + place.stateStride])
      }
      combined[element] = sum / (largest.squareRoot() + 1e-8)
    }
  }

  private func factor(of task: Int, block: Int) -> Double {
    guard let norm = norms[block][task], norm > 0, let mainNorm = norms[block][main], mainNorm > 0
    else { return ratios[task] }
    return ratios[task] * (mainNorm / norm)
  }
}

extension MTAdam: NamedCombiner {
  static let profile = CombinerProfile(
    title: "MTAdam", family: .elements,
    summary: "replaces the optimizer by Adam with moments for each task",
    paper: "Malkiel, Wolf, EMNLP 2021", link: "https://arxiv.org/abs/2006.14683",
    memory: "K·P, and 2K numbers for every parameter",
    settings: [
      .main(
        "The task whose gradient sets the size of the others; the first, unless told.",
        isRequired: false),
      .byTask(
        .weights, usual: 1, from: 0,
        "Sizes of the gradients to the main one's; a task left out has 1."
      ),
      .number(
        .beta, usual: 0.9, from: 0, below: 1, "Memory of the gradients' moving average size."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      elementwise: MTAdam(
        ratios: request.byTask(.weights), main: request.optionalTask(.main) ?? 0,
        beta: request.number(.beta)))
  }
}
