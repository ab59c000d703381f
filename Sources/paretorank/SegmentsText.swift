import Jobs
import RankingMetrics

/// The tables of a report that was cut by columns.
struct SegmentsText {
  private let tables: [SegmentTable<TaskMetrics>]
  private let tasks: [String]

  init(_ tables: [SegmentTable<TaskMetrics>], tasks: [String]) {
    self.tables = tables
    self.tasks = tasks
  }

  /// One table after another, with a row for each segment and task.
  var text: String { tables.map(text).joined() }

  private func text(_ table: SegmentTable<TaskMetrics>) -> String {
    var rows = TextTable(
      [
        table.column, "task", "rows", "positives", "AUC", "95 % interval", "log loss",
        "calibration", "too small to judge",
      ], [.left, .left, .right, .right, .right, .right, .right, .right, .left])
    for segment in table.segments {
      for (index, task) in tasks.enumerated() {
        guard let metrics = segment.tasks[task] else { continue }
        rows.append([
          index == 0 ? segment.name : "", task, Text.count(metrics.rows),
          Text.count(metrics.positives), Text.number(metrics.auc),
          Text.interval(metrics.aucLow, metrics.aucHigh), Text.number(metrics.logLoss),
          Text.number(metrics.calibration, digits: 3), segment.tooSmall[task] ?? "",
        ])
      }
    }
    return "\n" + rows.text
  }
}

extension SegmentTable.Segment {
  /// The value, and how many were pooled.
  var name: String {
    pooled.map { "\(value) (\(Text.count($0)) values)" } ?? value
  }
}
