internal import ColumnFiles
internal import Evaluation
public import Interactions
internal import Networks
internal import RankingMetrics
public import RunConfiguration
internal import Training

/// A log that was read once, to train on many times, also at the same time.
public struct TrainingData: Sendable {
  /// Differs where the rows, their order, their tasks or their encoding do.
  public let digest: String
  private let log: EncodedLog
  private let split: SplitRows

  /// Reads the rows that a configuration's split needs, or finds them kept from an earlier run.
  ///
  /// - Parameters:
  ///   - configuration: Says which rows, features and tasks.
  ///   - context: Whom to tell, and when to stop.
  ///   - columnDirectory: Where encoded logs are kept.
  ///   - fresh: Whether to read the database even if the log was kept.
  /// - Throws: The errors of reading and encoding.
  public init(
    _ configuration: RunConfiguration, context: JobContext,
    columnDirectory: String = ".paretorank/columns", fresh: Bool = false
  ) throws {
    let store = LogStore(configuration, context: context, directory: columnDirectory)
    let result = try store.trainingLog(configuration, fresh: fresh)
    digest = result.file.digest
    log = result.file.log
    split = try configuration.split.rows(of: log.times)
    // For the one who asked; runs that leave tasks out choose again.
    tellChoice(for: configuration, context)
  }

  /// Rows and times of each part.
  public var summary: DataSummary { split.summary(of: log) }

  /// How many rows a part of the split has.
  public func rowCount(of part: SplitPart) -> Int { split[part].count }

  /// The labels of a part's rows for a task: 0 negative, 1 positive, 2 unknown; nil for a task that
  /// the data was not read with.
  public func labels(of task: String, in part: SplitPart) -> [UInt8]? {
    log.taskNames.firstIndex(of: task).map { index in
      let rows = split[part]
      return (0..<rows.count).map { log.labels[index][rows[$0]] }
    }
  }

  /// Tells what is chosen from the data for a configuration that leaves something to be chosen, and why.
  func tellChoice(for configuration: RunConfiguration, _ context: JobContext) {
    _ = configuration.resolved(like: nil, for: log, training: split.train, context)
  }

  /// A configuration with what it leaves to be chosen from the data.
  func resolved(_ configuration: RunConfiguration) -> RunConfiguration {
    configuration.resolved(for: log, training: split.train).configuration
  }

  /// Steps that training takes as configured, should it neither stop early nor go back.
  func stepCount(of configuration: RunConfiguration) -> Int {
    let log = log.restricted(to: configuration.tasks.map(\.name))
    return configuration.training.epochs
      * configuration.stepsPerPass(of: log, training: split.train)
  }

  /// Trains a fresh model in memory and measures it; nothing is written.
  ///
  /// - Parameters:
  ///   - configuration: Network, combiner, optimizer and schedule, and the tasks, which may be some of
  ///     those that the data was read with; rows and features must be the same.
  ///   - preferences: Weights of the tasks at which to measure a conditioned network, beside equal
  ///     ones; other networks have none.
  ///   - onStep: Told after each step; may throw to end the training.
  /// - Returns: The metrics on the validation and the test rows.
  /// - Throws: ``TrainingError``, `CombinerError`, or what `onStep` throws.
  public func trial(
    _ configuration: RunConfiguration, preferences: [[Double]] = [], onStep: () throws -> Void
  ) throws -> Trial {
    try scoredTrial(configuration, preferences: preferences, onStep: onStep).trial
  }

  /// The same, with the scores of the test rows, `[taskCount][rows]`.
  func scoredTrial(
    _ configuration: RunConfiguration, preferences: [[Double]] = [], onStep: () throws -> Void
  ) throws -> (trial: Trial, testScores: [[Float]]) {
    let start = ContinuousClock.now
    let log = log.restricted(to: configuration.tasks.map(\.name))
    let configuration = configuration.resolved(for: log, training: split.train).configuration
    let weights = configuration.freshWeights(for: log, training: split.train)
    let engine = configuration.engine(
      weights, combining: try configuration.makeCombining(), for: log, training: split.train,
      rowWeights: configuration.rowWeights(for: log, training: split.train),
      measureEvery: TrainJob.measureEvery)
    var schedule = configuration.schedule
    schedule.batch = engine.batchCapacity
    let loop = try TrainingLoop(
      engine: engine, schedule: schedule, log: log, rows: split.train)
    let evaluator = Evaluator(
      weights: weights, schema: log.schema, workers: configuration.workers)
    func metrics(_ rows: RowSelection, _ scores: [[Float]]? = nil) -> [String: TaskMetrics] {
      guard !rows.isEmpty else { return [:] }
      return Dictionary(
        uniqueKeysWithValues: zip(
          log.taskNames, evaluator.metrics(of: log, rows: rows, scores: scores)))
    }
    let validate = {
      configuration.validation(of: evaluator.metrics(of: log, rows: split.validation))
    }
    _ = try loop.run(
      validate: schedule.patience == nil ? nil : validate, onProgress: { _ in try onStep() })
    let scores = evaluator.scores(of: log, rows: split.test)
    let trial = Trial(
      epoch: loop.position.epoch, seconds: start.duration(to: .now) / .seconds(1),
      validation: metrics(split.validation), test: metrics(split.test, scores),
      combining: loop.combining,
      preferences: weights.network.isConditioned
        ? preferences.map {
          let preference = Preference($0)
          func atPreference(_ rows: RowSelection) -> [String: TaskMetrics] {
            metrics(rows, evaluator.scores(of: log, rows: rows, preference: preference))
          }
          return PreferenceMetrics(
            weights: preference.shares, validation: atPreference(split.validation),
            test: atPreference(split.test))
        } : nil)
    return (trial, scores)
  }
}

extension EncodedLog {
  /// The same rows with some of the tasks, in the order of `names`, all of which the log must have.
  fileprivate func restricted(to names: [String]) -> EncodedLog {
    var log = self
    log.taskNames = names
    log.labels = names.map { name in
      guard let index = taskNames.firstIndex(of: name) else {
        preconditionFailure("the log was not read with the task \(name)")
      }
      return labels[index]
    }
    return log
  }
}
