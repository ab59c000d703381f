/// Brings the auxiliary tasks' gradients to the size of the main task's.
///
/// Each task's gradient norm is averaged over the steps, `m_i ← β m_i + (1 − β) ‖g_i‖`, and an
/// auxiliary gradient becomes `r g_i m_main / m_i + (1 − r) g_i`. Strategy A does so only where it
/// shrinks the gradient, B only where it enlarges it, C always. The step is the main gradient plus the
/// auxiliary ones. The paper does this for each block of parameters by itself, ``PerBlock``.
///
/// Departures: each average is corrected for its start from zero, by the steps in which its task was
/// present, so that absent tasks do not tilt the ratio; a gradient or average of zero is left as it
/// is; where the main task itself is absent, the others go to the average of its last steps.
///
/// He, Feng, Cheng, Liu, Caverlee: *MetaBalance: Improving Multi-Task Recommendations via Adapting
/// Gradient Magnitudes of Auxiliary Tasks*, WWW 2022, Algorithm 1; defaults r = 0.7, β = 0.9 as there.
/// <https://arxiv.org/abs/2203.06801>
public struct MetaBalance: GradientCombiner {
  /// When an auxiliary gradient is changed.
  public enum Strategy: String, Codable, Sendable, CaseIterable {
    /// Where it is larger than the main one: it only shrinks.
    case a
    /// Where it is smaller: it only grows.
    case b
    /// Always.
    case c
  }

  /// The task that the others serve.
  public let main: Int
  public let strategy: Strategy
  /// How far an auxiliary gradient goes to the main one's size, `r`.
  public let relax: Double
  /// How much of its average norm a step keeps, `β`.
  public let beta: Double
  /// The average gradient norms, `[task]`.
  private var averages: [MovingAverage]

  /// Creates the rule for main task number `main`; `relax` and `beta` lie in `0...1` and `0..<1`.
  public init(
    taskCount: Int, main: Int, strategy: Strategy = .c, relax: Double = 0.7, beta: Double = 0.9
  ) throws(CombinerError) {
    try CombinerError.check(main, named: .main, in: taskCount)
    try CombinerError.check(relax, named: .relax, "a number in 0...1") { $0 >= 0 && $0 <= 1 }
    try CombinerError.check(beta, named: .beta, "a number in 0..<1") { $0 >= 0 && $0 < 1 }
    self.main = main
    self.strategy = strategy
    self.relax = relax
    self.beta = beta
    averages = Array(repeating: MovingAverage(), count: taskCount)
  }

  public mutating func weights(for step: GradientStep) -> [Double] {
    for (row, task) in step.tasks.enumerated() {
      averages[task].add(step.gramian.norm(row), beta: beta)
    }
    return step.tasks.map(weight)
  }

  private func weight(of task: Int) -> Double {
    guard task != main else { return 1 }
    let mainNorm = averages[main].value(beta: beta)
    let norm = averages[task].value(beta: beta)
    guard mainNorm > 0, norm > 0 else { return 1 }
    switch strategy {
    case .a where norm <= mainNorm: return 1
    case .b where norm >= mainNorm: return 1
    default: return relax * mainNorm / norm + (1 - relax)
    }
  }
}

extension MetaBalance: NamedCombiner {
  static let profile = CombinerProfile(
    title: "MetaBalance", family: .gradients,
    summary: "brings auxiliary gradients to the size of the main task's",
    paper: "He et al., WWW 2022", link: "https://arxiv.org/abs/2203.06801",
    settings: [
      .main("The task whose gradient sets the size of the others."),
      .choice(
        .strategy, Strategy.self, usual: .c,
        "a only shrinks the others, b only enlarges them, c does both."),
      .number(
        .relax, usual: 0.7, from: 0, through: 1,
        "0 leaves the gradients as they are, 1 matches their sizes in full."),
      .number(
        .beta, usual: 0.9, from: 0, below: 1, "Memory of the gradients' moving average size."),
    ], usualGranularity: .block)

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      MetaBalance(
        taskCount: request.taskCount, main: request.task(.main),
        strategy: request.choice(.strategy), relax: request.number(.relax),
        beta: request.number(.beta)))
  }
}
