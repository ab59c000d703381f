/// Takes the shortest gradient that a weighted mean of the tasks' gradients can be.
///
/// The weights are `argmin_α ‖Σ_i α_i g_i‖²` over `α ≥ 0`, `Σ α = 1`. The step opposes no task, and it
/// is zero just where no step could serve all. With a normalisation, the weights are those for
/// gradients divided by their norm (`l2`), by the task's loss (`loss`) or by both (`loss_plus`), and
/// weigh the gradients as they are, as in the paper's code; then a task may be opposed.
///
/// The problem is solved as `min_x ½ ‖Jᵀ x‖² − Σ x` over `x ≥ 0`, whose solution is a multiple of `α`,
/// by an active set instead of the paper's Frank-Wolfe steps, so it is exact.
/// Departure: a task with a gradient of zero is left out and weighs 0, where the paper's rule stops.
///
/// - Complexity: O(taskCount⁴) time at most, O(taskCount²) memory.
///
/// Désidéri: *Multiple-Gradient Descent Algorithm (MGDA) for Multiobjective Optimization*, Comptes
/// Rendus Mathematique 350, 2012, and Sener, Koltun: *Multi-Task Learning as Multi-Objective
/// Optimization*, NeurIPS 2018, equation 3 and Algorithm 2. <https://arxiv.org/abs/1810.04650>
public struct MGDA: GradientCombiner {
  /// What gradients are divided by before their weights are found.
  public enum Normalisation: String, Codable, Sendable, CaseIterable {
    case none, l2, loss
    case lossPlus = "loss_plus"
  }

  public let normalisation: Normalisation
  public private(set) var unsolvedSteps = 0

  /// Creates the rule; without normalisation as in the papers.
  public init(normalisation: Normalisation = .none) { self.normalisation = normalisation }

  public mutating func weights(for step: GradientStep) throws(CombinerError) -> [Double] {
    let gramian = step.gramian.scaled(try factors(for: step))
    var isSolved = true
    let weights = gramian.weighing { unit in
      let answer = MGDA.shortest(unit)
      isSolved = answer.isSolved
      return answer.values
    }
    if !isSolved { unsolvedSteps += 1 }
    return weights
  }

  /// What the gradients are multiplied by before their weights are found.
  private func factors(for step: GradientStep) throws(CombinerError) -> [Double] {
    var factors: [Double] = []
    for (row, loss) in step.losses.enumerated() {
      let norm = step.gramian.norm(row)
      let usesLoss = normalisation == .loss || normalisation == .lossPlus
      guard !usesLoss || loss > 0 else {
        throw .lossNotPositive(task: step.tasks[row], loss: loss, combiner: "mgda")
      }
      let usesNorm = normalisation == .l2 || normalisation == .lossPlus
      factors.append((usesLoss ? 1 / loss : 1) * (usesNorm && norm > 0 ? 1 / norm : 1))
    }
    return factors
  }

  /// The weights, summing to 1, of the shortest weighted mean of gradients.
  static func shortest(_ gramian: UnitGramian) -> NonnegativeQuadratic.Answer {
    // Whether some combination is zero, unit gradients tell without regard to their sizes.
    let ones = gramian.norms.map { _ in 1.0 }
    var answer = NonnegativeQuadratic.minimum(gramian.cosines.map { $0 + 1 }, linear: ones)
    let sum = answer.values.reduce(0, +)
    let square = answer.values.dot(gramian.products(with: answer.values)) / sum / sum
    let least = gramian.norms.min() ?? 1
    let shares = gramian.norms.map { least / $0 }
    if square > 1e-13 {
      // None is, and the problem `min ½ xᵀ C x − sᵀ x` has a bound.
      answer = NonnegativeQuadratic.minimum(gramian.cosines, linear: shares)
    }
    let weights = zip(answer.values, shares).map { $0 * $1 }
    let total = weights.reduce(0, +)
    answer.values = weights.map { $0 / total }
    return answer
  }
}

extension MGDA: NamedCombiner {
  static let profile = CombinerProfile(
    title: "MGDA", family: .gradients,
    summary: "takes the shortest weighted mean of the gradients, which opposes no task",
    paper: "Désidéri, 2012; Sener, Koltun, NeurIPS 2018", link: "https://arxiv.org/abs/1810.04650",
    settings: [MGDA.normalisationProfile])

  static let normalisationProfile = SettingProfile.choice(
    .normalisation, Normalisation.self, usual: .none,
    "What gradients are divided by to find weights: nothing, norms (l2), losses, or both.")

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(MGDA(normalisation: request.choice(.normalisation)))
  }
}

/// ``MGDA`` on the gradients of the shared representation instead of the parameters.
///
/// Those bound the gradients of the parameters below it from above, and cost one backward pass through the
/// shared layers instead of one a task. It needs a representation that every task reads.
///
/// Sener, Koltun: *Multi-Task Learning as Multi-Objective Optimization*, NeurIPS 2018, section 3.3.
/// <https://arxiv.org/abs/1810.04650>
enum MGDAUpperBound: NamedCombiner {
  static let profile = CombinerProfile(
    title: "MGDA-UB", family: .gradients,
    summary: "MGDA over the shared representation's gradients, with one backward pass below it",
    paper: "Sener, Koltun, NeurIPS 2018", link: "https://arxiv.org/abs/1810.04650", passes: "1",
    settings: [MGDA.normalisationProfile], onlyScope: .representation)

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try MGDA.make(request)
  }
}
