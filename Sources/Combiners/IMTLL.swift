import Glibc

/// Learns a scale for each loss that brings all losses to the same size.
///
/// The loss is `Σ_i e^(s_i) L_i − s_i`, and `s` is learned along with the network, by Adam with a rate
/// of its own and no weight decay; at its optimum every `e^(s_i) L_i` is 1. `s` is kept at or below
/// `highest`, because the weight of a task with a tiny loss has no bound otherwise; a task without
/// labelled rows in a step keeps its `s`.
///
/// Departures: the bound, and the rate, for which the paper takes the network's.
///
/// Liu, Li, Kuang, Xue, Chen, Yang, Liao, Zhang: *Towards Impartial Multi-task Learning*, ICLR 2021,
/// section 3.2, with s = 0 at first as there. <https://openreview.net/forum?id=IMPnRXEWpvr>
public struct IMTLL: LossWeighting {
  /// The bound of `s`.
  public let highest: Double
  /// `s`, `[taskCount]`.
  public private(set) var logScales: [Double]
  private var adam: TaskAdam

  /// Creates the rule with all `s = 0`; the rate is Adam's own default.
  public init(
    taskCount: Int, learningRate: Double = 1e-3, highest: Double = 10
  ) throws(CombinerError) {
    try CombinerError.check(learningRate, named: .learningRate, "a number > 0") { $0 > 0 }
    try CombinerError.check(highest, named: .highest, "a number > 0") { $0 > 0 }
    self.highest = highest
    logScales = Array(repeating: 0, count: taskCount)
    adam = TaskAdam(taskCount: taskCount, learningRate: learningRate)
  }

  public func weights(for losses: [Double?]) -> [Double] { logScales.map { exp($0) } }

  public mutating func observe(_ step: WeighedStep) {
    precondition(step.losses.count == logScales.count)
    for (task, loss) in step.losses.known {
      let slope = exp(logScales[task]) * loss - 1
      logScales[task] = min(logScales[task] + adam.change(of: task, slope: slope), highest)
    }
  }
}

extension IMTLL: NamedCombiner {
  static let profile = CombinerProfile(
    title: "IMTL-L", family: .losses, summary: "learns scales that bring all losses to one size",
    paper: "Liu et al., ICLR 2021", link: "https://openreview.net/forum?id=IMPnRXEWpvr",
    settings: [
      .number(.learningRate, usual: 0.001, above: 0, "Learning rate of the tasks' log-scales s."),
      .number(
        .highest, usual: 10, above: 0, "Greatest log-scale s; it bounds a task's weight by e^s."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(
      try IMTLL(
        taskCount: request.taskCount, learningRate: request.number(.learningRate),
        highest: request.number(.highest)))
  }
}
