/// Finds the step on which all tasks' gradients have projections of the same length.
///
/// With unit gradients `u_i = g_i / ‖g_i‖` the weights `α`, `Σ α = 1`, make all `⟨u_i, Jᵀ α⟩` equal. In
/// terms of the Gramian, `α` is a multiple of `G⁻¹ n` with the norms `n`. Weights may be negative.
///
/// Departures: where gradients depend on each other, the smallest weights of unit gradients that give
/// equal projections are taken. Where none do, or where the weights cancel to a millionth or less of
/// their size, so that the division by their sum would blow up, all unit gradients weigh the same, as
/// they always do for two tasks. A task with a gradient of zero is left out and weighs 0.
///
/// - Complexity: O(taskCount³) time, O(taskCount²) memory.
///
/// Liu, Li, Kuang, Xue, Chen, Yang, Liao, Zhang: *Towards Impartial Multi-task Learning*, ICLR 2021,
/// equation 6. <https://openreview.net/forum?id=IMPnRXEWpvr>
public struct IMTLG: GradientCombiner {
  private static let leastSum = 1e-6

  /// Creates the rule; it has no settings.
  public init() {}

  public mutating func weights(for step: GradientStep) -> [Double] {
    step.gramian.weighing { unit in
      let equal = unit.norms.map { 1 / $0 }
      let ones = equal.map { _ in 1.0 }
      let eigen = SymmetricEigen(unit.cosines, count: unit.count)
      let impartial = eigen.applying({ 1 / $0 }, to: ones)
      let error = unit.products(with: impartial).reduce(0) { max($0, abs($1 - 1)) }
      let weights = zip(impartial, unit.norms).map { $0 / $1 }
      let size = weights.reduce(0) { $0 + abs($1) }
      let isUsable = error <= 1e-6 && abs(weights.reduce(0, +)) > IMTLG.leastSum * size
      let found = isUsable ? weights : equal
      let sum = found.reduce(0, +)
      return found.map { $0 / sum }
    }
  }
}

extension IMTLG: NamedCombiner {
  static let profile = CombinerProfile(
    title: "IMTL-G", family: .gradients,
    summary: "takes the step on which all gradients have equal projections",
    paper: "Liu et al., ICLR 2021", link: "https://openreview.net/forum?id=IMPnRXEWpvr")

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(IMTLG())
  }
}
