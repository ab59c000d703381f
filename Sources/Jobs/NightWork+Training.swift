internal import ColumnFiles
internal import Combiners
import Foundation
internal import Interactions
internal import Logging
internal import ModelFiles
internal import Networks
internal import PostgresLogs
internal import RunConfiguration
internal import Training

/// A night's rows with what they are used for.
struct NightData {
  var file: ColumnFile
  var rows: NightRows
  /// What the model that the training goes on from has kept.
  var state: NightState
  /// That model; nil where the training begins afresh.
  var base: StoredModel?

  var log: EncodedLog { file.log }
  var keys: Column<Int64> {
    guard let keys = log.keys else { preconditionFailure("a night's log has keys") }
    return keys
  }
}

extension NightWork {
  /// The night's rows as the stage of reading left them; the base is only opened for training where
  /// that is asked.
  func data(_ read: ReadDetail, forTraining: Bool = false) throws -> NightData {
    let file = try files.openLog()
    guard let keys = file.log.keys else { preconditionFailure("a night's log has keys") }
    let base = try model(read.base, forTraining: forTraining)
    if let id = read.base, base == nil {
      throw JobError.unknown("model \(id), which tonight's training goes on from, is not noted")
    }
    let state = try base?.nightState() ?? NightState()
    // A fresh model is measured beside the current one.
    let other = base == nil ? try model(read.current)?.nightState().usedRows : nil
    let rows = try state.usedRows.night(
      of: file.log, keys: keys, windows: read.windows, besides: other)
    return NightData(file: file, rows: rows, state: state, base: base)
  }

  /// The model of a number in the registry; nil where it is not noted.
  func model(_ id: Int?, forTraining: Bool = false) throws -> StoredModel? {
    guard let id, let record = try session.noted({ try $0.model(id) }) else { return nil }
    return try StoredModel(opening: record.path, forTraining: forTraining)
  }

  /// Trains on the new rows and notes the model as a candidate, if there are any.
  func train(_ read: ReadDetail) throws -> TrainDetail {
    var known: (detail: TrainDetail, digest: String?)?
    return try session.publish(.train, rows: \.rows) { registry, finish in
      let made = try known ?? trainModel(read)
      known = made
      var detail = made.detail
      guard let digest = made.digest else {
        try finish(detail)
        return detail
      }
      try registry.registerModel(
        name: configuration.output.name, path: read.model, digest: digest, run: session.run,
        parent: read.base, dataUntil: read.windows.trainingEnd
      ) { id in
        detail.model = id
        detail.version = try registry.model(id)?.version
        try finish(detail)
      }
      return detail
    }
  }

  private func trainModel(
    _ read: ReadDetail
  ) throws -> (detail: TrainDetail, digest: String?) {
    var data = try data(read, forTraining: true)
    data.rows.dropEvaluationLabels()
    let rows = data.rows
    tell(rows)
    let purposes = [
      (RunWindow.Purpose.training, rows.trainingParts), (.evaluation, rows.evaluationParts),
    ]
    try session.noted { registry in
      try registry.record(
        purposes.flatMap { purpose, parts in
          zip(data.log.taskNames, parts).map { RunWindow(purpose, task: $0, $1) }
        }, run: session.run)
    }
    let counted = data.rows.trainingParts.enumerated().map { task, part in
      (
        data.log.taskNames[task],
        TrainDetail.Task(
          rows: part.rows, positives: part.positives,
          fingerprint: fingerprint(of: task, in: data))
      )
    }
    var detail = TrainDetail(
      model: nil, version: nil, rows: rows.training.count, seconds: 0,
      duplicates: rows.duplicates, tooLate: rows.tooLate,
      tasks: Dictionary(uniqueKeysWithValues: counted))
    guard !rows.training.isEmpty else {
      detail.nothingNew = try nothingNew(data, read).reason
      return (detail, nil)
    }
    if let found = try? StoredModel(opening: read.model) {
      // Written by an attempt that ended before it was noted.
      return (detail, found.digest)
    }
    let folder = try CheckpointFolder(files.checkpoints)
    let (configuration, choice) = configuration.resolved(
      like: data.base?.description, for: data.rows.trainingLog, training: data.rows.training,
      context)
    let engine = try engine(data, configuration)
    let base = data.base?.digest ?? ""
    // The engine has numbers of its own.
    data.base = nil
    var schedule = try engine.configuration.schedule(
      training: rows.training, of: rows.trainingLog, rowWeights: engine.engine.rowWeights,
      features: data.file.features, combining: engine.engine.combining,
      besides: data.state.usedRows.byteCount)
    // Early stopping would choose by the rows that the gate judges by.
    schedule.patience = nil
    let run = TrainingRun(
      engine: engine.engine, log: rows.trainingLog, rows: rows.training, schedule: schedule,
      position: engine.position, combinerName: configuration.combiner.kind.rawValue,
      checkpointing: .init(
        folder: folder,
        key: CheckpointFolder.Key(
          data: data.file.digest,
          settings: ["\(session.run)", base, try schedule.json()]),
        interval: .microseconds(configuration.nightly.checkpoint)))
    let outcome = try run.run(context, validate: nil)
    detail.seconds = outcome.seconds
    return (
      detail, try write(data, engine.engine, outcome, configuration, choice, to: read.model)
    )
  }

