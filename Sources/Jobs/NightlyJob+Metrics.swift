import Foundation
internal import Gates
internal import Interactions
internal import Logging
internal import PostgresLogs
internal import RunConfiguration

extension NightlyJob {
  /// Writes the numbers for Prometheus; without them the night is none the worse.
  ///
  /// Without a report the night failed; without a session, before it could be noted.
  func writeMetrics(
    of report: Report?, _ session: NightSession?, exitStatus: Int32, _ context: JobContext
  ) {
    guard let path = configuration.nightly.metricsFile else { return }
    let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
    let state: NightlyMetrics.State =
      switch report?.state {
      case nil: .failed
      case .refused: .refused
      case .published: .published
      case .nothingNew: .nothingNew
      }
    var metrics = NightlyMetrics(
      model: configuration.output.name, run: session?.run, state: state, exitStatus: exitStatus,
      startedAt: session?.startedAt ?? now, finishedAt: now)
    metrics.stages = (session?.stages ?? []).map {
      .init(name: $0.name.rawValue, seconds: $0.seconds, rows: $0.rows)
    }
    metrics.dataClock = report.flatMap { Timestamp.time($0.clock) }
    metrics.gatePassed = report?.gate?.isPassed
    for name in configuration.tasks.map(\.name) {
      guard let task = report?.tasks[name] else { continue }
      metrics.qualities.append(.init(name, .candidate, task.candidate))
      if let current = task.current { metrics.qualities.append(.init(name, .current, current)) }
    }
    if report != nil {
      session?.noteIfPossible { registry in
        let current = try registry.currentModel(configuration.output.name)
        metrics.modelVersion = current?.version
        metrics.modelCreatedAt = current?.createdAt.microseconds
      }
    }
    do { try metrics.write(to: path) } catch {
      context.logger.warning("the numbers for Prometheus were not written: \(error)")
    }
  }
}
