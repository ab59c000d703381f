import Foundation
internal import Logging
internal import PostgresLogs
internal import RunConfiguration

/// One nightly run as the registry knows it: the lock that it holds, and which stages are done.
///
/// What a stage came to is noted with its end, so that the next process of an interrupted run reads
/// it there instead of doing the stage again. The connection may break at any moment: it is made
/// anew, and the lock taken again, before the next note.
final class NightSession {
  let run: Int
  /// When the run began, in microseconds since 1970 UTC by the server's clock.
  let startedAt: Int64
  private(set) var stages: [NightlyJob.StageReport] = []
  /// The stage that was begun last.
  private(set) var current: NightlyStage?

  private let context: JobContext
  private let describe: (any Error) -> String
  private let location: DatabaseLocation
  private let model: String
  private let retrying: Retrying
  private var lock: ModelLock
  private var registry: Bookkeeping
  /// Of the connection that holds the lock.
  private var backend: Backend
  /// As what this process has begun to end the run.
  private var end: RunState?
  private var finished: [NightlyStage: Stage]

  /// Takes the lock of the model's name, and goes on with its unfinished run or starts another.
  ///
  /// - Parameters:
  ///   - configuration: Of the night.
  ///   - context: Whom the night talks to.
  ///   - describe: Says an error in one line.
  ///   - whyUnfit: Says why an unfinished run can't be gone on with; nil where it can.
  /// - Throws: ``JobError/locked(model:holder:)`` where another run holds the lock.
  init(
    _ configuration: RunConfiguration, _ context: JobContext,
    describe: @escaping (any Error) -> String,
    whyUnfit: (_ run: Run, _ registry: Bookkeeping) throws -> String?
  ) throws {
    self.context = context
    self.describe = describe
    location = DatabaseLocation(configuration)
    model = configuration.output.name
    retrying = Retrying(configuration.limits, waitsForServer: true, context: context)
    (lock, registry, backend, run, startedAt, finished) = try retrying.run { [location, model] _ in
      let connection = try location.connect(isCancelled: context.isCancelled)
      let lock = try ModelLock(model: model, on: connection)
      let registry = try Bookkeeping(connection)
      let run = try Self.begin(configuration, registry, context, whyUnfit: whyUnfit)
      return (
        lock, registry, try Backend(of: connection), run,
        try registry.run(run)?.startedAt.microseconds ?? 0,
        Self.finished(try registry.stages(ofRun: run))
      )
    }
  }

  /// Takes over the model's unfinished run, or starts another; done again after a loss, it takes over
  /// what it has started.
  private static func begin(
    _ configuration: RunConfiguration, _ registry: Bookkeeping, _ context: JobContext,
    whyUnfit: (_ run: Run, _ registry: Bookkeeping) throws -> String?
  ) throws -> Int {
    let model = configuration.output.name
    if let former = try registry.unfinishedRun(kind: RunKind.nightly.rawValue, model: model) {
      guard let reason = try whyUnfit(former, registry) else {
        try registry.takeOver(run: former.id)
        context.onRun(former.id)
        context.logger.info(
          """
          run \(former.id), which stopped in \(former.stage ?? "its beginning"), goes on: attempt \
          \(former.attempts + 1)
          """)
        return former.id
      }
      let whole = former.error.map { "\(reason); before that: \($0)" } ?? reason
      try registry.abandonRun(former.id, reason: whole)
      context.logger.warning(
        "run \(former.id) is abandoned: \(reason)", metadata: ["run": .stringConvertible(former.id)]
      )
    }
    let run = try registry.startRun(
      kind: RunKind.nightly.rawValue, model: model, configuration: configuration.notedJSON())
    context.onRun(run)
    return run
  }

  /// The server's process of a connection.
  private struct Backend {
    let process: String?
    let startedAt: String?

    init(of connection: PostgresConnection) throws {
      let rows = try connection.query(
        "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
      ).rows
      process = rows.first?[0]
      startedAt = rows.first?[1]
    }

