internal import ColumnFiles
internal import Combiners
internal import Evaluation
import Foundation
internal import Interactions
internal import Logging
internal import Networks
internal import Optimizers
internal import PostgresLogs
public import RankingMetrics
public import RunConfiguration
public import Training

/// Trains a model from the database and writes its directory.
public struct TrainJob {
  public var configuration: RunConfiguration
  /// Reads the database again even if an encoded log is there.
  public var fresh = false
  /// A model directory whose training goes on.
  public var resuming: String?
  /// The model directory to write; nil makes a name from the configuration's and the time.
  public var destination: String?
  /// Where encoded logs are kept.
  public var columnDirectory = ".paretorank/columns"

  public init(configuration: RunConfiguration) { self.configuration = configuration }

  /// What training came to.
  public struct Report: Codable, Sendable {
    public var model: String
    /// Training rows.
    public var rows: Int
    public var epochs: Int
    /// Of training alone, without reading.
    public var seconds: Double
    public var rowsPerSecond: Double
    public var readingSeconds: Double
    /// Whether the encoded log of an earlier run was used.
    public var reusedLog: Bool
    public var summaries: [EpochSummary]
    /// By task; empty without validation rows.
    public var validation: [String: TaskMetrics]
    public var reading: [TaskReading]

    enum CodingKeys: String, CodingKey {
      case model, rows, epochs, seconds
      case rowsPerSecond = "rows_per_second"
      case readingSeconds = "reading_seconds"
      case reusedLog = "reused_log"
      case summaries, validation, reading
    }
  }

  /// What reading found about a task.
  public struct TaskReading: Codable, Sendable {
    public var task: String
    public var positives: Int
    public var negatives: Int
    public var unknown: Int
    /// Rows positive here although the task before is negative.
    public var funnelViolations: Int

    enum CodingKeys: String, CodingKey {
      case task, positives, negatives, unknown
      case funnelViolations = "funnel_violations"
    }
  }

  public func run(_ context: JobContext) throws -> Report {
    let store = LogStore(configuration, context: context, directory: columnDirectory)
    let result = try store.trainingLog(configuration, fresh: fresh)
    let log = result.file.log
    let split = try configuration.split.rows(of: log.times)
    tell(result, context)
    try checkLabels(result.file.summary, log: log, rows: split.train, context)

    let run = try prepare(result.file.features, log: log, training: split.train)
    let loop = try TrainingLoop(
      engine: run.engine, schedule: configuration.schedule, log: log, rows: split.train,
      position: run.position)
    let start = ContinuousClock.now
    var validationSeconds = 0.0
    let summaries = try loop.run(
      validate: split.validation.isEmpty
        ? nil
        : {
          let began = ContinuousClock.now
          defer { validationSeconds += began.duration(to: .now) / .seconds(1) }
          let rule = configuration.training.earlyStopping?.rule ?? .meanAUC
          return rule.value(
            of:
              Evaluator(weights: run.weights, schema: log.schema, workers: configuration.workers)
              .metrics(of: log, rows: split.validation))
        },
      onProgress: { try show($0, taskNames: log.taskNames, context) })
    let seconds = start.duration(to: .now) / .seconds(1) - validationSeconds
    try context.checkCancelled()

    let validation =
      split.validation.isEmpty
      ? []
      : Evaluator(weights: run.weights, schema: log.schema, workers: configuration.workers)
        .metrics(of: log, rows: split.validation)
    let byTask = Dictionary(uniqueKeysWithValues: zip(log.taskNames, validation))
    let path = destination ?? ModelNames.new(configuration.output, now: Date())
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try StoredModel.write(
      ModelDescription(
        name: configuration.output.name, createdAt: Date(), configuration: configuration,
        features: result.file.features.settings, taskNames: log.taskNames,
        windows: split.windows(of: log),
        rows: [
          "train": split.train.count, "validation": split.validation.count,
          "test": split.test.count,
        ],
        reading: result.file.summary, epochs: summaries, validation: byTask),
      features: result.file.features, weights: run.weights, position: loop.position,
      combining: run.engine.combining, to: path)
    let trained = split.train.count * summaries.count
    return Report(
      model: path, rows: split.train.count, epochs: loop.position.epoch, seconds: seconds,
      rowsPerSecond: seconds > 0 ? Double(trained) / seconds : 0, readingSeconds: result.seconds,
      reusedLog: result.wasReused, summaries: summaries, validation: byTask,
      reading: result.file.summary.tasks.map {
        TaskReading(
          task: $0.name, positives: $0.positives, negatives: $0.negatives, unknown: $0.unknowns,
          funnelViolations: $0.funnelViolations)
      })
  }

