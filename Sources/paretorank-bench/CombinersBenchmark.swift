import Combiners

/// What a step of every combiner costs beside static weights', on the reference network.
struct CombinersBenchmark {
  let isQuick: Bool
  private let batch = 4_096

  func run(_ report: inout Report) throws {
    try measure(taskCount: 3, every: [1, 10], &report)
    try measure(taskCount: 12, every: [1], &report)
  }

  private func measure(taskCount: Int, every: [Int], _ report: inout Report) throws {
    let names =
      ReferenceProblem.usualTaskNames + (3..<max(taskCount, 3)).map { "task\($0 + 1)" }
    let problem = ReferenceProblem(taskNames: Array(names[..<taskCount]))
    let usual = try CombinerKind.staticWeights.make(taskNames: problem.taskNames, seed: 1)
    let plain = Trainer(problem: problem, combining: usual, batch: batch)
    for kind in CombinerKind.allCases where kind != .staticWeights {
      for cadence in every {
        guard let settings = settings(kind, every: cadence, problem) else { continue }
        let trainer = Trainer(
          problem: problem,
          combining: try kind.make(settings: settings, taskNames: problem.taskNames, seed: 1),
          batch: batch)
        let rows = batch * (cadence > 1 ? 10 : taskCount > 3 ? 2 : 8)
        let rounds = try Rounds.inTurns(
          isQuick || taskCount > 3 ? 3 : 5,
          [
            { try Rounds.rate { try plain.train(rows: rows) } },
            { try Rounds.rate { try trainer.train(rows: rows) } },
          ])
        let name =
          "\(kind.rawValue), \(taskCount) tasks" + (cadence > 1 ? ", every \(cadence)" : "")
        report.addRatio(.combiners, "\(name), cost", rounds[0], to: rounds[1])
      }
    }
  }

  /// The settings for finding weights in every so many-th step; nil where a kind has no such.
  ///
  /// Rows are taken under one preference, whose multiples are the cost of more.
  private func settings(
    _ kind: CombinerKind, every: Int, _ problem: ReferenceProblem
  ) -> CombinerSettings? {
    let known = kind.profile.settings
    var settings = CombinerSettings()
    for setting in known where setting.isRequired {
      settings[setting.setting] = .text(
        setting.setting == .of ? CombinerKind.mgda.rawValue : problem.taskNames[0])
    }
    if kind == .conditioned { settings[.draws] = .number(1) }
    guard every > 1 else { return settings }
    guard known.contains(where: { $0.setting == .every }) else { return nil }
    settings[.every] = .number(Double(every))
    if known.contains(where: { $0.setting == .per }) { settings[.per] = .text("network") }
    return settings
  }
}
