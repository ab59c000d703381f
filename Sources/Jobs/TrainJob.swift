internal import ColumnFiles
public import Combiners
internal import Evaluation
import Foundation
internal import Interactions
internal import Logging
internal import Networks
internal import Optimizers
internal import PostgresLogs
package import RankingMetrics
public import RunConfiguration
internal import Training
internal import Workers

/// Trains a model from the database and writes its directory.
public struct TrainJob {
  /// What to train on and how.
  public var configuration: RunConfiguration
  /// Reads the database again even if an encoded log is there.
  public var fresh = false
  /// A model directory whose training goes on.
  public var resuming: String?
  /// The model directory to write; nil makes a name from the configuration's and the time.
  public var destination: String?
  /// A combiner of one's own in a fresh state, instead of the configuration's.
  public var combining: Combining?
  /// A model directory whose run's mean weights are the fixed weights of this run, instead of the
  /// configuration's combiner: what the GradNorm paper calls static weights.
  public var weightsOf: String?
  /// A folder of checkpoints; nil writes none.
  ///
  /// One is written every `nightly.checkpoint`. A run begins from the newest that fits, where a killed
  /// one left it, and removes all when its model is written.
  public var checkpoints: String?
  /// Where encoded logs are kept.
  public var columnDirectory = ".paretorank/columns"

  /// A training as configured, of a new model.
  public init(configuration: RunConfiguration) { self.configuration = configuration }

  /// Trains and writes the model; a run that stops on the way leaves nothing.
  ///
  /// - Throws: ``JobError/locked(model:holder:)`` where another run trains or scores with a model of
  ///   the same name, and the errors of the parts.
  public func run(_ context: JobContext) throws -> Report {
    if let weightsOf {
      var fixed = self
      fixed.weightsOf = nil
      fixed.configuration.combiner = try combiner(of: weightsOf, context)
      return try fixed.run(context)
    }
    let notes = try RunNotes(
      .train, configuration, locking: configuration.output.name, context: context)
    return try notes.following {
      let report = try train(context, notes)
      return (report, report.rows)
    }
  }

  private func train(_ context: JobContext, _ notes: RunNotes) throws -> Report {
    let checkpoints = try checkpoints.map { try CheckpointFolder($0) }
    let store = LogStore(configuration, context: context, directory: columnDirectory)
    let result = try store.trainingLog(configuration, fresh: fresh)
    let log = result.file.log
    let split = try configuration.split.rows(of: log.times)
    tell(result, context)
    try checkLabels(result.file.summary, log: log, rows: split.train, context)
    let (configuration, choice) = try configuration.resolved(
      like: resuming.map { try ModelDescription(opening: $0) }, for: log, training: split.train,
      context)
    var job = self
    job.configuration = configuration
    return try job.train(result, split, choice: choice, checkpoints, context, notes)
  }