  /// Why there is nothing to train on.
  private func nothingNew(_ data: NightData, _ read: ReadDetail) throws -> NothingNew {
    let (windows, times) = (read.windows, data.log.times)
    let groups = data.log.requests ?? data.keys
    let waiting = windows.windows.indices.map { task -> Int64? in
      let start = windows.evaluationStart(ofTask: task)
      return (0..<times.count).first {
        times[$0] >= start && !windows.isHeld(groups[$0], at: times[$0])
      }.map { times[$0] }
    }
    let former = try session.noted {
      try $0.runs(kind: "nightly", model: configuration.output.name)
        .filter { $0.id != session.run }.compactMap { $0.clock?.microseconds }.max()
    }
    return NothingNew(
      windows: windows, taskNames: data.log.taskNames, oldest: times[0],
      newest: times[times.count - 1], waiting: waiting, formerClock: former)
  }

  /// The engine of the night: on the base's numbers, or on fresh ones; with the passes that go with
  /// either.
  private func engine(
    _ data: NightData, _ configuration: RunConfiguration
  ) throws -> (
    engine: TrainingEngine, position: TrainingPosition, configuration: RunConfiguration
  ) {
    let rows = data.rows.training
    let rowWeights = configuration.rowWeights(for: data.rows.trainingLog, training: rows)
    var configuration = configuration
    guard let base = data.base else {
      let weights = configuration.freshWeights(for: data.rows.trainingLog, training: rows)
      let engine = configuration.engine(
        weights, combining: try configuration.makeCombining(), for: data.rows.trainingLog,
        training: rows, rowWeights: rowWeights, measureEvery: TrainJob.measureEvery)
      return (engine, TrainingPosition(), configuration)
    }
    configuration.training.epochs = configuration.nightly.epochs
    let start = try WarmStart(base, configuration, features: data.file.features)
    let engine = configuration.engine(
      start.weights, combining: try configuration.makeCombining(), for: data.rows.trainingLog,
      training: rows, rowWeights: rowWeights, measureEvery: TrainJob.measureEvery)
    start.restoreCombining(to: engine)
    return (engine, start.position, configuration)
  }

  /// Writes the model's directory and answers its digest.
  private func write(
    _ data: NightData, _ engine: TrainingEngine, _ outcome: TrainingRun.Outcome,
    _ configuration: RunConfiguration, _ choice: String?, to path: String
  ) throws -> String {
    var used = data.state.usedRows
    used.add(data.rows)
    let spans = data.rows.trainingParts.compactMap(\.span)
    var windows: [String: TimeWindow] = [:]
    if let from = spans.map(\.from).min(), let to = spans.map(\.to).max() {
      windows[SplitPart.train.rawValue] = TimeWindow(from: from, to: to)
    }
    let log = data.log
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    return try StoredModel.write(
      ModelDescription(
        name: configuration.output.name, createdAt: Date(), configuration: configuration,
        features: data.file.features.settings, taskNames: log.taskNames, windows: windows,
        span: TimeWindow(from: log.times[0], to: log.times[log.rowCount - 1] + 1),
        rows: [SplitPart.train.rawValue: data.rows.training.count],
        reading: data.file.summary, epochs: outcome.summaries, validation: [:],
        combining: outcome.combining, choice: choice),
      features: data.file.features, engine: engine, position: outcome.position,
      night: NightState(histories: data.file.histories, usedRows: used), to: path)
  }

  private func tell(_ rows: NightRows) {
    if rows.duplicates > 0 {
      context.logger.warning(
        "\(rows.duplicates) rows repeat the key of another and are used for nothing")
    }
    if rows.tooLate > 0 {
      context.logger.warning(
        """
        \(rows.tooLate) rows lie before the time that the model's ledger goes back to: they count as \
        used
        """)
    }
    let names = configuration.tasks.map(\.name)
    for (name, part) in zip(names, rows.trainingParts) where !rows.training.isEmpty {
      if part.positives == 0 {
        context.logger.warning("no new row is positive for \(name): tonight it can't be learned")
      }
    }
  }

  /// The sum of the keys of a task's training rows, modulo 2⁶⁴.
  private func fingerprint(of task: Int, in data: NightData) -> String {
    let labels = data.rows.trainingLog.labels[task]
    var sum: UInt64 = 0
    for index in 0..<data.rows.training.count {
      let row = data.rows.training[index]
      if labels[row] != Label.unknown.rawValue { sum &+= UInt64(bitPattern: data.keys[row]) }
    }
    return String(sum, radix: 16)
  }
}

extension RunWindow {
  fileprivate init(_ purpose: Purpose, task: String, _ part: NightRows.Part) {
    self.init(
      purpose: purpose, task: task, from: part.span.map { Moment($0.from) },
      to: part.span.map { Moment($0.to) }, rows: part.rows, positives: part.positives)
  }
}
