internal import Logging
internal import PostgresLogs
internal import RankingMetrics
internal import RunConfiguration
internal import Training

/// Notes in the database about one run: what it was asked, when it ended, what it measured.
///
/// Notes are a service, not a condition: where the database's user may not keep them, the run says so
/// once and goes on.
struct RunNotes {
  private let bookkeeping: Bookkeeping?
  /// The run's number; nil where it isn't noted.
  let run: Int?
  private let context: JobContext
  private let lock: ModelLock?

  /// Notes that a run starts; throws where no database answers at all.
  ///
  /// With `locking`, a model's name, no other run may have locked that name in this database; notes
  /// are not needed for that. Throws ``JobError/locked(model:holder:)`` where one has.
  init(
    _ kind: RunKind, _ configuration: RunConfiguration, window: Range<Int64>? = nil,
    locking model: String? = nil, context: JobContext
  ) throws {
    self.context = context
    let location = DatabaseLocation(configuration)
    let connection = try location.connect(isCancelled: context.isCancelled)
    lock = try model.map { try ModelLock(model: $0, on: connection) }
    do {
      let bookkeeping = try Bookkeeping(connection)
      run = try bookkeeping.startRun(
        kind: kind.rawValue, model: configuration.output.name,
        configuration: configuration.notedJSON(),
        window: window.flatMap { $0.isBounded ? $0 : nil })
      self.bookkeeping = bookkeeping
    } catch {
      context.logger.warning("this run is not noted in the database: \(error)")
      bookkeeping = nil
      run = nil
    }
  }

  /// Does the work of a run, notes how it ended, and gives the lock back.
  func following<R>(_ work: () throws -> (result: R, rows: Int)) throws -> R {
    defer { lock?.release() }
    do {
      let done = try work()
      note { try $0.finishRun($1, rowCount: done.rows) }
      return done.result
    } catch {
      note { try $0.failRun($1, error: "\(error)") }
      throw error
    }
  }

  /// Notes the metrics of every task on a window.
  func record(_ metrics: [String: TaskMetrics], window: String) {
    note { bookkeeping, run in
      try bookkeeping.record(
        metrics.flatMap { task, metrics in metrics.noted(task: task, window: window) }, run: run)
    }
  }

  /// Notes what combining did.
  func record(_ combining: [CombiningWindow]) {
    note { try $0.record(combining: combining.json(), run: $1) }
  }

  /// Notes a new model, trained on rows from before `dataUntil`.
  func register(model path: String, name: String, digest: String, dataUntil: Int64?) {
    note {
      try $0.registerModel(
        name: name, path: ModelNames.absolute(path), digest: digest,
        run: $1, dataUntil: dataUntil)
    }
  }

  private func note(_ body: (Bookkeeping, Int) throws -> Void) {
    guard let bookkeeping, let run else { return }
    do { try body(bookkeeping, run) } catch {
      context.logger.warning("run \(run) is noted incompletely: \(error)")
    }
  }
}

extension RunConfiguration {
  /// The configuration as JSON to be noted: the connection's address stays out.
  func notedJSON() throws -> String {
    var noted = self
    noted.database = nil
    return try noted.canonicalJSON()
  }
}

extension Range<Int64> {
  /// Neither side is open.
  fileprivate var isBounded: Bool { lowerBound > .min && upperBound < .max }
}

extension TaskMetrics {
  /// The numbers to be noted of a task on a window.
  func noted(task: String, window: String) -> [Bookkeeping.Metric] {
    let values: [(String, Double?)] = [
      ("rows", Double(rows)), ("positives", Double(positives)), ("gauc", gauc),
      ("log_loss", logLoss), ("normalised_entropy", normalisedEntropy),
      ("calibration", calibration), ("pr_auc", prAUC), ("ece", calibrationError),
    ]
    var noted = values.compactMap { name, value in
      value.map { Bookkeeping.Metric(window: window, task: task, name: name, value: $0) }
    }
    if let auc {
      noted.append(
        Bookkeeping.Metric(
          window: window, task: task, name: "auc", value: auc, low: aucLow, high: aucHigh))
    }
    return noted
  }
}
