import Gates
import Jobs
import RankingMetrics

/// A night's report as tables.
struct NightlyText {
  private let report: NightlyJob.Report
  /// Whether the reader has seen the reasons among the messages.
  private let wasTold: Bool

  init(_ report: NightlyJob.Report, wasTold: Bool) {
    self.report = report
    self.wasTold = wasTold
  }

  var text: String {
    var pairs = [
      ("run", "\(report.run)"),
      ("state", report.state == .nothingNew ? "nothing new" : report.state.rawValue),
      ("training", report.start), ("log until", report.clock), ("rows", Text.count(report.rows)),
    ]
    if let model = report.model { pairs.append(("model", model)) }
    if let version = report.version { pairs.append(("version", "\(version)")) }
    if let scores = report.scores {
      pairs.append(("scores", "\(Text.count(scores.written)) in \(scores.destination)"))
    }
    if let forced = report.forced { pairs.append(("forced", forced)) }
    var parts = [TextTable(pairs: pairs).text]
    if !report.tasks.isEmpty { parts.append(tasks.text) }
    if wasTold { return parts.joined(separator: "\n") }
    if let reason = report.reason { parts.append(reason + "\n") }
    if let gate = report.gate { parts.append(gate.paragraph + "\n") }
    return parts.joined(separator: "\n")
  }

  private var tasks: TextTable {
    var table = TextTable([
      "task", "trained on", "AUC", "current", "gain", "95 % interval", "calibration",
    ])
    for name in report.taskNames {
      guard let task = report.tasks[name] else { continue }
      table.append([
        name, Text.count(task.trainingRows), Text.number(task.candidate.auc),
        Text.number(task.current?.auc), Text.signed(task.aucGain),
        Text.signedInterval(task.aucGainLow, task.aucGainHigh),
        Text.number(task.candidate.calibration, digits: 3),
      ])
    }
    return table
  }
}
