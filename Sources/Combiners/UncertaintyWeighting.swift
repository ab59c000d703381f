import Glibc

/// Weighs each task's loss by its learned uncertainty.
///
/// With `s_i = log σ_i²` the loss is `Σ_i e^(−s_i) L_i + ½ s_i` in the classification form and
/// `Σ_i ½ e^(−s_i) L_i + ½ s_i` in the regression form, and `s` is learned along with the network, by
/// Adam with a rate of its own and no weight decay. Both forms settle at the weight `1 / (2 L_i)`.
/// `s` is kept at or above `lowest`, because the weight of a task with a tiny loss has no bound
/// otherwise; a task without labelled rows in a step keeps its `s`.
///
/// Kendall, Gal, Cipolla: *Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry
/// and Semantics*, CVPR 2018, equations 7 and 10. <https://arxiv.org/abs/1705.07115>
public struct UncertaintyWeighting: LossWeighting {
  /// Which likelihood the loss stands for.
  public enum Form: String, Codable, Sendable, CaseIterable { case classification, regression }

  public let form: Form
  public let learningRate: Double
  public let lowest: Double
  /// `s`, `[taskCount]`.
  public private(set) var logVariances: [Double]
  private var first: [Double]
  private var second: [Double]
  private var steps: [Int]

  /// Creates the rule with all `s = 0`, the paper code's start; the rate is Adam's own default.
  public init(
    taskCount: Int, form: Form = .classification, learningRate: Double = 1e-3,
    lowest: Double = -10
  ) throws(CombinerError) {
    guard learningRate > 0, learningRate.isFinite else {
      throw .badSetting(name: "learning_rate", value: "\(learningRate)", expected: "a number > 0")
    }
    guard lowest < 0, lowest.isFinite else {
      throw .badSetting(name: "lowest", value: "\(lowest)", expected: "a number < 0")
    }
    self.form = form
    self.learningRate = learningRate
    self.lowest = lowest
    logVariances = Array(repeating: 0, count: taskCount)
    first = logVariances
    second = logVariances
    steps = Array(repeating: 0, count: taskCount)
  }

  public func weights(for losses: [Double?]) -> [Double] {
    logVariances.map { factor * exp(-$0) }
  }

  public mutating func observe(_ step: WeighedStep) {
    precondition(step.losses.count == logVariances.count)
    for (task, loss) in step.losses.enumerated() {
      guard let loss else { continue }
      let slope = 0.5 - factor * exp(-logVariances[task]) * loss
      steps[task] += 1
      first[task] = 0.9 * first[task] + 0.1 * slope
      second[task] = 0.999 * second[task] + 0.001 * slope * slope
      let mean = first[task] / (1 - pow(0.9, Double(steps[task])))
      let square = second[task] / (1 - pow(0.999, Double(steps[task])))
      logVariances[task] -= learningRate * mean / (square.squareRoot() + 1e-8)
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
        "The likelihood that the losses stand for: e^-s L or half of it, plus s/2."),
      .number(
        .learningRate, usual: 0.001, above: 0, through: 10,
        "Learning rate of the tasks' log-variances s."),
      .number(
        .lowest, usual: -10, below: 0, "Least log-variance s; it bounds a task's weight by e^-s."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(
      try UncertaintyWeighting(
        taskCount: request.taskCount, form: request.choice(.form),
        learningRate: request.number(.learningRate), lowest: request.number(.lowest)))
  }
}