    /// Ends it, where it still is; another process may have its number by now.
    func end(over connection: PostgresConnection) {
      guard let process, let startedAt else { return }
      _ = try? connection.value(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid = $1::int4 AND backend_start = $2::timestamptz
        """, [process, startedAt])
    }
  }

  private static func finished(_ stages: [Stage]) -> [NightlyStage: Stage] {
    var finished: [NightlyStage: Stage] = [:]
    for stage in stages where stage.state == .finished {
      if let name = NightlyStage(rawValue: stage.name) { finished[name] = stage }
    }
    return finished
  }

  /// Gives the lock back.
  func close() { lock.release() }

  // MARK: - Notes

  /// Works on the registry, again on a new connection where the one at hand breaks.
  ///
  /// `work` must come to the same when it is done twice.
  func noted<R>(_ work: (Bookkeeping) throws -> R) throws -> R {
    try retrying.run { _ in
      if !lock.connection.isOpen { try reconnect() }
      return try work(registry)
    }
  }

  /// As ``noted(_:)``, once, and a failure is only told: for what comes beside another error.
  func noteIfPossible(_ work: (Bookkeeping) throws -> Void) {
    do {
      if !lock.connection.isOpen { try reconnect() }
      try work(registry)
    } catch {
      context.logger.warning("run \(run) is noted incompletely: \(error)")
    }
  }

  /// Connects anew and takes the lock again.
  ///
  /// The server may not have noticed yet that the former connection is gone, and hold its lock.
  private func reconnect() throws {
    let connection = try location.connect(isCancelled: context.isCancelled)
    backend.end(over: connection)
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      do {
        lock = try ModelLock(model: model, on: connection)
        break
      } catch let error as JobError {
        guard case .locked = error, ContinuousClock.now < deadline else { throw error }
        try context.checkCancelled()
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
    registry = try Bookkeeping(connection)
    backend = try Backend(of: connection)
    if let end, try registry.run(run)?.state == end { return }
    try registry.reattach(run: run)
  }

  /// Notes the run's end, which `work` does in one transaction.
  func end(as state: RunState, _ work: (Bookkeeping) throws -> Void) throws {
    end = state
    try noted { registry in
      // The connection may have broken after the transaction, before its answer came.
      if try registry.run(run)?.state != state { try work(registry) }
    }
  }

  // MARK: - Stages

  /// What an earlier attempt or an earlier stage of this one came to; nil where it is not done.
  func detail<Detail: Decodable>(of stage: NightlyStage, as type: Detail.Type) throws -> Detail? {
    guard let known = finished[stage]?.detail else { return nil }
    return try known.decoded(as: type)
  }

  /// Does a stage, or takes what it came to in an earlier attempt.
  ///
  /// - Parameters:
  ///   - stage: Which.
  ///   - rows: The rows that it worked on, where that can be told.
  ///   - work: Comes to the same when it is done again after a failure on its way.
  /// - Returns: What the stage came to.
  /// - Throws: The error of the work, which is noted.
  func perform<Detail: Codable>(
    _ stage: NightlyStage, rows: (Detail) -> Int? = { _ in nil }, _ work: () throws -> Detail
  ) throws -> Detail {
    try attempt(stage, rows: rows) {
      let detail = try retrying.run { _ in try work() }
      let json = try detail.json()
      try noted {
        try $0.finishStage(stage.rawValue, run: run, rows: rows(detail), detail: json)
      }
      return detail
    }
  }

  /// As ``perform(_:rows:_:)``, for a stage with an effect that others see: the effect and its note
  /// are one transaction.
  ///
  /// `work` calls what it is given, once, at the end of that transaction.
  func publish<Detail: Codable>(
    _ stage: NightlyStage, rows: @escaping (Detail) -> Int? = { _ in nil },
    _ work: (Bookkeeping, _ finish: @escaping (Detail) throws -> Void) throws -> Detail
  ) throws -> Detail {
    try attempt(stage, rows: rows) {
      try noted { registry in
        // The connection may have broken after the transaction, before its answer came.
        finished = Self.finished(try registry.stages(ofRun: run))
        if let known = try detail(of: stage, as: Detail.self) { return known }
        return try work(registry) { [run] detail in
          try registry.finishStage(
            stage.rawValue, run: run, rows: rows(detail), detail: detail.json())
        }
      }
    }
  }

  private func attempt<Detail: Codable>(
    _ stage: NightlyStage, rows: (Detail) -> Int?, _ work: () throws -> Detail
  ) throws -> Detail {
    if let known = try detail(of: stage, as: Detail.self) {
      stages.append(
        .init(
          name: stage, seconds: finished[stage]?.seconds ?? 0, rows: finished[stage]?.rows,
          wasDone: true))
      context.logger.info("\(stage.rawValue): done by an earlier attempt")
      return known
    }
    try context.checkCancelled()
    current = stage
    try noted { try $0.beginStage(stage.rawValue, run: run) }
    let start = ContinuousClock.now
    do {
      let detail = try work()
      let seconds = start.duration(to: .now) / .seconds(1)
      stages.append(.init(name: stage, seconds: seconds, rows: rows(detail), wasDone: false))
      let counted = rows(detail).map { ", \($0) rows" } ?? ""
      var metadata: Logger.Metadata = [
        "stage": "\(stage.rawValue)", "run": .stringConvertible(run),
        "seconds": .stringConvertible((seconds * 1_000).rounded() / 1_000),
      ]
      if let count = rows(detail) { metadata["rows"] = .stringConvertible(count) }
      context.logger.info(
        "\(stage.rawValue): done in \(String(format: "%.1f", seconds)) s\(counted)",
        metadata: metadata)
      return detail
    } catch {
      noteIfPossible { try $0.failStage(stage.rawValue, run: run, error: describe(error)) }
      throw error
    }
  }
}
