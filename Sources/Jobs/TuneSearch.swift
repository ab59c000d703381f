internal import Combiners
import Foundation
internal import Frontiers
internal import Logging
internal import Networks
internal import RankingMetrics
internal import RunConfiguration
internal import Training
internal import Tuning

/// Trains the trials of a search and chooses among them.
struct TuneSearch {
  /// What became of one trial.
  private struct Entry {
    /// `path=value`; none for the configuration as it stands.
    var settings: [String]
    /// By seed; one alone where it is not among the best few.
    var runs: [Run] = []
    var stoppedAfter: Int?
  }

  /// One training.
  private struct Run {
    var trial: Trial?
    var failure: String?
  }

  let job: TuneJob
  let base: RunConfiguration
  /// With what it leaves to be chosen from the data.
  let chosen: RunConfiguration
  let space: SearchSpace
  let pool: TrialPool
  let context: JobContext

  /// By number: the configuration as it stands, then the points in the order of their proposals.
  private var entries: [Entry] = [Entry(settings: [])]
  /// The AUC of networks that share nothing, by task; empty where the objective doesn't need them.
  private var alone: [String: Double] = [:]
  private var aloneSeconds = 0.0

  init(
    job: TuneJob, base: RunConfiguration, chosen: RunConfiguration, space: SearchSpace,
    pool: TrialPool, context: JobContext
  ) {
    self.job = job
    self.base = base
    self.chosen = chosen
    self.space = space
    self.pool = pool
    self.context = context
  }

  private var tasks: [String] { base.tasks.map(\.name) }

  // MARK: Training

  /// Trains single-task networks where the objective needs them, then the trials, then the best few
  /// from every seed.
  mutating func run() throws {
    if job.objective == .worstGain { try trainAlone() }
    entries[0].runs = try train([entries[0].settings], seeds: 0..<1)[0]
    tell(0..<1)
    let search = Search(space, method: job.method, trials: job.trials, seed: job.seed)
    let trials = try search.run(epochs: base.training.epochs) { try measure($0) }
    for (index, trial) in trials.enumerated() {
      entries[index + 1].stoppedAfter = trial.stoppedAfter
    }
    guard job.seeds > 1 else { return }
    let finalists = [0] + ranking.filter { $0 > 0 }.prefix(TuneJob.finalistCount)
    context.logger.info(
      "the configuration as it stands and the best \(finalists.count - 1) train from \(job.seeds) seeds"
    )
    let more = try train(finalists.map { entries[$0].settings }, seeds: 1..<job.seeds)
    for (number, runs) in zip(finalists, more) { entries[number].runs += runs }
  }

  /// The tasks' networks of their own, everything else as configured.
  private mutating func trainAlone() throws {
    var configuration = chosen
    configuration.network.architecture = .singleTask
    // Each is a network of its own, which knows nothing of the others' weights and best passes.
    configuration.training.earlyStopping?.by = .task
    configuration.combiner = RunConfiguration.Combiner()
    for index in configuration.tasks.indices { configuration.tasks[index].weight = 1 }
    let runs = (0..<job.seeds).map { seed in
      var run = configuration
      run.training.seed &+= UInt64(seed)
      return run
    }
    context.logger.info(
      "single-task networks to measure gains from: \(runs.count) run\(runs.count == 1 ? "" : "s")")
    let outcomes = try pool.run(runs)
    if let failure = outcomes.compactMap(\.failure).first {
      context.logger.error("training single-task networks failed")
      throw failure
    }
    let measured = FrontierJob.Measured.byTask(outcomes.compactMap { $0.trial?.validation }, tasks)
    alone = measured.compactMapValues(\.auc)
    aloneSeconds = outcomes.compactMap { $0.trial?.seconds }.reduce(0, +)
  }

  /// Trains a round from the first seed and answers what is to be maximised.
  private mutating func measure(_ round: [Search.Proposal]) throws -> [Double?] {
    for proposal in round where proposal.index + 1 == entries.count {
      entries.append(Entry(settings: space.settings(at: proposal.point)))
    }
    let numbers = round.map { $0.index + 1 }
    let runs = try train(
      numbers.map { entries[$0].settings }, seeds: 0..<1, epochs: round.first?.epochs)
    for (number, runs) in zip(numbers, runs) { entries[number].runs = runs }
    tell(numbers)
    return numbers.map { objective(of: $0).map { job.objective.sign * $0.mean } }
  }

