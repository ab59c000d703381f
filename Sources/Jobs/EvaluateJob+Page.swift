internal import Combiners
public import Foundation
internal import Interactions
internal import Networks
internal import RankingMetrics
public import Reports
internal import RunConfiguration
internal import Training

extension EvaluateJob.Report {
  /// The report as a page: how good the model is, task by task.
  ///
  /// Curves are there where the job was asked for them, see ``EvaluateJob/drawsCurves``.
  ///
  /// - Parameters:
  ///   - stored: What the model's directory says of it, as in ``ModelDescription/init(opening:)``.
  ///   - date: When the report was made.
  /// - Returns: The page, for a `ReportWriter`.
  public func page(of stored: ModelDescription, at date: Date = Date()) -> ReportPage {
    let measured = taskNames.compactMap { name in tasks[name].map { (name: name, metrics: $0) } }
    let values = measured.map { "\($0.name) \(ReportNumber.text($0.metrics.auc))" }
    let span = stored.windows[window].map { ", \($0.words)" } ?? ""
    return ReportPage(
      title: "Quality of \(stored.name)",
      summary: "AUC on \(ReportNumber.count(rows)) rows: \(values.joined(separator: ", ")).",
      facts: [
        ReportPage.Fact("Model", model + (chosen.map { ", \($0)" } ?? "")),
        ReportPage.Fact("Window", window + span),
        ReportPage.Fact("Rows", ReportNumber.count(rows)),
        ReportPage.Fact("Network", stored.configuration.network.architecture.rawValue),
        ReportPage.Fact("Combiner", stored.configuration.combiner.kind.rawValue),
      ] + weightsFact + [
        ReportPage.Fact("Trained", stored.createdAt.formatted(.iso8601)),
        ReportPage.Fact(
          "Made", "\(date.formatted(.iso8601)), ParetoRank \(ProductVersion.current)"),
      ],
      sections: [
        metrics(measured), order, probabilities, .gateUse(gateUse, of: window),
      ].compactMap { $0 } + (by ?? []).map(segments)
        + [.configuration(stored.configuration)])
  }

  private func metrics(
    _ measured: [(name: String, metrics: TaskMetrics)]
  ) -> ReportPage.Section {
    let rows = measured.map { name, metrics in
      ForestPlot.Row(
        name, metrics.auc, interval: metrics.aucInterval,
        verdict: metrics.aucLow ?? 0 > 0.5
          ? .better : metrics.aucHigh ?? 1 < 0.5 ? .worse : .undecided)
    }
    return ReportPage.Section(
      "Metrics", explanation: "How well each task's predictions order and fit what happened.",
      parts: [
        .table(.metrics(measured, bestPossible: bestPossibleAUC)),
        .plot(
          Plot(
            name: "auc", title: "AUC with its 95 % interval",
            explanation: "The line at 0.5 is chance: better lies right of it.",
            kind: .forest(ForestPlot(axis: PlotAxis("AUC"), rows: rows, zero: 0.5)))),
      ] + ReportPage.Part.metricNotes(measured)
        + (bestPossibleAUC.isEmpty
          ? []
          : [
            .paragraph(
              """
              Best possible is the AUC of the probabilities that the outcomes were drawn from: no \
              model can be expected to do better.
              """)
          ]))
  }

  /// The trade-off that a conditioned model was measured at.
  private var weightsFact: [ReportPage.Fact] {
    guard let weights else { return [] }
    let shares = taskNames.map { "\($0) \(ReportNumber.text(weights[$0], digits: 2))" }
    return [ReportPage.Fact("Weights", shares.joined(separator: ", "))]
  }

  // MARK: Curves

  private var order: ReportPage.Section? {
    guard let curves, curves.values.contains(where: { !$0.roc.isEmpty || !$0.lift.isEmpty }) else {
      return nil
    }
    func lines(_ points: KeyPath<TaskCurves, [TaskCurves.Point]>) -> [LinePlot.Series] {
      series(curves) { $0[keyPath: points].map { LinePlot.Point($0.x, $0.y) } }
    }
    let lifted = taskNames.compactMap { name in curves[name].map { (name, $0.lift) } }
      .filter { !$0.1.isEmpty }
    let tenths = lifted.map(\.1.count).max() ?? 0
    return ReportPage.Section(
      "Order",
      explanation: "Going down from the highest score: how early are the positives found?",
      parts: [
        .plot(
          Plot(
            name: "roc", title: "Receiver operating characteristic",
            explanation: """
              Of the positives, the share found by the time that a share of the negatives was passed; \
              the area below is the AUC.
              """,
            kind: .lines(
              LinePlot(
                x: PlotAxis("negatives passed", range: 0...1, isShare: true),
                y: PlotAxis("positives found", range: 0...1, isShare: true), series: lines(\.roc),
                diagonal: "chance")))),
        .plot(
          Plot(
            name: "lift", title: "Lift by tenth of the rows",
            explanation: "Share of positives in each tenth, over that of all rows.",
            kind: .bars(
              BarPlot(
                categoryTitle: "tenth, highest scores first",
                categories: (0..<tenths).map { "\($0 + 1)" }, y: PlotAxis("lift"),
                series: lifted.map { BarPlot.Series($0, $1) }, reference: (1, "chance"))))),
        .plot(
          Plot(
            name: "precision-recall", title: "Precision and recall",
            explanation: """
              Of the rows passed by the time that a share of the positives was found, the share that \
              is positive.
              """,
            kind: .lines(
              LinePlot(
                x: PlotAxis("positives found", range: 0...1, isShare: true),
                y: PlotAxis("precision", isShare: true), series: lines(\.precisionRecall))))),
      ])
  }

