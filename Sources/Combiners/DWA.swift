/// Gives more weight to losses that fall more slowly.
///
/// `w_i = K softmax_i(r_i / T)` with `r_i = L_i(t − 1) / L_i(t − 2)`, the means of a task's loss over its
/// last two windows; 1 while a task does not have two, so that all weights are 1 in the first two.
///
/// Departures: a window is a number of steps, not an epoch, so that a run of one epoch is weighed too;
/// a task's windows hold the steps in which it was present; `K` counts the present tasks.
///
/// Liu, Johns, Davison: *End-to-End Multi-Task Learning with Attention*, CVPR 2019, equation 7, with
/// T = 2 as there; windows of 25 steps are those of the code of Navon et al., *Multi-Task Learning as a
/// Bargaining Game*, ICML 2022. <https://arxiv.org/abs/1803.10704>
public struct DWA: LossWeighting {
  /// `T`; the higher, the more even the weights.
  public let temperature: Double
  /// Steps of a window.
  public let window: Int
  /// Mean losses of the last whole window and the one before, `[taskCount]`.
  private var last: [Double?]
  private var before: [Double?]
  private var current: TaskMeans

  public init(taskCount: Int, temperature: Double = 2, window: Int = 25) throws(CombinerError) {
    try CombinerError.check(temperature, named: .temperature, "a number > 0") { $0 > 0 }
    try CombinerError.check(Double(window), named: .window, "a whole number ≥ 1") { $0 >= 1 }
    self.temperature = temperature
    self.window = window
    last = Array(repeating: nil, count: taskCount)
    before = last
    current = TaskMeans(taskCount: taskCount)
  }

  public func weights(for losses: [Double?]) -> [Double] {
    let tasks = losses.present
    let shares = softmax(tasks.map { ratio(of: $0) / temperature })
    var weights = [Double](repeating: 0, count: losses.count)
    for (task, share) in zip(tasks, shares) { weights[task] = Double(tasks.count) * share }
    return weights
  }

  public mutating func observe(_ step: WeighedStep) throws(CombinerError) {
    try step.losses.checkPositive(for: .dwa)
    for (task, loss) in step.losses.known {
      current.add(loss, to: task)
      guard current.counts[task] == window else { continue }
      before[task] = last[task]
      last[task] = current[task]
      current.clear(task)
    }
  }

  private func ratio(of task: Int) -> Double {
    guard let last = last[task], let before = before[task] else { return 1 }
    return min(last / before, .greatestFiniteMagnitude)
  }
}

extension DWA: NamedCombiner {
  static let profile = CombinerProfile(
    title: "DWA", family: .losses, summary: "gives more weight to losses that fall more slowly",
    paper: "Liu, Johns, Davison, CVPR 2019", link: "https://arxiv.org/abs/1803.10704",
    needs: "losses above zero",
    settings: [
      .number(.temperature, usual: 2, above: 0, "The higher, the more even the weights."),
      .whole(
        .window, usual: 25, in: 1...1_000_000,
        "Steps over which the losses are averaged that are compared with those before."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    .losses(
      try DWA(
        taskCount: request.taskCount, temperature: request.number(.temperature),
        window: request.whole(.window)))
  }
}
