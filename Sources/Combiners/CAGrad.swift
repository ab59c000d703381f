/// Stays near the mean gradient while it serves the task that gains least.
///
/// With the mean gradient `g_0` the step maximises `min_i ⟨g_i, d⟩` over `‖d − g_0‖ ≤ c ‖g_0‖`: `c = 0`
/// gives the mean, large `c` goes towards ``MGDA``. It is `d = g_0 + (c ‖g_0‖ / ‖g_w‖) g_w`, where `w`
/// on the simplex minimises `⟨g_w, g_0⟩ + c ‖g_0‖ ‖g_w‖`. The weights here are those of `d`, `1/K`
/// beside those of the second term; ``Rescale`` divides them.
///
/// Where some `g_w = 0` is best, the formula has no value, and more than one `d` is optimal: the one
/// nearest to `g_0` is taken. Where `g_0` is zero, so is the step. A task with a gradient of zero is
/// left out and weighs 0.
///
/// - Complexity: O(taskCount⁴) time at most a dozen times over, O(taskCount²) memory.
///
/// Liu, Liu, Jin, Stone, Liu: *Conflict-Averse Gradient Descent for Multi-task Learning*, NeurIPS 2021,
/// Algorithm 1, equation 3. <https://arxiv.org/abs/2110.14048> `c = 0.4` is what the paper uses for
/// NYU-v2; its code divides by `1 + c²` there, the paper does not.
public struct CAGrad: GradientCombiner {
  /// What the step is divided by, to bring it back to about the mean's length.
  public enum Rescale: String, Codable, Sendable, CaseIterable {
    case none
    /// `1 + c`, so that a single task's gradient stays as it is.
    case linear
    /// `1 + c²`, as the paper's code does.
    case square
  }

  /// How far the step may go from the mean gradient, in units of its length.
  public let c: Double
  public let rescale: Rescale
  public private(set) var unsolvedSteps = 0

  /// Creates the rule with `c ≥ 0`.
  public init(c: Double = 0.4, rescale: Rescale = .none) throws(CombinerError) {
    try CombinerError.check(c, named: .c, "a number ≥ 0") { $0 >= 0 }
    self.c = c
    self.rescale = rescale
  }

  public mutating func weights(for step: GradientStep) -> [Double] {
    let divisor =
      switch rescale {
      case .none: 1.0
      case .linear: 1 + c
      case .square: 1 + c * c
      }
    var isSolved = true
    let weights = step.gramian.weighing { unit in
      let answer = FairestStep(unit, reach: c).weights()
      isSolved = answer.isSolved
      return answer.values.map { $0 / divisor }
    }
    if !isSolved { unsolvedSteps += 1 }
    return weights
  }
}

extension CAGrad: NamedCombiner {
  static let profile = CombinerProfile(
    title: "CAGrad", family: .gradients,
    summary: "serves the task that gains least, near the mean gradient",
    paper: "Liu et al., NeurIPS 2021", link: "https://arxiv.org/abs/2110.14048",
    settings: [
      .number(
        .c, usual: 0.4, from: 0, through: 100,
        "How far the step may go from the mean gradient, in units of its length."),
      .choice(
        .rescale, Rescale.self, usual: .none,
        "What the step is divided by: nothing, 1 + c (linear) or 1 + c^2 (square)."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(CAGrad(c: request.number(.c), rescale: request.choice(.rescale)))
  }
}
