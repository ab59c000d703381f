internal import Foundation
internal import Gates
internal import RankingMetrics
internal import Reports

extension NightlySummary.Run {
  /// How it ended, and the gate's verdict.
  var summary: String {
    let told = reason.flatMap { $0 == verdict?.paragraph ? nil : $0 }
    let end =
      switch state {
      case .running: "Run \(number) has not ended."
      case .nothingNew:
        told.map { "Run \(number), \($0)." } ?? "Run \(number) found no new row."
      case .published: "Run \(number) is published."
      case .forced: "Run \(number) is published against the gate."
      case .refused: "Run \(number) was refused by the gate\(told.map { ": \($0)" } ?? ".")"
      case .failed: "Run \(number) failed\(told.map { ": \($0)" } ?? ".")"
      }
    guard let verdict else { return end }
    return (end.hasSuffix(".") ? end : end + ".") + " " + verdict.paragraph
  }

  /// Why it was not published in the ordinary way: what failed, by name alone.
  var shortReason: String {
    let failed = (verdict?.checks ?? []).filter { !$0.passed }
      .map { $0.subject.isEmpty ? $0.measure.words : "\($0.measure.words) of \($0.subject)" }
    let told = reason.flatMap { $0 == verdict?.paragraph ? nil : $0 }
    let more = failed.count > 3 ? " and \(failed.count - 3) more" : ""
    let names = failed.isEmpty ? nil : failed.prefix(3).joined(separator: ", ") + more
    return [told, names].compactMap { $0 }.joined(separator: "; ")
  }

  var facts: [ReportPage.Fact] {
    [
      ReportPage.Fact("Run", "\(number)"), ReportPage.Fact("Started", startedText),
      ReportPage.Fact("State", state.rawValue),
      rows.map { ReportPage.Fact("New rows", ReportNumber.count($0)) },
      stages.isEmpty
        ? nil : ReportPage.Fact("Took", "\(ReportNumber.text(seconds, digits: 1)) s"),
    ].compactMap { $0 }
  }

  /// To the second, in UTC.
  var startedText: String { started.formatted(.iso8601) }

  /// Of all stages.
  var seconds: Double { stages.reduce(0) { $0 + $1.seconds } }

  /// So many checks of the data that passed are shown; the rest is like them.
  private static let longest = 40

  /// Everything about this run alone.
  var section: ReportPage.Section {
    var parts: [ReportPage.Part] = []
    if tasks.contains(where: { $0.candidate != nil }) { parts.append(.table(comparison)) }
    if let checks = verdict?.checks, !checks.isEmpty {
      let passed = checks.filter(\.passed)
      parts.append(.table(.checks(checks.filter { !$0.passed } + passed.prefix(Self.longest))))
      if passed.count > Self.longest {
        parts.append(.paragraph("\(passed.count - Self.longest) more checks passed."))
      }
    }
    if !stages.isEmpty { parts.append(.table(durations)) }
    if parts.isEmpty { parts.append(.paragraph("Nothing was measured.")) }
    let gate = """
      The models on the same rows, what the gate found, and where the time went. A check fails \
      only where chance doesn't explain it; those that failed come first.
      """
    return ReportPage.Section(
      "Tonight", explanation: verdict == nil ? "What is known of the newest run." : gate,
      parts: parts)
  }

  private var comparison: ReportTable {
    ReportTable(
      [
        ReportTable.Column("task", .leading), ReportTable.Column("rows"),
        ReportTable.Column("positives"), ReportTable.Column("AUC"),
        ReportTable.Column("95 % interval"), ReportTable.Column("current model"),
        ReportTable.Column("calibration"), ReportTable.Column("current model"),
      ],
      rows: tasks.compactMap { task in
        task.candidate.map { metrics in
          [
            task.name, ReportNumber.count(metrics.rows), ReportNumber.count(metrics.positives),
            ReportNumber.text(metrics.auc), ReportNumber.interval(metrics.aucLow, metrics.aucHigh),
            ReportNumber.text(task.current?.auc),
            ReportNumber.text(metrics.calibration, digits: 3),
            ReportNumber.text(task.current?.calibration, digits: 3),
          ]
        }
      })
  }

  private var durations: ReportTable {
    ReportTable(
      [
        ReportTable.Column("stage", .leading), ReportTable.Column("seconds"),
        ReportTable.Column("share"),
      ],
      rows: stages.map {
        [
          $0.name, ReportNumber.text($0.seconds, digits: 1),
          ReportNumber.share(seconds > 0 ? $0.seconds / seconds : nil),
        ]
      })
  }
}

extension ReportTable {
  /// What was held against a limit.
  fileprivate static func checks(_ checks: [GateCheck]) -> ReportTable {
    ReportTable(
      [
        Column("check", .leading), Column("of", .leading), Column("result", .leading),
        Column("value"), Column("allowed"), Column("before"), Column("tonight"),
        Column("interval"),
      ],
      rows: checks.map { check in
        [
          check.measure.words, check.subject.isEmpty ? "the log" : check.subject,
          check.passed ? "passed" : "failed", check.text(check.value), check.allowed,
          check.level(check.former), check.level(check.tonight), check.intervalText,
        ]
      })
  }
}

extension GateCheck.Measure {
  fileprivate var words: String {
    switch self {
    case .auc: "AUC"
    case .calibration: "calibration"
    case .positives: "positives"
    case .rows: "rows a day"
    case .labelRate: "label rate"
    case .missing: "missing values"
    case .newIDs: "new ids"
    case .stability: "stability"
    }
  }
}

extension GateCheck {
  /// A value in the measure's own form.
  fileprivate func text(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    switch measure {
    case .auc: return ReportNumber.signed(value)
    case .positives: return ReportNumber.count(Int(value))
    case .calibration, .rows, .labelRate: return ReportNumber.text(value, digits: 2)
    case .missing, .newIDs: return ReportNumber.signed(value * 100, digits: 1) + " %"
    case .stability: return ReportNumber.text(value, digits: 3)
    }
  }

  fileprivate var intervalText: String {
    guard low != nil || high != nil else { return "–" }
    return "\(text(low)) to \(high == nil ? "∞" : text(high))"
  }

  /// What passes.
  fileprivate var allowed: String {
    switch measure {
    case .auc: value == nil && passed ? "–" : "≥ \(text(limit))"
    case .positives: "≥ \(text(limit))"
    case .calibration, .rows, .labelRate: "\(text(1 / limit)) to \(text(limit))"
    case .missing, .newIDs, .stability: "≤ \(text(limit))"
    }
  }

  /// The number behind a change.
  fileprivate func level(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    switch measure {
    case .auc: return ReportNumber.text(value)
    case .rows: return ReportNumber.count(Int(min(value.rounded(), 1e15)))
    case .labelRate, .missing, .newIDs: return ReportNumber.share(value, digits: 2)
    case .calibration, .positives, .stability: return "–"
    }
  }
}
