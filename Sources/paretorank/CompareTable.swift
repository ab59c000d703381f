import Jobs
import RankingMetrics

/// What two models are worth on the same rows, for people.
struct CompareTable {
  private let report: CompareJob.Report

  init(_ report: CompareJob.Report) { self.report = report }

  /// What was compared, a table of the tasks, notes, and a table for each cut.
  var text: String {
    let head = TextTable(pairs: [
      ("first", Self.name(report.first, report.firstVersion)),
      ("second", Self.name(report.second, report.secondVersion)), ("window", report.window),
      ("rows", Text.count(report.rows)),
    ])
    var tasks = TextTable(
      ["task"] + Self.headers + ["verdict"],
      [.left] + Self.headers.map { _ in .right } + [.left])
    var notes = ""
    for task in report.taskNames {
      guard let found = report.tasks[task] else { continue }
      tasks.append([task] + Self.cells(found) + [found.verdict.rawValue])
      if let note = found.note { notes += "\(task): \(note)\n" }
    }
    for (which, names) in [("first", report.onlyFirst), ("second", report.onlySecond)]
    where !names.isEmpty {
      notes += "only the \(which) model has \(names.joined(separator: ", "))\n"
    }
    return head.text + "\n" + tasks.text + notes + (report.by ?? []).map(text).joined()
  }

  private func text(_ table: SegmentTable<CompareJob.TaskComparison>) -> String {
    let headers = Self.headers + ["verdict", "too small to judge"]
    var rows = TextTable(
      [table.column, "task"] + headers,
      [.left, .left] + Self.headers.map { _ in .right } + [.left, .left])
    for segment in table.segments {
      for (index, task) in report.taskNames.enumerated() {
        guard let found = segment.tasks[task] else { continue }
        rows.append(
          [index == 0 ? segment.name : "", task] + Self.cells(found)
            + [found.verdict.rawValue, segment.tooSmall[task] ?? ""])
      }
    }
    return "\n" + rows.text
  }

  private static func name(_ path: String, _ version: Int?) -> String {
    version.map { "version \($0), \(path)" } ?? path
  }

  private static let headers = [
    "rows", "positives", "AUC first", "AUC second", "gain", "95 % interval", "log loss gain",
    "95 % interval",
  ]

  private static func cells(_ found: CompareJob.TaskComparison) -> [String] {
    [
      Text.count(found.first.rows), Text.count(found.first.positives),
      Text.number(found.first.auc), Text.number(found.second.auc), Text.signed(found.aucGain),
      Text.signedInterval(found.aucGainLow, found.aucGainHigh), Text.signed(found.logLossGain),
      Text.signedInterval(found.logLossGainLow, found.logLossGainHigh),
    ]
  }
}
