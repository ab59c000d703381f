internal import ColumnFiles
internal import Evaluation
internal import Interactions
internal import Networks
public import RankingMetrics
public import RunConfiguration
public import Training

/// A log that was read once, to train on many times, also at the same time.
public struct TrainingData: Sendable {
  private let log: EncodedLog
  private let split: SplitRows

  /// Reads the rows that a configuration's split needs, or finds them kept from an earlier run.
  ///
  /// - Parameters:
  ///   - configuration: Says which rows, features and tasks.
  ///   - context: Whom to tell, and when to stop.
  ///   - columnDirectory: Where encoded logs are kept.
  /// - Throws: The errors of reading and encoding.
  public init(
    _ configuration: RunConfiguration, context: JobContext,
    columnDirectory: String = ".paretorank/columns"
  ) throws {
    let store = LogStore(configuration, context: context, directory: columnDirectory)
    let file = try store.trainingLog(configuration, fresh: false).file
    log = file.log
    split = try configuration.split.rows(of: log.times)
  }

  /// What training once came to.
  public struct Trial: Codable, Sendable {
    /// The pass whose weights were kept.
    public var epoch: Int
    /// Of training and measuring.
    public var seconds: Double
    /// By task, on the validation rows.
    public var validation: [String: TaskMetrics]
    /// By task, on the test rows.
    public var test: [String: TaskMetrics]
    /// What combining did, stretch by stretch.
    public var combining: [CombiningWindow]
    /// Of a conditioned network, what each preference that was asked for came to.
    public var preferences: [PreferenceMetrics] = []
  }

  /// A conditioned network's metrics at one preference.
  public struct PreferenceMetrics: Codable, Sendable {
    /// In the order of the tasks, summing to 1.
    public var weights: [Double]
    /// By task, on the validation rows.
    public var validation: [String: TaskMetrics]
    /// By task, on the test rows.
    public var test: [String: TaskMetrics]
  }

  /// Trains a fresh model in memory and measures it; nothing is written.
  ///
  /// - Parameters:
  ///   - configuration: Network, combiner, optimizer and schedule; rows, features and tasks must be
  ///     those that the data was read with.
  ///   - preferences: Weights of the tasks at which to measure a conditioned network, beside equal
  ///     ones; for other networks they make no difference and are left out.
  ///   - context: When to stop.
  /// - Returns: The metrics on the validation and the test rows.
  /// - Throws: ``TrainingError``, `CombinerError`, or that it was stopped.
  public func trial(
    _ configuration: RunConfiguration, preferences: [[Double]] = [], context: JobContext
  ) throws -> Trial {
    let start = ContinuousClock.now
    let weights = configuration.freshWeights(for: log, training: split.train)
    let engine = configuration.engine(
      weights, combining: try configuration.makeCombining(), for: log, training: split.train)
    var schedule = configuration.schedule
    schedule.batch = engine.batchCapacity
    let loop = try TrainingLoop(
      engine: engine, schedule: schedule, log: log, rows: split.train)
    let evaluator = Evaluator(
      weights: weights, schema: log.schema, workers: configuration.workers)
    func metrics(_ rows: RowSelection, _ preference: Preference? = nil) -> [String: TaskMetrics] {
      guard !rows.isEmpty else { return [:] }
      let metrics = evaluator.metrics(of: log, rows: rows, preference: preference)
      return Dictionary(uniqueKeysWithValues: zip(log.taskNames, metrics))
    }
    _ = try loop.run(
      validate: {
        configuration.validationRule.value(
          of: evaluator.metrics(of: log, rows: split.validation))
      },
      onProgress: { _ in try context.checkCancelled() })
    return Trial(
      epoch: loop.position.epoch, seconds: start.duration(to: .now) / .seconds(1),
      validation: metrics(split.validation), test: metrics(split.test),
      combining: loop.combining,
      preferences: weights.network.isConditioned
        ? preferences.map {
          let preference = Preference($0)
          return PreferenceMetrics(
            weights: preference.shares, validation: metrics(split.validation, preference),
            test: metrics(split.test, preference))
        } : [])
  }
}
