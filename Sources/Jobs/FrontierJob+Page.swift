import Foundation
internal import Frontiers
public import Reports

extension FrontierJob.Report {
  /// The report as a page: points over the tasks' measures, verdicts on combiners, all numbers.
  public var page: ReportPage {
    var sections = [
      ReportPage.Section("The frontier", explanation: howToRead, parts: plots)
    ]
    if points.contains(where: { $0.combiner != nil }) {
      sections.append(
        ReportPage.Section(
          "Combiners beside the sweep",
          explanation: """
            How far all of a combiner's measures could fall before a swept point is as good in each; \
            below zero, how much they lack. The interval holds for all swept points at once with 95 % \
            confidence, by the noise of the seeds.
            """, parts: verdicts))
    }
    sections.append(
      ReportPage.Section(
        "All points",
        explanation: """
          Means over the seeds with their standard errors, on the validation rows, by which points were \
          chosen; on the test rows, which had no say, for points of the frontier and combiners.
          """, parts: [.table(table)]))
    let reference = taskNames.map {
      "\($0) \(String(format: "%.4g", self.reference[$0] ?? .nan))"
    }
    return ReportPage(
      title: "The frontier of \(taskNames.joined(separator: ", "))",
      summary: sentences.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }.joined(separator: " "),
      facts: [
        .init("Hypervolume", hypervolume.map { String(format: "%.6g", $0) } ?? "–"),
        .init("measured above", reference.joined(separator: ", ")),
        .init("Training rows", ReportNumber.count(rows)), .init("Runs", ReportNumber.count(runs)),
        .init("Seeds", seeds.map(String.init).joined(separator: ", ")),
        .init("Version", ProductVersion.current),
      ], sections: sections)
  }

  private var howToRead: String {
    """
    Each point is a model for one choice of weights. Farther \
    \(measure == .auc ? "right and farther up" : "left and farther down") is better; a point is \
    on the frontier if no other is at least as good for every task and better for one. Bars are \
    standard errors over the seeds.
    """
  }

  private var unit: String { measure == .auc ? "AUC" : "log loss" }

  // MARK: Plots

  /// Every two tasks where they are few, and with three or more all of them side by side.
  private var plots: [ReportPage.Part] {
    var pairs: [(Int, Int)] = []
    for second in taskNames.indices { for first in 0..<second { pairs.append((first, second)) } }
    var plots = (taskNames.count > 4 ? [] : pairs).map { ReportPage.Part.plot(scatter($0, $1)) }
    if taskNames.count > 2 { plots.append(.plot(parallel)) }
    return plots
  }

  private func scatter(_ first: Int, _ second: Int) -> Plot {
    let names = [taskNames[first], taskNames[second]]
    func place(_ point: FrontierJob.Point, named: Bool) -> ScatterPlot.Point? {
      let values = names.map { point.validation[$0]?.value(of: measure) ?? (mean: nil, error: nil) }
      guard let x = values[0].mean, let y = values[1].mean else { return nil }
      func interval(_ mean: Double, _ error: Double?) -> ClosedRange<Double>? {
        error.map { (mean - $0)...(mean + $0) }
      }
      return ScatterPlot.Point(
        x, y, xInterval: interval(x, values[0].error), yInterval: interval(y, values[1].error),
        name: named ? point.name : "")
    }
    func series(
      _ name: String, named: Bool = true, isConnected: Bool = false,
      _ belongs: (FrontierJob.Point) -> Bool
    ) -> ScatterPlot.Series {
      let places = points.filter(belongs).compactMap { place($0, named: named) }
      return ScatterPlot.Series(
        name, isConnected ? places.sorted { $0.x < $1.x } : places, isConnected: isConnected)
    }
    let all = [
      series("swept, on the frontier", isConnected: taskNames.count == 2) {
        $0.combiner == nil && $0.isOnFrontier
      },
      series("swept, beaten", named: false) { $0.combiner == nil && !$0.isOnFrontier },
      series("combiners") { $0.combiner != nil },
    ]
    return Plot(
      name: "frontier-\(names[0])-\(names[1])", title: "\(names[0]) and \(names[1])",
      explanation:
        "Validation \(unit) of \(names[0]) (across) and \(names[1]) (up), a point a model.",
      kind: .scatter(
        ScatterPlot(
          x: PlotAxis("\(names[0]) \(unit)"), y: PlotAxis("\(names[1]) \(unit)"),
          series: all.filter { !$0.points.isEmpty })))
  }

  private var parallel: Plot {
    let lines = points.filter { !$0.validation.isEmpty }.map { point in
      ParallelPlot.Line(
        point.name, taskNames.map { point.validation[$0]?.value(of: measure).mean },
        isHighlighted: point.combiner != nil || point.isOnFrontier)
    }
    return Plot(
      name: "tasks", title: "All tasks at once",
      explanation: "Validation \(unit) of each task, a line a model; those in colour are on the "
        + "frontier or combiners.",
      kind: .parallel(ParallelPlot(axes: taskNames, lines: lines)))
  }

  // MARK: Tables

  private var verdicts: [ReportPage.Part] {
    let combiners = points.filter { $0.combiner != nil }
    guard combiners.contains(where: { $0.verdict != nil }) else {
      return [.paragraph("No verdict: \(whyNoVerdict ?? "nothing was measured").")]
    }
    let rows = combiners.map { point in
      ForestPlot.Row(
        "\(point.name): \(point.verdict?.standing.rawValue ?? "–")", point.verdict?.distance,
        interval: point.verdict.map { $0.low...$0.high },
        verdict: point.verdict?.standing == .behind
          ? .worse : point.verdict?.standing == .beyond ? .better : .undecided)
    }
    let plot = Plot(
      name: "combiners", title: "Distance to the swept frontier",
      explanation: "Left of zero a swept point is better for every task, by this much \(unit).",
      kind: .forest(ForestPlot(axis: PlotAxis("\(unit) to the frontier"), rows: rows)))
    return [.plot(plot)]
  }

  private var table: ReportTable {
    func text(_ measured: FrontierJob.Measured?) -> String {
      let (mean, error) = measured?.value(of: measure) ?? (mean: nil, error: nil)
      return ReportNumber.text(mean) + (error.map { " ± \(ReportNumber.text($0))" } ?? "")
    }
    return ReportTable(
      [.init("weights or combiner", .leading), .init("", .leading)]
        + taskNames.flatMap { [.init("\($0) \(unit)"), .init("on test rows")] },
      rows: points.map { point in
        let state =
          point.failure.map { "failed: \($0)" } ?? point.stoppedAfter.map { "given up after \($0)" }
          ?? (point.isOnFrontier ? "on the frontier" : "")
        return [point.name, state]
          + taskNames.flatMap { [text(point.validation[$0]), text(point.test?[$0])] }
      })
  }
}
