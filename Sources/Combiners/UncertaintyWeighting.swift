import Glibc

/// Weighs each task's loss by its learned uncertainty.
///
/// With `s_i = log σ_i²` the loss is `Σ_i e^(−s_i) L_i + ½ s_i` in the classification form and
/// `Σ_i ½ e^(−s_i) L_i + ½ s_i` in the regression form, and `s` is learned along with the network, by
/// Adam with a rate of its own and no weight decay. Both forms settle at the weight `1 / (2 L_i)`.
/// `s` is kept at or above `lowest`, because the weight of a task with a tiny loss has no bound
/// otherwise; a task without labelled rows in a step keeps its `s`.
///
/// The form of residuals, no variant of the paper, fits the variances instead of learning them from
/// cross-entropies, which are none: `σ_i²` is the moving average of the mean squared residual of a
/// task's scores against its labels, with the memory `β`, corrected for its start from zero, and the
/// weight is the regression form's `1 / (2 σ_i²)`.
///
/// Kendall, Gal, Cipolla: *Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry
/// and Semantics*, CVPR 2018, equations 7 and 10. <https://arxiv.org/abs/1705.07115>
public struct UncertaintyWeighting: LossWeighting {
  /// Which likelihood the loss stands for.
  public enum Form: String, Codable, Sendable, CaseIterable {
    case classification, regression
    /// The regression form, with variances fitted to the scores' residuals.
    case residuals
  }

  public let form: Form
  public let lowest: Double
  /// How much of its average residual a step keeps, `β`.
  public let beta: Double
  /// `s`, `[taskCount]`.
  public private(set) var logVariances: [Double]
  private var adam: TaskAdam
  /// The averages of the squared residuals, `[taskCount]`.
  private var squares: [MovingAverage]

  /// Creates the rule with all `s = 0`, the paper code's start; the rate is Adam's own default.
  public init(
    taskCount: Int, form: Form = .classification, learningRate: Double = 1e-3,
    lowest: Double = -10, beta: Double = 0.99
  ) throws(CombinerError) {
    try CombinerError.check(learningRate, named: .learningRate, "a number > 0") { $0 > 0 }
    try CombinerError.check(lowest, named: .lowest, "a number < 0") { $0 < 0 }
    try CombinerError.check(beta, named: .beta, "a number in 0..<1") { $0 >= 0 && $0 < 1 }
    self.form = form
    self.lowest = lowest
    self.beta = beta
    logVariances = Array(repeating: 0, count: taskCount)
    adam = TaskAdam(taskCount: taskCount, learningRate: learningRate)
    squares = Array(repeating: MovingAverage(), count: taskCount)
  }

  public var learningRate: Double { adam.learningRate }

  public var needs: LossWeightingNeeds { form == .residuals ? .residuals : [] }

  public func weights(for losses: [Double?]) -> [Double] {
    logVariances.map { factor * exp(-$0) }
  }

  public mutating func observe(_ step: WeighedStep) {
    precondition(step.losses.count == logVariances.count)
    for (task, loss) in step.losses.known {
      if form == .residuals {
        guard let square = step.squaredResiduals[task] else { continue }
        squares[task].add(square, beta: beta)
        logVariances[task] = log(squares[task].value(beta: beta))
      } else {
        let slope = 0.5 - factor * exp(-logVariances[task]) * loss
        logVariances[task] += adam.change(of: task, slope: slope)
      }
      logVariances[task] = max(logVariances[task], lowest)
    }
  }

  private var factor: Double { form == .classification ? 1 : 0.5 }
}

extension UncertaintyWeighting: NamedCombiner {
  static let profile = CombinerProfile(
    title: "Uncertainty weighting", family: .losses,
    summary: "learns each task's uncertainty and weighs its loss by it",
    paper: "Kendall, Gal, Cipolla, CVPR 2018", link: "https://arxiv.org/abs/1705.07115",
    settings: [
      .choice(
        .form, Form.self, usual: .classification,
        "The likelihood of the losses, e^-s L + s/2 or half the first; or s from scores' residuals."
      ),
      .number(
        .learningRate, usual: 0.001, above: 0, through: 10,
        "Learning rate of the tasks' log-variances s."),
      .number(
        .lowest, usual: -10, below: 0, "Least log-variance s; it bounds a task's weight by e^-s."),
      .number(
        .beta, usual: 0.99, from: 0, below: 1,
        "Memory of the residuals' moving average, in the form residuals."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(
      try UncertaintyWeighting(
        taskCount: request.taskCount, form: request.choice(.form),
        learningRate: request.number(.learningRate), lowest: request.number(.lowest),
        beta: request.number(.beta)))
  }
}