  private func train(
    _ result: LogStore.Result, _ split: SplitRows, choice: String?,
    _ checkpoints: CheckpointFolder?, _ context: JobContext, _ notes: RunNotes
  ) throws -> Report {
    let log = result.file.log
    let run = try prepare(result.file.features, log: log, training: split.train, context)
    let rowsPerPass = run.engine.rowWeights?.rowsPerPass ?? split.train.count
    warnOfIdleSettings(rowsPerPass: rowsPerPass, context)
    let evaluator = Evaluator(
      weights: run.weights, schema: log.schema, workers: configuration.workers)
    func validate() -> [TaskMetrics] {
      split.validation.isEmpty ? [] : evaluator.metrics(of: log, rows: split.validation)
    }
    let training = TrainingRun(
      engine: run.engine, log: log, rows: split.train, schedule: run.schedule,
      position: run.position, formerValue: run.formerValue,
      combinerName: configuration.combiner.kind.rawValue,
      checkpointing: try checkpoints.map { folder in
        TrainingRun.Checkpointing(
          folder: folder, key: try key(of: run, data: result.file.digest),
          interval: .microseconds(configuration.nightly.checkpoint))
      })
    let outcome = try training.run(context) {
      configuration.validation(of: validate())
    }
    let summaries = run.formerPasses + outcome.summaries
    let windows = run.formerWindows + outcome.combining
    let (validation, calibrations) = calibratedMetrics(
      evaluator, log: log, rows: split.validation, context)
    for task in log.taskNames where validation[task]?.auc == 0.5 {
      context.logger.warning(
        """
        task \(task) has an AUC of exactly 0.5, as where all scores are the same: too high an \
        optimizer.learning_rate does that, or features that tell nothing
        """)
    }
    let path = try modelPath()
    let data = split.summary(of: log)
    let digest = try StoredModel.write(
      ModelDescription(
        name: configuration.output.name, createdAt: Date(), configuration: configuration,
        features: result.file.features.settings, taskNames: log.taskNames,
        windows: data.windows, span: data.span, rows: data.rows, reading: result.file.summary,
        epochs: summaries, validation: validation, combining: windows,
        calibrations: calibrations.isEmpty ? nil : calibrations, choice: choice,
        taskPasses: outcome.taskPasses.isEmpty ? nil : outcome.taskPasses),
      features: result.file.features, engine: run.engine, position: outcome.position, to: path)
    notes.register(
      model: path, name: configuration.output.name, digest: digest,
      dataUntil: data.windows[SplitPart.train.rawValue]?.to)
    notes.record(validation, window: SplitPart.validation.rawValue)
    notes.record(windows)
    do { try checkpoints?.remove() } catch {
      context.logger.warning("the checkpoints of this run are still there: \(error)")
    }
    return Report(
      model: path, rows: split.train.count,
      rowsPerPass: rowsPerPass, passes: outcome.passesMade,
      bestEpoch: outcome.position.epoch, seconds: outcome.seconds, readingSeconds: result.seconds,
      reusedLog: result.wasReused, summaries: summaries, validation: validation,
      reading: result.file.summary, combining: windows, taskPasses: outcome.taskPasses,
      gateUse: evaluator.gateUse(of: log, rows: split.validation))
  }

  /// Warns of settings that say nothing about this run.
  private func warnOfIdleSettings(rowsPerPass: Int, _ context: JobContext) {
    for warning in configuration.idleSettings { context.logger.warning("\(warning)") }
    let steps = configuration.steps(ofRows: rowsPerPass)
    if let passes = configuration.training.weightAverage,
      configuration.averageHorizon(steps: steps) == 1
    {
      context.logger.warning(
        """
        training.weight_average has no effect: \(passes) passes of \(steps) steps are hardly one \
        step to look back
        """)
    }
  }

  /// What the validation rows say of the trained weights, and what makes each task's scores agree with
  /// them where the configuration asks for it; neither where there are no such rows.
  ///
  /// The metrics are those of the calibrated scores.
  private func calibratedMetrics(
    _ evaluator: Evaluator, log: EncodedLog, rows: RowSelection, _ context: JobContext
  ) -> (metrics: [String: TaskMetrics], calibrations: [String: ScoreCalibration]) {
    guard !rows.isEmpty else { return ([:], [:]) }
    var scores = evaluator.scores(of: log, rows: rows)
    var calibrations: [String: ScoreCalibration] = [:]
    if let kind = configuration.training.calibration {
      for (task, name) in log.taskNames.enumerated() {
        let labels = (0..<rows.count).map { log.labels[task][rows[$0]] }
        guard let fitted = ScoreCalibration(kind, scores: scores[task], labels: labels) else {
          context.logger.warning(
            "\(name) is not calibrated: the validation rows lack positives or negatives")
          continue
        }
        let positives = labels.count { $0 == Label.positive.rawValue }
        if positives < Self.fewPositives {
          context.logger.warning(
            """
            \(name) is calibrated by \(positives) positives, which tell little about other rows; let \
            split.validation have more
            """)
        }
        scores[task] = scores[task].map(fitted.probability)
        calibrations[name] = fitted
      }
    }
    let metrics = zip(
      log.taskNames, evaluator.metrics(of: log, rows: rows, scores: scores))
    return (Dictionary(uniqueKeysWithValues: metrics), calibrations)
  }

