import Glibc

/// Takes the logarithm of every loss and brings the averaged gradients to the largest one's size.
///
/// The gradients of `log(L_i + 1e-8)`, that is `g_i / (L_i + 1e-8)`, are averaged over the steps,
/// `ĝ_i ← β_k ĝ_i + (1 − β_k) g_i / (L_i + 1e-8)` with `β_k = β / k^σ` in the `k`-th step; the step is
/// `max_j ‖ĝ_j‖ Σ_i ĝ_i / ‖ĝ_i‖`, norms taken over all shared parameters together. A gradient of zero
/// stays zero.
///
/// Departures: a task that is absent keeps its average and has no part in the step; an embedding row's
/// average moves only in steps that touch the row, and only touched rows count in the norms; parameters
/// of a single task get the plain gradient of its loss, not of the logarithm. A loss of zero is an error.
///
/// Lin, Jiang, Ye, Zhang, Chen, Chen, Liu, Kwok: *Dual-Balancing for Multi-Task Learning*, 2023,
/// Algorithm 1; β = 0.9 and σ = 0 are those of LibMTL's implementation.
/// <https://arxiv.org/abs/2308.12029>
public struct DBMTL: ElementwiseCombiner {
  /// How much of its average a first step keeps, `β`.
  public let beta: Double
  /// How fast the averages' memory fades, `σ`.
  public let sigma: Double
  private var steps = 0
  private var tasks: [Int] = []
  /// `1 / (L + 1e-8)`, `[taskCount]`.
  private var scales: [Float] = []
  /// What the averages keep in this step, `β_k`.
  private var kept: Float = 0
  /// The weights of this step, `[block][present task]`.
  private var weights: [[Float]] = []
  /// The factors of the averaged gradients of the logarithms.
  public private(set) var taskWeights: [Double?]?

  /// Creates the rule; `beta` lies in `0..<1`, `sigma` is at least 0.
  public init(beta: Double = 0.9, sigma: Double = 0) throws(CombinerError) {
    try CombinerError.check(beta, named: .beta, "a number in 0..<1") { $0 >= 0 && $0 < 1 }
    try CombinerError.check(sigma, named: .sigma, "a number ≥ 0") { $0 >= 0 }
    self.beta = beta
    self.sigma = sigma
  }

  /// The average, unless it keeps nothing.
  public var stateCount: Int { beta > 0 ? 1 : 0 }
  public var absorbs: Bool { true }

  public mutating func begin(_ step: ElementwiseStep) throws(CombinerError) {
    try step.losses.checkPositive(for: .dbMTL)
    tasks = step.losses.present
    scales = step.losses.map { Float(1 / (($0 ?? 1) + 1e-8)) }
    if !tasks.isEmpty { steps += 1 }
    kept = Float(beta / pow(Double(max(steps, 1)), sigma))
  }

  public func absorb(
    _ gradients: inout MutableSpan<Float>, state: inout MutableSpan<Float>, at place: Stretch,
    sums: inout [Double]
  ) {
    for row in place.tasks.indices {
      let task = place.tasks[row]
      let first = row * place.stride
      let scale = scales[task]
      guard beta > 0 else {
        for element in first..<first + place.count { gradients[element] *= scale }
        continue
      }
      let old = task * place.stateStride
      let share = (1 - kept) * scale
      for element in 0..<place.count {
        let average = kept * state[old + element] + share * gradients[first + element]
        state[old + element] = average
        gradients[first + element] = average
      }
    }
  }

  public mutating func prepare(for blocks: [BlockGramian], sums: [Double]) {
    let gramian = blocks.total(of: tasks)
    let norms = tasks.indices.map { gramian.norm($0) }
    let largest = norms.max() ?? 0
    var byTask = [Double](repeating: 0, count: scales.count)
    for (task, norm) in zip(tasks, norms) { byTask[task] = norm > 0 ? largest / norm : 1 }
    weights = blocks.weights(byTask)
    taskWeights = scales.map { _ in nil }
    for task in tasks { taskWeights?[task] = byTask[task] }
  }

  public func weights(ofBlock index: Int) -> [Float]? { weights[index] }
}

extension DBMTL: NamedCombiner {
  static let profile = CombinerProfile(
    title: "DB-MTL", family: .elements,
    summary: "takes log-losses and brings their averaged gradients to the largest one's size",
    paper: "Lin et al., 2023", link: "https://arxiv.org/abs/2308.12029",
    needs: "losses above zero", memory: "K·P, and K numbers for every parameter",
    settings: [
      .number(
        .beta, usual: 0.9, from: 0, below: 1,
        "Memory of the gradients' moving average; 0 keeps none and takes no memory."),
      .number(
        .sigma, usual: 0, from: 0, "The memory in step k is beta / k^sigma; 0 keeps it as it is."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      elementwise: DBMTL(beta: request.number(.beta), sigma: request.number(.sigma)))
  }
}
