/// Gives the tasks gains that are fair in a sense between efficiency and equality.
///
/// The weights solve `G a = a^(−1/p)`, element by element, over `a > 0`, so that each task's gain is
/// `a_i^(−1/p)`. `p = 1` is proportional fairness, the rule of ``NashMTL``; towards 0 the sum of the
/// gains counts, and for large `p` the least of them. The step's length is not that of the gradients:
/// for gradients times `s` it is `s^((1 − p) / (1 + p))` times as long.
///
/// Departures: Newton's method on the convex problem behind the equation instead of bounded least
/// squares; tasks with gradients of zero or opposed ones as in ``NashMTL``.
///
/// - Complexity: O(taskCount³) time for each of some ten Newton steps, O(taskCount²) memory.
///
/// Ban, Ji: *Fair Resource Allocation in Multi-Task Learning*, ICML 2024, equation 7 and Algorithm 1,
/// whose α is `p` here; 2 is what most of the paper's tables use. <https://arxiv.org/abs/2402.15638>
public struct FairGrad: GradientCombiner {
  /// Between efficiency, towards 0, and equality, towards infinity.
  public let p: Double
  public private(set) var unsolvedSteps = 0

  /// Creates the rule with `p > 0`.
  public init(p: Double = 2) throws(CombinerError) {
    try CombinerError.check(p, named: .p, "a number > 0") { $0 > 0 }
    self.p = p
  }

  public mutating func weights(for step: GradientStep) -> [Double] {
    var isSolved = true
    let weights = step.gramian.weighing(above: FairnessEquation.shortest) { unit in
      let answer = FairnessEquation(unit, exponent: 1 / p).solution()
      isSolved = answer.isSolved
      return answer.values
    }
    if !isSolved { unsolvedSteps += 1 }
    return weights
  }
}

extension FairGrad: NamedCombiner {
  static let profile = CombinerProfile(
    title: "FairGrad", family: .gradients,
    summary: "gives the tasks gains that are fair to a chosen degree",
    paper: "Ban, Ji, ICML 2024", link: "https://arxiv.org/abs/2402.15638",
    settings: [
      .number(
        .p, usual: 2, from: 0.1, through: 100,
        "Kind of fairness: 1 is Nash-MTL's, towards 0 the sum of gains counts, above 1 the least.")
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(FairGrad(p: request.number(.p)))
  }
}
