import Foundation
internal import Gates
internal import Interactions
internal import Logging
internal import PostgresLogs
internal import Reports
internal import RunConfiguration

extension NightWork {
  /// Makes the new model the current one.
  func publish(_ model: Int, forced: String?) throws {
    let published: PublishDetail = try session.publish(.publish) { registry, finish in
      let kept = try registry.model(model)?.version
      var detail = PublishDetail(version: kept ?? 0, forced: forced)
      detail.previous = try registry.currentModel(configuration.output.name)?.version
      try registry.promoteModel(model, run: session.run, kind: .publish, reason: forced) {
        try finish(detail)
      }
      return detail
    }
    let former = published.previous.map { ", after \($0)" } ?? ""
    context.logger.info("version \(published.version) is the current model\(former)")
  }

  /// Scores the candidates with the current model; nil where the configuration asks for no scores, or
  /// there is no model.
  func score() throws -> ScoreJob.Report? {
    guard configuration.scoring != nil,
      let current = try session.noted({ try $0.currentModel(configuration.output.name) })
    else { return nil }
    let job = ScoreJob(configuration: configuration, model: current.path)
    return try session.publish(.score, rows: \.candidates) { registry, finish in
      guard
        let report = try job.score(for: session.run, in: registry, context, finally: finish)
      else { preconditionFailure("scoring was asked for") }
      return report
    }
  }

  /// Prunes old models, notes how the night ended, and writes what the morning reads.
  func record(_ report: NightlyJob.Report) throws {
    let pruned: RecordDetail = try session.perform(.record) {
      try session.noted { registry in
        RecordDetail(
          pruned: try Registry.prune(
            configuration.output.name, keeping: configuration.nightly.keep, registry, context
          ).map(\.version).sorted())
      }
    }
    if !pruned.pruned.isEmpty { context.logger.info("\(Self.told(deleted: pruned.pruned))") }
    try session.end(as: report.state == .refused ? .refused : .finished) { registry in
      var noted = report
      noted.stages = session.stages
      try registry.record(report: noted.json(), run: session.run)
      if report.state == .refused {
        try registry.refuseRun(
          session.run, reason: report.gate?.paragraph ?? "", rowCount: report.rows)
      } else {
        if let reason = report.reason { try registry.setReason(reason, run: session.run) }
        _ = try registry.finishRun(session.run, rowCount: report.rows)
      }
    }
    do { try FileManager.default.removeItem(atPath: files.folder) } catch {
      context.logger.warning("\(files.folder) could not be deleted: \(error.localizedDescription)")
    }
    writePage()
    job.writeMetrics(of: report, session, exitStatus: report.state == .refused ? 3 : 0, context)
  }

  private static func told(deleted versions: [Int]) -> String {
    let list = versions.map { "\($0)" }.formatted(
      .list(type: .and).locale(Locale(identifier: "en_GB")))
    return (versions.count == 1 ? "version \(list) was" : "versions \(list) were")
      + " deleted; nightly.keep says how many stay"
  }

  // MARK: - What the morning reads

  /// Writes the page of the last nights; without it the night is none the worse.
  private func writePage() {
    guard let directory = configuration.nightly.report else { return }
    do {
      let writer = try ReportWriter(directory: directory)
      let summary = try session.noted { registry in
        try NightlySummary(of: configuration.output.name, in: registry)
      }
      let path = try writer.write(summary.page())
      context.logger.info("wrote \(path)")
    } catch {
      context.logger.warning("the report was not written: \(error)")
    }
  }
}
