import Foundation
internal import Gates
internal import Interactions
internal import Logging
internal import PostgresLogs
internal import RunConfiguration

/// What is left of one night, stage after stage.
struct NightWork {
  let job: NightlyJob
  let session: NightSession
  let context: JobContext

  var configuration: RunConfiguration { job.configuration }
  var files: NightFiles { NightFiles(folder: job.nightFolder(ofRun: session.run)) }

  func run() throws -> NightlyJob.Report {
    job.removeOtherNights(than: session.run)
    try FileManager.default.createDirectory(
      atPath: files.folder, withIntermediateDirectories: true)
    _ = try session.perform(.check) { try check() }
    let read = try session.perform(.read, rows: \.rows) { try self.read() }
    let trained = try train(read)
    var report = NightlyJob.Report(
      run: session.run, state: .nothingNew, clock: Timestamp.text(read.clock), start: read.start,
      model: trained.model == nil ? nil : read.model, version: trained.version,
      reason: trained.nothingNew, rows: trained.rows, tasks: [:], gate: nil, forced: nil,
      scores: nil, stages: [],
      taskNames: configuration.tasks.map(\.name))
    if let model = trained.model {
      let evaluated = try session.perform(.evaluate, rows: \.rows) { try evaluate(read) }
      let gate = try session.perform(.gate) { try judge(read, evaluated) }
      report.tasks = tasks(trained, evaluated)
      let done = try session.detail(of: .publish, as: PublishDetail.self)
      report.forced = try done?.forced ?? forced(gate)
      report.gate = report.forced.map(gate.verdict.forced(by:)) ?? gate.verdict
      let isPublished = done != nil || gate.verdict.isPassed || report.forced != nil
      report.state = isPublished ? .published : .refused
      if isPublished { try publish(model, forced: report.forced) }
    }
    if let reason = report.reason { context.logger.info("\(reason)") }
    if report.state != .refused { report.scores = try score() }
    try record(report)
    report.stages = session.stages
    return report
  }

  // MARK: - Check

  /// Holds columns and types against the database; rows are counted when they are read.
  private func check() throws -> CheckDetail {
    var check = CheckJob(configuration: configuration)
    check.countsRows = false
    check.isNight = true
    let found = try check.run(context)
    if let first = found.problems.first {
      let text = found.problems.map(\.message).joined(separator: "; ")
      throw first.kind == .data ? JobError.badData(text) : JobError.missingConfiguration(text)
    }
    for warning in found.warnings { context.logger.warning("\(warning)") }
    return CheckDetail(warnings: found.warnings)
  }
}