  /// Where the model goes, in a folder that is there.
  private func modelPath() throws -> String {
    let path = destination ?? ModelNames.new(configuration.output, now: Date())
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    return path
  }

  // MARK: Parts

  /// Steps from one in which every task's gradient is measured to the next: what that costs beside
  /// a single backward pass is so about a hundredth.
  static let measureEvery = 100

  /// Positives below which a calibration is little but chance: a count of 50 is itself known to ± 28 %.
  static let fewPositives = 50

  private struct Run {
    let engine: TrainingEngine
    let weights: Weights
    let schedule: TrainingSchedule
    let position: TrainingPosition
    /// The digest of the model that is resumed.
    var formerDigest: String?
    /// Of the run that is resumed: the passes up to the position, and the last one's validation value
    /// where it is one that this run's values can be held against.
    var formerPasses: [EpochSummary] = []
    var formerWindows: [CombiningWindow] = []
    var formerValue: Double?
  }

  /// Whether tasks are combined by more than fixed weights.
  private var hasCombiner: Bool {
    combining != nil || configuration.combiner.kind != .staticWeights
  }

  /// Fresh weights, or those of the model that is resumed.
  private func prepare(
    _ features: FittedFeatures, log: EncodedLog, training: RowSelection, _ context: JobContext
  ) throws -> Run {
    let combining = try combining ?? configuration.makeCombining()
    let rowWeights = configuration.rowWeights(for: log, training: training)
    let schedule = try configuration.schedule(
      training: training, of: log, rowWeights: rowWeights, features: features,
      combining: combining)
    var resumed: StoredModel?
    let weights: Weights
    if let resuming {
      let model = try StoredModel(opening: resuming, forTraining: true)
      guard model.features == features, model.description.taskNames == log.taskNames else {
        throw JobError.badData(
          "\(resuming) was trained on other features or rows, so its training can't go on; "
            + "train anew")
      }
      if let names = model.description.taskPasses?.keys.sorted().joined(separator: ", ") {
        throw JobError.missingConfiguration(
          "\(resuming) has tasks that stopped by themselves (\(names)), so its training is over; "
            + "train anew")
      }
      if let setting = configuration.differenceForResuming(model.description.configuration) {
        throw JobError.missingConfiguration(
          "\(resuming) was trained with another \(setting), so its training can't go on; "
            + "use the setting that it was trained with, or train anew")
      }
      resumed = model
      weights = model.weights
    } else {
      weights = configuration.freshWeights(for: log, training: training)
    }
    if weights.network.parameters.allSatisfy({ !$0.isShared }) && hasCombiner {
      context.logger.warning(
        "this network shares nothing between tasks, so its combiner has nothing to combine")
    }
    let engine = configuration.engine(
      weights, combining: combining, for: log, training: training, rowWeights: rowWeights,
      measureEvery: Self.measureEvery)
    guard let resumed else {
      return Run(
        engine: engine, weights: weights, schedule: schedule, position: TrainingPosition())
    }
    let position = try resumed.restoreState(to: engine)
    guard position.epoch < configuration.training.epochs else {
      throw JobError.missingConfiguration(
        "\(resumed.path) has \(position.epoch) of \(configuration.training.epochs) epochs already; "
          + "raise training.epochs to go on")
    }
    let former = resumed.description
    let passes = former.epochs.filter { $0.epoch <= position.epoch }
    let isSameRule = former.configuration.validationRule == configuration.validationRule
    return Run(
      engine: engine, weights: weights, schedule: schedule, position: position,
      formerDigest: resumed.digest, formerPasses: passes,
      formerWindows: former.combining.filter { $0.firstStep <= position.step },
      formerValue: isSameRule ? passes.last?.validation : nil)
  }

