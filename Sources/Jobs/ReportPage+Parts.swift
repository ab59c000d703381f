internal import Foundation
internal import Interactions
internal import RankingMetrics
internal import Reports
internal import RunConfiguration
internal import Training

// What the pages of several jobs have in common.

extension ReportPage.Section {
  /// The configuration, folded away; the database's address stays out.
  static func configuration(_ configuration: RunConfiguration) -> ReportPage.Section {
    var shown = configuration
    shown.database = nil
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = (try? encoder.encode(shown)).map { String(decoding: $0, as: UTF8.self) } ?? "–"
    return ReportPage.Section(
      "Configuration",
      explanation: "All settings, those left at their defaults included, with which this was made.",
      parts: [.preformatted(title: "Show the configuration", text: text)])
  }

  /// How experts are shared out; nil without gates.
  static func gateUse(_ gates: [GateUse], of rows: String) -> ReportPage.Section? {
    guard let expertCount = gates.map(\.shares.count).max(), expertCount > 0 else { return nil }
    let names = gates.map { $0.tasks.joined(separator: ", ") }
    return ReportPage.Section(
      "Experts",
      explanation: """
        Each task's gate mixes the experts anew for every row. Tasks with like shares use the same \
        experts; an expert that nobody uses could be saved.
        """,
      parts: [
        .plot(
          Plot(
            name: "gates", title: "Which expert serves which task",
            explanation: "Mean share of each expert in each task's mixture, over the \(rows) rows.",
            kind: .heatMap(
              HeatMap(
                scale: .share, rowNames: names, columnNames: (1...expertCount).map { "\($0)" },
                columnTitle: "expert",
                values: gates.map { gate in
                  (0..<expertCount).map { $0 < gate.shares.count ? gate.shares[$0] : nil }
                })))),
        .table(
          ReportTable(
            [
              ReportTable.Column("task", .leading), ReportTable.Column("entropy (nats)"),
              ReportTable.Column("of at most"),
            ],
            rows: zip(names, gates).map { name, gate in
              [
                name, ReportNumber.text(gate.entropy, digits: 3),
                ReportNumber.text(log(Double(gate.shares.count)), digits: 3),
              ]
            })),
        .paragraph(
          """
          Entropy says how evenly a gate mixes within a row: 0 where one expert has all, the most \
          where all have the same.
          """),
      ])
  }
}

extension ReportPage.Fact {
  /// Rows and times of each part that has rows.
  static func parts(of data: DataSummary) -> [ReportPage.Fact] {
    SplitPart.allCases.compactMap { part in
      guard let rows = data.rows[part.rawValue], rows > 0 else { return nil }
      let window = data.windows[part.rawValue].map { ", \($0.words)" }
      return ReportPage.Fact(
        "\(part.rawValue.capitalized) data", "\(ReportNumber.count(rows)) rows" + (window ?? ""))
    }
  }
}

extension ReportTable {
  /// Every task's metrics.
  static func metrics(
    _ tasks: [(name: String, metrics: TaskMetrics)], bestPossible: [String: Double] = [:]
  ) -> ReportTable {
    let hasBest = !bestPossible.isEmpty
    return ReportTable(
      [
        Column("task", .leading), Column("rows"), Column("positives"), Column("AUC"),
        Column("95 % interval"),
      ] + (hasBest ? [Column("best possible")] : [])
        + [
          Column("GAUC"), Column("PR AUC"), Column("log loss"), Column("calibration"),
          Column("calibration error"),
        ],
      rows: tasks.map { name, metrics in
        [
          name, ReportNumber.count(metrics.rows), ReportNumber.count(metrics.positives),
          ReportNumber.text(metrics.auc),
          ReportNumber.interval(metrics.aucLow, metrics.aucHigh),
        ] + (hasBest ? [ReportNumber.text(bestPossible[name])] : [])
          + [
            ReportNumber.text(metrics.gauc), ReportNumber.text(metrics.prAUC),
            ReportNumber.text(metrics.logLoss), ReportNumber.text(metrics.calibration, digits: 3),
            ReportNumber.text(metrics.calibrationError),
          ]
      })
  }
}

extension ReportPage.Part {
  /// What the columns of ``ReportTable/metrics(_:bestPossible:)`` mean, and why some are empty.
  static func metricNotes(_ tasks: [(name: String, metrics: TaskMetrics)]) -> [ReportPage.Part] {
    let notes = tasks.compactMap { name, metrics in metrics.note.map { "\(name): \($0)" } }
    return [
      .paragraph(
        """
        AUC is how often a positive row scores above a negative one; 0.5 is chance. GAUC is the \
        same within each user or request. PR AUC is the mean precision on the way down to the last \
        positive. Calibration is the mean prediction over the share of positives: 1 is right.
        """)
    ] + (notes.isEmpty ? [] : [.paragraph(notes.joined(separator: ". ") + ".")])
  }
}

extension ReportNumber {
  /// As in `0.7012 to 0.7123`, or with signs, `−0.0012 to +0.0123`.
  static func interval(_ low: Double?, _ high: Double?, isSigned: Bool = false) -> String {
    guard let low, let high else { return "–" }
    return isSigned ? "\(signed(low)) to \(signed(high))" : "\(text(low)) to \(text(high))"
  }

  /// As in `12.3 %`.
  static func share(_ share: Double?, digits: Int = 1) -> String {
    share.map { text($0 * 100, digits: digits) + " %" } ?? "–"
  }
}

extension TimeWindow {
  /// To the minute, as in `2026-03-01 00:00 to 2026-03-02 23:59 UTC`.
  var words: String {
    "\(Timestamp.text(from).prefix(16)) to \(Timestamp.text(to - 1).prefix(16)) UTC"
  }
}
