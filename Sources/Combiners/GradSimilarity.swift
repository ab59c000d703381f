/// Lets an auxiliary task take part as far as its gradient points where the main task's does.
///
/// With `c_a = cos(g_main, g_a)` the step is `g_main + Σ_a w_a g_a`. In the weighted form
/// `w_a = max(0, c_a)`; in the unweighted form `w_a` is 1 where `c_a ≥ 0` and 0 elsewhere. The cosine
/// of one batch is noisy: with `beta` above 0 the inner product and both squared norms are moving
/// averages over the steps in which both tasks were present, of which the cosine is taken.
///
/// Where there is no cosine, because the main task is absent or one of the gradients is zero, and no
/// average from earlier steps either, an auxiliary task is left out; `withoutMain` can have it count in
/// full in the steps without a main gradient instead, so that a rare main task does not starve the rest.
///
/// - Complexity: O(taskCount) time and memory.
///
/// Du, Czarnecki, Jayakumar, Farajtabar, Pascanu, Lakshminarayanan: *Adapting Auxiliary Losses Using
/// Gradient Similarity*, 2018, section 3. <https://arxiv.org/abs/1812.02224>
///
/// Departures: the averages, off by default, and what happens without a main gradient, of which the
/// paper says nothing.
public struct GradSimilarity: GradientCombiner {
  /// How an auxiliary gradient's weight follows from its cosine.
  public enum Form: String, Codable, Sendable, CaseIterable {
    /// The cosine itself, where it is above 0.
    case weighted
    /// All or nothing.
    case unweighted
  }

  /// What auxiliary tasks do in a step without a main gradient.
  public enum WithoutMain: String, Codable, Sendable, CaseIterable {
    /// They are left out.
    case skip
    /// They count in full.
    case use
  }

  /// Moving averages of one auxiliary task's products with the main one; a factor that all share,
  /// that of the start from zero, cancels in the cosine.
  private struct Average: Codable, Sendable {
    var product = 0.0
    var mainSquare = 0.0
    var square = 0.0

    var cosine: Double? {
      let norms = mainSquare.squareRoot() * square.squareRoot()
      return norms > 0 ? max(-1, min(1, product / norms)) : nil
    }
  }

  /// The task that the others serve.
  public let main: Int
  public let form: Form
  public let withoutMain: WithoutMain
  /// How much of the averages a step keeps; 0 takes each step by itself.
  public let beta: Double
  /// `[task]`.
  private var averages: [Average]

  /// Creates the rule for main task number `main`; `beta` lies in `0..<1`.
  public init(
    taskCount: Int, main: Int, form: Form = .weighted, withoutMain: WithoutMain = .skip,
    beta: Double = 0
  ) throws(CombinerError) {
    try CombinerError.check(main, named: .main, in: taskCount)
    try CombinerError.check(beta, named: .beta, "a number in 0..<1") { $0 >= 0 && $0 < 1 }
    self.main = main
    self.form = form
    self.withoutMain = withoutMain
    self.beta = beta
    averages = Array(repeating: Average(), count: taskCount)
  }

  public mutating func weights(for step: GradientStep) -> [Double] {
    let mainRow = step.tasks.firstIndex(of: main)
    if let mainRow { learn(from: step, mainRow: mainRow) }
    let hasMain = mainRow.map { step.gramian[$0, $0] > 0 } ?? false
    return step.tasks.map { task in
      guard task != main else { return 1 }
      // Without memory, the averages are those of this step alone.
      let cosine = beta > 0 || hasMain ? averages[task].cosine : nil
      guard let cosine else { return !hasMain && withoutMain == .use ? 1 : 0 }
      return form == .weighted ? max(0, cosine) : cosine >= 0 ? 1 : 0
    }
  }

  private mutating func learn(from step: GradientStep, mainRow: Int) {
    for (row, task) in step.tasks.enumerated() where task != main {
      var average = averages[task]
      average.product = beta * average.product + (1 - beta) * step.gramian[mainRow, row]
      average.mainSquare = beta * average.mainSquare + (1 - beta) * step.gramian[mainRow, mainRow]
      average.square = beta * average.square + (1 - beta) * step.gramian[row, row]
      averages[task] = average
    }
  }
}

extension GradSimilarity: NamedCombiner {
  static let profile = CombinerProfile(
    title: "GradSimilarity", family: .gradients,
    summary: "lets an auxiliary gradient count by its cosine with the main task's",
    paper: "Du et al., 2018", link: "https://arxiv.org/abs/1812.02224",
    settings: [
      .main("The task that the others serve."),
      .choice(
        .form, Form.self, usual: .weighted,
        "weighted takes the cosine above 0 as weight, unweighted 1 from a cosine of 0 on."),
      .choice(
        .withoutMain, WithoutMain.self, usual: .skip,
        "In steps without a main gradient: skip leaves the others out, use counts them in full."),
      .number(
        .beta, usual: 0, from: 0, below: 1,
        "Memory of the moving averages behind the cosine; 0 takes each step by itself."),
    ])

  static func make(_ request: CombinerRequest) throws(CombinerError) -> Combining {
    try request.using(
      GradSimilarity(
        taskCount: request.taskCount, main: request.task(.main), form: request.choice(.form),
        withoutMain: request.choice(.withoutMain), beta: request.number(.beta)))
  }
}
