internal import Combiners
internal import Frontiers
internal import Logging
internal import RankingMetrics
internal import RunConfiguration
internal import Training

/// Trains the settings of a frontier.
struct FrontierSweep {
  /// What became of one setting.
  struct Result {
    let setting: FrontierSetting
    /// By seed; one alone where it was given up early.
    var runs: [Run]
    /// Epochs after which it was given up; nil for one that trained to the end.
    var stoppedAfter: Int?
  }

  /// A training's models on the rows.
  struct Run {
    /// By task; nil where training failed.
    var validation: [String: TaskMetrics]?
    var test: [String: TaskMetrics]?
    /// Of training; nil where it failed, and for all preferences of a training but the first.
    var seconds: Double?
    var failure: TrainingError?
  }

  let job: FrontierJob
  let pool: TrialPool
  let context: JobContext

  private var tasks: [String] { job.configuration.tasks.map(\.name) }

  /// Trains everything, swept points first.
  func run() throws -> [Result] {
    let swept = try job.scalarisations.map(settings)
    let named = FrontierSetting.named(job.combiners, job.configuration)
    guard job.method == .halving else { return try train(swept.flatMap(\.self) + named) }
    return try swept.flatMap(halve) + train(named)
  }

  // MARK: Settings

  private func settings(of scalarisation: FrontierJob.Scalarisation) throws -> [FrontierSetting] {
    let weights = job.method.weightSet.weights(
      count: job.points, taskCount: tasks.count, seed: job.configuration.training.seed)
    switch scalarisation {
    case .sum: return weights.map { .sum($0, tasks: tasks) }
    case .chebyshev:
      let range = try lossRange()
      return weights.map { .chebyshev($0, between: range, tasks: tasks) }
    }
  }

  /// What the tasks' losses come to where one task after the other has nearly all of the weight.
  private func lossRange() throws -> LossRange {
    let corners = WeightSet.lattice.weights(count: tasks.count, taskCount: tasks.count, seed: 0)
    context.logger.info("the range of the losses is that of \(corners.count) runs at the corners")
    let outcomes = try pool.run(
      corners.map {
        FrontierSetting.sum($0, tasks: tasks).configuration(job.configuration, seed: 0)
      })
    let losses = outcomes.map { outcome in
      let windows = outcome.trial?.combining ?? []
      // The end of training, as far as it is told apart.
      let last = CombiningWindow.mean(of: windows.suffix(max(1, windows.count / 4)))
      return tasks.indices.map { last?.tasks[$0].loss }
    }
    guard let range = LossRange(of: losses, taskCount: tasks.count) else {
      context.logger.error("the runs at the corners failed")
      if let failure = outcomes.compactMap(\.failure).first { throw failure }
      throw JobError.badData("the runs at the corners had no losses")
    }
    return range
  }

  // MARK: Training

  private func train(_ settings: [FrontierSetting]) throws -> [Result] {
    let seeds = job.seeds
    let outcomes = try pool.run(
      settings.flatMap { setting in
        (0..<seeds).map { setting.configuration(job.configuration, seed: $0) }
      }, preferences: preferences)
    return settings.enumerated().flatMap { index, setting in
      results(of: setting, Array(outcomes[(index * seeds)..<((index + 1) * seeds)]))
    }
  }

  /// One result of a setting's runs; of a conditioned network's, one for each preference.
  private func results(
    of setting: FrontierSetting, _ outcomes: [TrialPool.Outcome]
  ) -> [Result] {
    guard setting.combiner.kind == .conditioned else {
      return [Result(setting: setting, runs: outcomes.map(Run.init))]
    }
    return preferences.enumerated().map { index, preference in
      Result(
        setting: setting.at(preference),
        runs: outcomes.map { outcome in
          var run = Run(outcome)
          let measured = outcome.trial?.preferences?[index]
          run.validation = measured?.validation
          run.test = measured?.test
          if index > 0 { run.seconds = nil }
          return run
        })
    }
  }

  /// At which conditioned networks are measured: as many as are swept.
  private var preferences: [[Double]] {
    WeightSet.lattice.weights(count: job.points, taskCount: tasks.count, seed: 0)
  }

  /// Trains all for few epochs from one seed, and what survives for longer and from every seed.
  private func halve(_ settings: [FrontierSetting]) throws -> [Result] {
    let plan = HalvingPlan(
      points: settings.count, epochs: job.configuration.training.epochs,
      least: max(3, tasks.count + 1))
    var results = settings.map { Result(setting: $0, runs: []) }
    var left = Array(settings.indices)
    for (rung, next) in zip(plan.rungs, plan.rungs.dropFirst()) {
      context.logger.info(
        "\(left.count) points train for \(rung.epochs) of \(next.epochs) epochs and more")
      let outcomes = try pool.run(
        left.map { settings[$0].configuration(job.configuration, seed: 0, epochs: rung.epochs) })
      for (index, outcome) in zip(left, outcomes) {
        results[index].runs = [Run(outcome)]
        results[index].stoppedAfter = rung.epochs
      }
      let objectives = outcomes.map { job.measure.objectives(of: $0.trial?.validation, tasks) }
      left = HalvingPlan.survivors(of: objectives, keeping: next.points).map { left[$0] }
    }
    for (index, result) in zip(left, try train(left.map { settings[$0] })) {
      results[index] = result
    }
    return results
  }
}

extension FrontierSweep.Run {
  fileprivate init(_ outcome: TrialPool.Outcome) {
    validation = outcome.trial?.validation
    test = outcome.trial?.test
    seconds = outcome.trial?.seconds
    failure = outcome.failure
  }
}

extension FrontierJob.Method {
  /// The weights that it tries.
  fileprivate var weightSet: WeightSet {
    switch self {
    case .lattice, .halving: .lattice
    case .logarithmic: .logarithmic
    case .dirichlet: .dirichlet
    }
  }
}
