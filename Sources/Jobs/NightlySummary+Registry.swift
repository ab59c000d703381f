import Foundation
internal import Gates
internal import PostgresLogs
internal import RankingMetrics

extension NightlySummary {
  /// The last nights of a model, as the registry has them.
  init(of model: String, in registry: Bookkeeping) throws {
    self.init(model: model, runs: [])
    let nights = try registry.runs(
      kind: RunKind.nightly.rawValue, model: model, limit: Self.longest)
    runs = try nights.reversed().map { night in
      let findings = try registry.findings(ofRun: night.id)
      let report = try findings?.report?.decoded(as: NightlyJob.Report.self)
      let verdict = try findings?.gate?.decoded(as: GateVerdict.self)
      var run = Run(
        number: Int64(night.id),
        started: Date(timeIntervalSince1970: Double(night.startedAt.microseconds) / 1e6),
        state: State(night, report), reason: night.reason ?? night.error, rows: night.rows)
      run.tasks = (report?.taskNames ?? []).compactMap { name in
        report?.tasks[name].map {
          Task(name: name, candidate: $0.candidate, current: $0.current)
        }
      }
      run.stages = try registry.stages(ofRun: night.id).compactMap { stage in
        stage.seconds.map { Stage(name: stage.name, seconds: $0) }
      }
      run.drift = try NightNotes.profile(findings?.drift)
      run.verdict = verdict
      return run
    }
  }
}

extension NightlySummary.State {
  fileprivate init(_ run: PostgresLogs.Run, _ report: NightlyJob.Report?) {
    self =
      switch run.state {
      case .running: .running
      case .refused: .refused
      case .finished where report?.state == .nothingNew: .nothingNew
      case .finished: report?.forced == nil ? .published : .forced
      case .failed, .interrupted, .abandoned: .failed
      }
  }
}

extension JSONValue {
  func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
  }
}

extension NightlyMetrics.Quality {
  init(_ task: String, _ role: Role, _ metrics: TaskMetrics) {
    self.init(
      task: task, role: role, auc: metrics.auc, aucLow: metrics.aucLow, aucHigh: metrics.aucHigh,
      calibration: metrics.calibration)
  }
}
