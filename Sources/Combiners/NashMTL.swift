/// Gives every task the same relative gain: the bargain that Nash's axioms single out.
///
/// The weights solve `G a = 1 / a`, element by element, over `a > 0`: each task's gain `⟨g_i, d⟩` is
/// the inverse of its weight. The step does not depend on the gradients' lengths, and its own length is
/// `√K` whatever theirs are; learning rates for other methods don't fit it.
///
/// Departures: the equation is solved by Newton's method on the convex `½ aᵀ G a − Σ log a_i`, exactly,
/// instead of by a sequence of linearised problems; a task with a gradient of zero, for which there is
/// no solution, or one shorter than 10⁻¹⁵ is left out and weighs 0; where gradients are opposed so that there is no solution
/// either, weights are held at about 10⁶ over the gradient's norm.
///
/// - Complexity: O(taskCount³) time for each of about ten Newton steps, O(taskCount²) memory.
///
/// Navon, Shamsian, Achituve, Maron, Kawaguchi, Chechik, Fetaya: *Multi-Task Learning as a Bargaining
/// Game*, ICML 2022, claim 3.1 and Algorithm 1. <https://arxiv.org/abs/2202.01017>
public struct NashMTL: GradientCombiner {
  public private(set) var unsolvedSteps = 0

  /// Creates the rule; it has no settings.
  public init() {}

  public mutating func weights(for step: GradientStep) -> [Double] {
    var isSolved = true
    let weights = step.gramian.weighing(above: FairnessEquation.shortest) { unit in
      let answer = FairnessEquation(unit, exponent: 1).solution()
      isSolved = answer.isSolved
      return answer.values
    }
    if !isSolved { unsolvedSteps += 1 }
    return weights
  }
}

extension NashMTL: NamedCombiner {
  static let profile = CombinerProfile(
    title: "Nash-MTL", family: .gradients,
    summary: "bargains for the same relative gain of every task; the step has length √K",
    paper: "Navon et al., ICML 2022", link: "https://arxiv.org/abs/2202.01017")

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(NashMTL())
  }
}
