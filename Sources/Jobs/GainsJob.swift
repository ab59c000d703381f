internal import Interactions
internal import Logging
internal import PostgresLogs
internal import RankingMetrics
public import RunConfiguration
internal import Training

/// Measures what each main task gains or loses from each auxiliary task.
///
/// For every main task it trains, from several seeds, that task alone, with each auxiliary task, with
/// all of them, and with all but each one, on the same rows and schedule, and holds the models against
/// each other on the test rows. Sets of tasks that several main tasks ask for are trained once.
public struct GainsJob {
  /// Data, network and schedule of all runs.
  public var configuration: RunConfiguration
  /// The tasks whose gain is asked for; empty asks for all.
  public var mains: [String] = []
  /// The tasks that may help or hurt them; empty takes all.
  public var auxiliaries: [String] = []
  /// Trainings of each set of tasks; the first has the configuration's seed, the next one more.
  public var seeds = 5
  /// A gain in AUC that one would want to be told of, above 0: the report says how many positives the
  /// test window would need for it.
  public var detectable = 0.01
  /// How often an interval is to hold the true gain, in `0...1`, ends excluded.
  public var level = 0.95
  /// Reads the database and trains again, whatever is kept from before.
  public var fresh = false
  /// Runs at the same time, each with a model of its own in memory; nil is one for each core.
  public var atOnce: Int?
  /// Where encoded logs are kept.
  public var columnDirectory = ".paretorank/columns"
  /// Where the runs' results are kept.
  public var trialDirectory = ".paretorank/trials"

  /// Gains with the data, network and schedule of `configuration`.
  public init(configuration: RunConfiguration) { self.configuration = configuration }

  /// Trains what was not trained before and reports.
  ///
  /// - Throws: ``JobError/unknown(_:)`` for a task that is none, ``JobError/missingConfiguration(_:)``
  ///   where there is nothing to compare or no test part, and the errors of the parts.
  public func run(_ context: JobContext) throws -> Report {
    precondition(seeds > 0 && detectable > 0 && level > 0 && level < 1)
    let mains = try configuration.taskNames(among: mains, as: "a main task")
    let auxiliaries = try configuration.taskNames(among: auxiliaries, as: "an auxiliary task")
    guard mains.contains(where: { main in auxiliaries.contains { $0 != main } }) else {
      throw JobError.missingConfiguration(
        "gains compare a task with and without others, so they need a main and another task")
    }
    let notes = try RunNotes(.gains, configuration, context: context)
    return try notes.following {
      let start = ContinuousClock.now
      let data = try TrainingData(
        configuration, context: context, columnDirectory: columnDirectory, fresh: fresh)
      guard data.rowCount(of: .test) > 0 else {
        throw JobError.missingConfiguration(
          "gains are measured on the test part, which the split has no rows for: set split.test")
      }
      let pool = try TrialPool(
        data, context: context, directory: trialDirectory, atOnce: atOnce, fresh: fresh)
      var report = try report(mains, auxiliaries, pool, context)
      report.seconds = start.duration(to: .now) / .seconds(1)
      return (report, data.rowCount(of: .test))
    }
  }

  // MARK: Runs

  private func report(
    _ mains: [String], _ auxiliaries: [String], _ pool: TrialPool, _ context: JobContext
  ) throws -> Report {
    let all = configuration.tasks.map(\.name)
    var sets: [[String]] = []
    func want(_ names: Set<String>) {
      let set = all.filter(names.contains)
      if !sets.contains(set) { sets.append(set) }
    }
    for main in mains {
      let others = Set(auxiliaries).subtracting([main])
      want([main])
      want(others.union([main]))
      for other in others.sorted() {
        want([main, other])
        want(others.subtracting([other]).union([main]))
      }
    }
    if seeds == 1 {
      context.logger.warning(
        "with one seed nobody can tell a gain from chance: no interval and no verdict is given")
    }
    context.logger.info(
      "\(sets.count) sets of tasks, \(seeds) seeds each: \(sets.count * seeds) runs")
    let outcomes = try pool.run(sets.flatMap(runs), keepingScores: true)
    if let failed = outcomes.first(where: { $0.trial == nil }), let failure = failed.failure {
      let tasks = failed.configuration.tasks.map(\.name).joined(separator: ", ")
      context.logger.error(
        "training \(tasks) from seed \(failed.configuration.training.seed) failed")
      throw failure
    }
    var bySet: [[String]: [TrialPool.Outcome]] = [:]
    for (index, set) in sets.enumerated() {
      bySet[set] = Array(outcomes[index * seeds..<(index + 1) * seeds])
    }
    let comparison = GainsComparison(
      pool: pool, runs: bySet, taskNames: all, level: level, detectable: detectable)
    return Report(
      gains: try mains.flatMap { main in
        try auxiliaries.filter { $0 != main }.map {
          try comparison.gain(of: main, from: $0, among: auxiliaries)
        }
      },
      mains: try mains.map { try comparison.summary(of: $0, with: auxiliaries) },
      data: pool.data.summary, seeds: (0..<seeds).map(seed), level: level, detectable: detectable,
      runs: sets.count * seeds, seconds: 0)
  }

  private func runs(of tasks: [String]) -> [RunConfiguration] {
    (0..<seeds).map { index in
      var run = configuration.restricted(to: tasks)
      run.training.seed = seed(index)
      return run
    }
  }

  private func seed(_ index: Int) -> UInt64 { configuration.training.seed &+ UInt64(index) }
}