  private var probabilities: ReportPage.Section? {
    guard let curves, curves.values.contains(where: { !$0.reliability.isEmpty }) else { return nil }
    let lines = series(curves) { curves in
      curves.reliability.filter { $0.prediction > 0 }.map { bin in
        LinePlot.Point(
          bin.prediction, bin.share > 0 ? bin.share : nil,
          band: bin.low > 0 ? bin.low...bin.high : nil)
      }
    }
    return ReportPage.Section(
      "Probabilities",
      explanation: """
        Are predictions right as probabilities? Scores that are multiplied, such as a price by a \
        probability, need them to be.
        """,
      parts: [
        .plot(
          Plot(
            name: "reliability", title: "Predictions and what happened",
            explanation: """
              A point is a tenth of the rows, with its 95 % interval; above the broken line the model \
              promised too little. Both axes are logarithmic, since most events are rare; tenths \
              without a positive are in the data only.
              """,
            kind: .lines(
              LinePlot(
                x: PlotAxis("mean prediction", isLogarithmic: true),
                y: PlotAxis("share of positives", isLogarithmic: true), series: lines,
                diagonal: "prediction and share are equal"))))
      ])
  }

  // MARK: Segments

  private func segments(_ table: SegmentTable<TaskMetrics>) -> ReportPage.Section {
    let plots = taskNames.compactMap { task -> ReportPage.Part? in
      guard let whole = tasks[task]?.auc else { return nil }
      return .plot(
        Plot(
          name: "by-\(table.column)-\(task)", title: "AUC of \(task) by \(table.column)",
          explanation: """
            The line is the AUC on all rows. An interval that misses it is hardly chance, unless there \
            are many segments.
            """,
          kind: .forest(
            ForestPlot(
              axis: PlotAxis("AUC"), rows: table.segments.map { $0.row(task, beside: whole) },
              zero: whole))))
    }
    return ReportPage.Section(
      "By \(table.column)",
      explanation: """
        The same model on the rows of each value. Differences between segments are no fault of the \
        model alone: some are harder to rank.
        """,
      parts: plots + [
        .table(
          ReportTable(
            [ReportTable.Column(table.column, .leading), ReportTable.Column("rows")]
              + taskNames.flatMap { task in
                [
                  ReportTable.Column("\(task), positives"), ReportTable.Column("AUC"),
                  ReportTable.Column("calibration"), ReportTable.Column("note", .leading),
                ]
              },
            rows: table.segments.map { segment in
              [segment.value, ReportNumber.count(segment.rows)]
                + taskNames.flatMap { task -> [String] in
                  let metrics = segment.tasks[task]
                  return [
                    ReportNumber.count(metrics?.positives ?? 0), ReportNumber.text(metrics?.auc),
                    ReportNumber.text(metrics?.calibration, digits: 3),
                    segment.tooSmall[task] ?? "",
                  ]
                }
            }))
      ])
  }

  private func series(
    _ curves: [String: TaskCurves], _ points: (TaskCurves) -> [LinePlot.Point]
  ) -> [LinePlot.Series] {
    taskNames.compactMap { name in curves[name].map { LinePlot.Series(name, points($0)) } }
      .filter { !$0.points.isEmpty }
  }
}

extension SegmentTable<TaskMetrics>.Segment {
  /// A task's AUC here, judged by that on all rows.
  fileprivate func row(_ task: String, beside whole: Double) -> ForestPlot.Row {
    let metrics = tasks[task]
    let interval = metrics?.aucInterval
    let isKnown = tooSmall[task] == nil
    let verdict: ForestPlot.Verdict =
      isKnown && interval?.lowerBound ?? 0 > whole
      ? .better : isKnown && interval?.upperBound ?? 1 < whole ? .worse : .undecided
    return ForestPlot.Row(value, metrics?.auc, interval: interval, verdict: verdict)
  }
}

extension TaskMetrics {
  /// Of the AUC; nil where it is not known.
  var aucInterval: ClosedRange<Double>? {
    guard let aucLow, let aucHigh, aucLow <= aucHigh else { return nil }
    return aucLow...aucHigh
  }
}
