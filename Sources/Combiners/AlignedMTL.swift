/// Replaces the task gradients by the nearest ones that are orthogonal and of equal length.
///
/// With `G = V Λ Vᵀ` the weights are `√σ V Λ^(−½) Vᵀ w`: the singular values of the gradients' matrix
/// all become `√σ`, where `σ` is the least eigenvalue (`min`) or their mean (`mean`), and `w` weighs the
/// tasks. Eigenvalues up to 10⁻¹² of the largest count as zero and are left out, so that dependent
/// gradients do not stop the step; just above that, `min` makes it very short. Weights may be negative.
///
/// - Complexity: O(taskCount³) time, O(taskCount²) memory.
///
/// Senushkin, Patakin, Kuznetsov, Konushin: *Independent Component Alignment for Multi-Task Learning*,
/// CVPR 2023, equation 13 and Algorithm 1. <https://arxiv.org/abs/2305.19000> The paper uses the least
/// eigenvalue; `w = 1` as in its code.
public struct AlignedMTL: GradientCombiner {
  /// What the eigenvalues become.
  public enum Form: String, Codable, Sendable, CaseIterable {
    /// The least of them.
    case min
    /// Their mean.
    case mean
  }

  public let form: Form
  /// `w`, `[taskCount]`.
  public let taskWeights: [Double]

  /// Creates the rule from weights of any size, none negative.
  public init(taskWeights: [Double], form: Form = .min) throws(CombinerError) {
    for weight in taskWeights {
      try CombinerError.check(weight, named: .weights, "a number ≥ 0") { $0 >= 0 }
    }
    self.form = form
    self.taskWeights = taskWeights
  }

  public mutating func weights(for step: GradientStep) -> [Double] {
    let gramian = step.gramian
    let size = (0..<gramian.taskCount).reduce(0) { max($0, gramian[$1, $1]) }
    let wanted = step.tasks.map { taskWeights[$0] }
    guard size > 0 else { return wanted.map { _ in 0 } }
    let eigen = SymmetricEigen(gramian.values.map { $0 / size }, count: gramian.taskCount)
    let values = eigen.positiveValues
    let goal =
      switch form {
      case .min: values.min() ?? 0
      case .mean: values.reduce(0, +) / Double(values.count)
      }
    return eigen.applying({ (goal / $0).squareRoot() }, to: wanted)
  }
}

extension AlignedMTL: NamedCombiner {
  static let profile = CombinerProfile(
    title: "Aligned-MTL", family: .gradients,
    summary: "makes the gradients orthogonal and equally long before it sums them",
    paper: "Senushkin et al., CVPR 2023", link: "https://arxiv.org/abs/2305.19000",
    settings: [
      .choice(
        .form, Form.self, usual: .min,
        "The squared length that the gradients get: the least eigenvalue (min) or their mean."),
      .byTask(.weights, usual: 1, from: 0, "Weights of the tasks; a task left out has 1."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      AlignedMTL(taskWeights: request.byTask(.weights), form: request.choice(.form)))
  }
}
