import Foundation
import Jobs

/// What tasks gain from each other, for people.
struct GainsTable {
  private let report: GainsJob.Report

  init(_ report: GainsJob.Report) { self.report = report }

  /// A table of the main tasks, one of the gains, and notes.
  var text: String {
    var mains = TextTable([
      "main task", "rows", "positives", "AUC alone", "AUC with all", "gain", interval, "verdict",
    ])
    for main in report.mains {
      mains.append(
        [
          main.task, Text.count(main.rows), Text.count(main.positives),
          Text.number(main.aucAlone), Text.number(main.aucTogether),
        ] + Self.cells(main.together))
    }
    let hasAmongAll = report.gains.contains { $0.amongAll != nil }
    var gains = TextTable(
      ["main task", "auxiliary", "gain", interval, "verdict"]
        + (hasAmongAll ? ["gain among all", interval, "verdict"] : [])
        + ["log loss", "cosine", "conflicts"],
      [.left, .left] + Array(repeating: .right, count: hasAmongAll ? 9 : 6))
    for gain in report.gains {
      gains.append(
        [gain.main, gain.auxiliary] + Self.cells(gain.alone)
          + (hasAmongAll ? gain.amongAll.map(Self.cells) ?? Self.noCells : [])
          + [
            Text.signed(gain.alone.logLossGain), Text.number(gain.cosine, digits: 3),
            gain.conflicts.map { Text.percent($0) } ?? Text.none,
          ])
    }
    var text = mains.text + "\n" + gains.text
    for main in report.mains {
      if let note = main.note { text += "\(main.task): \(note)\n" }
    }
    return text + """

      gain: AUC with the auxiliary task minus AUC without it, mean of \(report.seeds.count) \
      seed\(report.seeds.count == 1 ? "" : "s"), on the test part; among all: with all tasks, \
      rather than all but it.
      log loss: how far it falls. cosine, conflicts: of the two tasks' gradients in training.

      """
  }

  private var interval: String {
    "\(String(format: "%g", report.level * 100)) % interval"
  }

  private static let noCells = [Text.none, Text.none, Text.none]

  private static func cells(_ difference: GainsJob.Difference) -> [String] {
    [
      Text.signed(difference.aucGain), Text.signedInterval(difference.low, difference.high),
      difference.verdict.rawValue,
    ]
  }
}