  // MARK: Parts

  private struct Run {
    let engine: TrainingEngine
    let weights: Weights
    let position: TrainingPosition
  }

  /// Fresh weights, or those of the model that is resumed.
  private func prepare(
    _ features: FittedFeatures, log: EncodedLog, training: RowSelection
  ) throws -> Run {
    var combining = try configuration.makeCombining()
    var position = TrainingPosition()
    let weights: Weights
    if let resuming {
      let model = try StoredModel(opening: resuming, forTraining: true)
      guard model.features == features, model.description.taskNames == log.taskNames else {
        throw JobError.badData(
          "\(resuming) was trained on other features or rows, so its training can't go on; "
            + "train anew")
      }
      let state = try model.restoreState()
      combining = try state.combining.restored(combining)
      position = state.position
      weights = model.weights
    } else {
      let network = configuration.network.make(schema: log.schema, taskNames: log.taskNames)
      weights = Weights(
        network: network, momentCount: configuration.optimizer.rule.momentCount,
        seed: configuration.training.seed)
      weights.setBaseRates(log.labels.map { BaseRate.of($0, rows: training).rate })
    }
    let engine = TrainingEngine(
      weights: weights, schema: log.schema, optimizer: configuration.optimizer.rule,
      combining: combining, batchCapacity: min(configuration.training.batch, training.count),
      microBatch: configuration.training.microBatch, workers: configuration.workers,
      clipNorm: configuration.optimizer.clipNorm, seed: configuration.training.seed)
    return Run(engine: engine, weights: weights, position: position)
  }

  private func checkLabels(
    _ summary: ReadingSummary, log: EncodedLog, rows: RowSelection, _ context: JobContext
  ) throws {
    for (task, name) in log.taskNames.enumerated() {
      let base = BaseRate.of(log.labels[task], rows: rows)
      guard base.known > 0 else { throw TrainingError.noLabels(task: name) }
      if base.positives == 0 {
        context.logger.warning("no training row is positive for \(name): it can't be learned")
      }
    }
    for (task, definition) in zip(summary.tasks, configuration.tasks)
    where task.funnelViolations > 0 {
      context.logger.warning(
        """
        \(task.funnelViolations) rows are positive for \(task.name) although \
        \(definition.after ?? "the task before") is negative; they are kept as they are
        """)
    }
  }

  private func tell(_ result: LogStore.Result, _ context: JobContext) {
    let rows = result.file.log.rowCount
    context.logger.info(
      result.wasReused
        ? "\(rows) rows from the encoded log: the database has not changed (--fresh reads it anyway)"
        : "read \(rows) rows in \(String(format: "%.1f", result.seconds)) s")
  }

  private func show(
    _ progress: TrainingProgress, taskNames: [String], _ context: JobContext
  ) throws {
    try context.checkCancelled()
    let losses = zip(taskNames, progress.losses)
      .map { "\($0) \($1.map { String(format: "%.4f", $0) } ?? "–")" }
    context.onProgress(
      JobProgress(
        stage: "epoch \(progress.epoch)/\(progress.epochs)", done: progress.step,
        total: progress.stepCount,
        detail: "\(Int(progress.rowsPerSecond)) rows/s  loss " + losses.joined(separator: "  ")))
  }
}

/// How often a task is positive.
enum BaseRate {
  static func of(
    _ labels: Column<UInt8>, rows: RowSelection
  ) -> (known: Int, positives: Int, rate: Double) {
    var known = 0
    var positives = 0
    for index in 0..<rows.count {
      let label = labels[rows[index]]
      known += label < Label.unknown.rawValue ? 1 : 0
      positives += label == Label.positive.rawValue ? 1 : 0
    }
    return (known, positives, known > 0 ? Double(positives) / Double(known) : 0)
  }
}

extension SplitRows {
  /// The time window that each part's rows span, where parts are stretches of time.
  func windows(of log: EncodedLog) -> [String: TimeWindow] {
    var windows: [String: TimeWindow] = [:]
    for (name, part) in [("train", train), ("validation", validation), ("test", test)] {
      guard case .range(let range) = part, !range.isEmpty else { continue }
      windows[name] = TimeWindow(
        from: log.times[range.lowerBound], to: log.times[range.upperBound - 1] + 1)
    }
    return windows
  }
}
