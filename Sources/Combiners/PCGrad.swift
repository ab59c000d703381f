internal import Randomness

/// Removes from each task's gradient the part that works against another task.
///
/// For every task in turn, start from its gradient alone, visit the other tasks in random order,
/// and where the result so far opposes a task's gradient, project it onto the plane orthogonal to
/// that gradient. The step is the sum of the projected gradients. Here the projection acts on the
/// weights: subtracting `⟨gⱼ, Jᵀw⟩ / ⟨gⱼ, gⱼ⟩` from `wⱼ` makes the product with `gⱼ` zero. A task
/// whose gradient is zero opposes nothing and is passed over.
///
/// With a main task, a variant that is not in the paper, that task's gradient stays as it is and each
/// of the others' is projected against it alone; where the main task is absent or its gradient zero,
/// the step is the plain sum.
///
/// - Complexity: O(taskCount³) time, O(taskCount) memory; with a main task O(taskCount) time.
/// - Note: The visiting order is random, so equal seeds give equal runs.
///
/// Yu, Kumar, Gupta, Levine, Hausman, Finn: *Gradient Surgery for Multi-Task Learning*,
/// NeurIPS 2020, Algorithm 1. <https://arxiv.org/abs/2001.06782>
public struct PCGrad: GradientCombiner {
  /// The task that is never projected and alone projected against; nil treats all alike.
  public let main: Int?
  private var generator: SplitMix64

  /// Creates the rule; `seed` fixes the visiting orders, of which there are none with a main task.
  public init(main: Int? = nil, seed: UInt64) {
    self.main = main
    generator = SplitMix64(seed: seed)
  }

  public mutating func weights(for step: GradientStep) -> [Double] {
    let gramian = step.gramian
    if let main { return PCGrad.anchored(at: step.tasks.firstIndex(of: main), in: gramian) }
    var total = [Double](repeating: 0, count: gramian.taskCount)
    for task in 0..<gramian.taskCount {
      let order = (0..<gramian.taskCount).shuffled(using: &generator)
      let projected = PCGrad.projected(task, in: gramian, order: order)
      for (index, weight) in projected.enumerated() { total[index] += weight }
    }
    return total
  }

  /// The weights where all but the `main`-th gradient are projected against that one alone.
  private static func anchored(at main: Int?, in gramian: Gramian) -> [Double] {
    var weights = [Double](repeating: 1, count: gramian.taskCount)
    guard let main, gramian[main, main] > 0 else { return weights }
    for task in 0..<gramian.taskCount where task != main {
      weights[main] += max(0, -gramian[task, main] / gramian[main, main])
    }
    return weights
  }

  /// The weights of one task's gradient after the others in `order` were projected away.
  package static func projected(_ task: Int, in gramian: Gramian, order: [Int]) -> [Double] {
    var weights = [Double](repeating: 0, count: gramian.taskCount)
    weights[task] = 1
    for other in order where other != task && gramian[other, other] > 0 {
      let agreement = gramian.agreement(of: other, with: weights)
      if agreement < 0 { weights[other] -= agreement / gramian[other, other] }
    }
    return weights
  }
}

extension PCGrad: NamedCombiner {
  static let profile = CombinerProfile(
    title: "PCGrad", family: .gradients,
    summary: "projects away what opposes another task's gradient",
    paper: "Yu et al., NeurIPS 2020", link: "https://arxiv.org/abs/2001.06782",
    settings: [
      .main(
        "If given, only the others' gradients are projected, and against this task's alone.",
        isRequired: false)
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(PCGrad(main: request.optionalTask(.main), seed: request.seed))
  }
}