  /// The runs of settings from seeds, in the order of both.
  private func train(
    _ settings: [[String]], seeds: Range<Int>, epochs: Int? = nil
  ) throws -> [[Run]] {
    var runs: [[Run]] = settings.map { _ in [] }
    var wanted: [(entry: Int, configuration: RunConfiguration)] = []
    for (entry, settings) in settings.enumerated() {
      do {
        var configuration = try job.overriding(settings).filled(like: chosen, for: base)
        _ = try configuration.makeCombining()
        if let epochs { configuration.training.epochs = epochs }
        for seed in seeds {
          var run = configuration
          run.training.seed &+= UInt64(seed)
          wanted.append((entry, run))
        }
      } catch let error as ConfigurationError {
        // Values that fit by themselves may not fit together.
        runs[entry] = seeds.map { _ in Run(failure: error.description) }
      } catch let error as CombinerError {
        runs[entry] = seeds.map { _ in Run(failure: error.description) }
      }
    }
    for (want, outcome) in zip(wanted, try pool.run(wanted.map(\.configuration))) {
      runs[want.entry].append(
        Run(trial: outcome.trial, failure: outcome.failure?.description))
    }
    return runs
  }

  // MARK: Choosing

  /// Mean over the seeds and its standard error, in the objective's unit; nil where a run has none.
  private func objective(of number: Int) -> (mean: Double, error: Double?)? {
    let runs = entries[number].runs
    let values = runs.compactMap { run in
      run.trial.flatMap { job.objective.value(of: $0.validation, tasks, alone: alone) }
    }
    guard !values.isEmpty, values.count == runs.count else { return nil }
    return (values.mean, values.standardError)
  }

  /// Trials that trained to the end, the best first: those from most seeds, then by the objective.
  private var ranking: [Int] {
    let values = entries.indices.map { number in
      objective(of: number).map { job.objective.sign * $0.mean }
    }
    let ended = SearchOrder.best(of: values).filter {
      entries[$0].stoppedAfter == nil && values[$0] != nil
    }
    return ended.filter { entries[$0].runs.count > 1 }
      + ended.filter { entries[$0].runs.count == 1 }
  }

  private func tell(_ numbers: some Sequence<Int>) {
    for number in numbers {
      if let failure = entries[number].runs.compactMap(\.failure).first {
        context.logger.warning("trial \(number) failed and counts as the worst: \(failure)")
      } else if objective(of: number) == nil {
        context.logger.warning("trial \(number) counts as the worst: it has no finite metrics")
      }
    }
    guard let best = ranking.first, let objective = objective(of: best) else { return }
    let value = String(format: job.objective == .worstGain ? "%+.4f" : "%.4f", objective.mean)
    context.logger.info(
      "\(entries.count - 1) of \(job.trials) trials; the best so far is \(best), \(job.objective.rawValue) \(value)"
    )
  }

  // MARK: Reporting

  /// What came of it; throws the failure of the runs where all failed.
  func report() throws -> TuneJob.Report {
    guard let best = ranking.first else {
      let reason = entries[0].runs.compactMap(\.failure).first ?? "no run has finite metrics"
      throw JobError.badData("every trial failed; the configuration as it stands: \(reason)")
    }
    let trials = try entries.indices.map(entry)
    let runs = entries.flatMap(\.runs).compactMap(\.trial)
    return TuneJob.Report(
      taskNames: tasks, objective: job.objective, method: job.method, seed: job.seed,
      seeds: (0..<job.seeds).map { base.training.seed &+ UInt64($0) }, data: pool.data.summary,
      paths: space.dimensions.map(\.path), alone: alone.isEmpty ? nil : alone, trials: trials,
      best: best,
      test: job.tests
        ? FrontierJob.Measured.byTask(entries[best].runs.compactMap { $0.trial?.test }, tasks)
        : nil,
      trainingSeconds: runs.map(\.seconds).reduce(aloneSeconds, +), seconds: 0)
  }

  /// What settings get from an automatic network; nothing where they don't fit together.
  private func automatic(_ settings: [String]) throws -> [String] {
    do {
      let open = try job.overriding(settings)
      return open.filled(like: chosen, for: base).settings(chosenBeside: open)
    } catch is ConfigurationError {
      return []
    }
  }

  private func entry(_ number: Int) throws -> TuneJob.Entry {
    let entry = entries[number]
    let objective = objective(of: number)
    let pairs = entry.settings.map { setting in
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), String(parts[1]))
    }
    return TuneJob.Entry(
      number: number, settings: Dictionary(pairs) { $1 }, automatic: try automatic(entry.settings),
      validation: FrontierJob.Measured.byTask(
        entry.runs.compactMap { $0.trial?.validation }, tasks),
      objective: objective?.mean, objectiveError: objective?.error, seeds: entry.runs.count,
      stoppedAfter: entry.stoppedAfter, failure: entry.runs.compactMap(\.failure).first)
  }
}
