internal import ColumnFiles
internal import Evaluation
internal import Interactions
internal import Networks
internal import Optimizers
public import RankingMetrics
public import RunConfiguration
public import Training

/// A log that was read once, to train on many times, also at the same time.
public struct TrainingData: Sendable {
  private let features: FittedFeatures
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
    features = file.features
    log = file.log
    split = try configuration.split.rows(of: log.times)
  }

  /// Rows of each part, by the part's name.
  public var rowCounts: [String: Int] { split.rowCounts }

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
  }

  /// Trains a fresh model in memory and measures it; nothing is written.
  ///
  /// - Parameters:
  ///   - configuration: Network, combiner, optimizer and schedule; rows, features and tasks must be
  ///     those that the data was read with.
  ///   - context: When to stop.
  /// - Returns: The metrics on the validation and the test rows.
  /// - Throws: ``TrainingError``, `CombinerError`, or that it was stopped.
  public func trial(
    _ configuration: RunConfiguration, context: JobContext
  ) throws -> Trial {
    let start = ContinuousClock.now
    let network = configuration.network.make(schema: log.schema, taskNames: log.taskNames)
    let weights = Weights(
      network: network, momentCount: configuration.optimizer.rule.momentCount,
      seed: configuration.training.seed)
    weights.setBaseRates(log.labels.map { BaseRate.of($0, rows: split.train).rate })
    let engine = TrainingEngine(
      weights: weights, schema: log.schema, optimizer: configuration.optimizer.rule,
      combining: try configuration.makeCombining(),
      batchCapacity: min(configuration.training.batch, split.train.count),
      microBatch: configuration.training.microBatch, workers: configuration.workers,
      clipNorm: configuration.optimizer.clipNorm, seed: configuration.training.seed)
    var schedule = configuration.schedule
    schedule.batch = engine.batchCapacity
    let loop = try TrainingLoop(
      engine: engine, schedule: schedule, log: log, rows: split.train)
    let evaluator = Evaluator(
      weights: weights, schema: log.schema, workers: configuration.workers)
    func metrics(_ rows: RowSelection) -> [String: TaskMetrics] {
      guard !rows.isEmpty else { return [:] }
      return Dictionary(
        uniqueKeysWithValues: zip(log.taskNames, evaluator.metrics(of: log, rows: rows)))
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
      combining: loop.combining)
  }
}