  /// What a checkpoint must have been written for.
  private func key(of run: Run, data: String) throws -> CheckpointFolder.Key {
    var relevant = configuration
    relevant.database = nil
    relevant.scoring = nil
    relevant.output = RunConfiguration.Output()
    relevant.limits = RunConfiguration.Limits()
    relevant.nightly = RunConfiguration.Nightly()
    relevant.training.memory = nil
    relevant.training.workers = configuration.workers.workerCount
    return CheckpointFolder.Key(
      data: data,
      settings: [
        try relevant.canonicalJSON(), try run.schedule.json(),
        try run.engine.combiningState.json(), run.formerDigest ?? "",
      ])
  }

  private func checkLabels(
    _ summary: ReadingSummary, log: EncodedLog, rows: RowSelection, _ context: JobContext
  ) throws {
    for (task, name) in log.taskNames.enumerated() {
      let base = BaseRate(ofTask: task, in: log, rows: rows)
      guard base.known > 0 else {
        throw TrainingError.noLabels(task: name, areWeighted: log.weights != nil)
      }
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

  /// Static weights as another run's were in the mean.
  private func combiner(
    of path: String, _ context: JobContext
  ) throws -> RunConfiguration.Combiner {
    let run = try StoredModel(opening: path).description
    guard run.configuration.combiner.kind != .dbMTL else {
      throw JobError.unknown(
        "\(path): the weights of db_mtl are of the gradients of losses' logarithms, not of losses")
    }
    let tasks = CombiningWindow.mean(of: run.combining)?.tasks ?? []
    var weights: [String: Double] = [:]
    for task in tasks {
      if let weight = task.weight { weights[task.task] = max(weight, 0) }
    }
    for name in configuration.tasks.map(\.name) where weights[name] == nil {
      throw JobError.unknown(
        "\(path): its run has no mean weight of \(name), which static weights need")
    }
    let shown = weights.keys.sorted()
      .map { "\($0) \(String(format: "%.4g", weights[$0] ?? 0))" }
    context.logger.info("static weights of \(path): \(shown.joined(separator: ", "))")
    return RunConfiguration.Combiner(
      kind: .staticWeights, settings: [.weights: .byTask(weights)])
  }

  private func tell(_ result: LogStore.Result, _ context: JobContext) {
    let rows = result.file.log.rowCount
    context.logger.info(
      result.wasReused
        ? "\(rows) rows from the encoded log: the database has not changed (--fresh reads it anyway)"
        : "read \(rows) rows in \(String(format: "%.1f", result.seconds)) s")
    for (column, count) in result.file.summary.truncatedLists.sorted(by: { $0.key < $1.key })
    where count > 0 {
      context.logger.info("lists of \(column) that were cut, being longer than longest: \(count)")
    }
  }
}

extension RunConfiguration {
  /// What the validation rows are summed up by after each pass.
  package var validationRule: ValidationRule { training.earlyStopping?.rule ?? .meanAUC }

  /// What training is told of metrics on the validation rows.
  func validation(of tasks: [TaskMetrics]) -> PassValidation {
    PassValidation(
      validationRule.value(of: tasks), tasks: tasks.map { validationRule.value(of: $0) })
  }

  /// The first setting in which a run that goes on would differ from its former part; nil if none.
  fileprivate func differenceForResuming(_ former: RunConfiguration) -> String? {
    let settings = [
      ("tasks", tasks == former.tasks), ("network", network == former.network),
      ("combiner", combiner == former.combiner), ("optimizer", optimizer == former.optimizer),
      ("training.batch", training.batch == former.training.batch),
      ("training.seed", training.seed == former.training.seed),
      ("training.shuffle", training.shuffle == former.training.shuffle),
      ("training.negatives", training.negatives == former.training.negatives),
      ("impressions.weight", impressions.weight == former.impressions.weight),
      ("training.weight_average", training.weightAverage == former.training.weightAverage),
    ]
    return settings.first { !$0.1 }?.0
  }
}
