public import Foundation
internal import Gates
internal import RankingMetrics
public import Reports

extension NightlySummary {
  /// The nights as a page: tonight first, then how quality, data and durations went.
  ///
  /// - Parameter date: When the report was made.
  /// - Returns: The page, for a `ReportWriter`.
  public func page(at date: Date = Date()) -> ReportPage {
    let shown = Array(runs.suffix(Self.longest))
    let made = ReportPage.Fact(
      "Made", "\(date.formatted(.iso8601)), ParetoRank \(ProductVersion.current)")
    guard let tonight = shown.last else {
      return ReportPage(
        title: "Nights of \(model)", summary: "No night has run yet.", facts: [made])
    }
    return ReportPage(
      title: "Nights of \(model)", summary: tonight.summary, facts: tonight.facts + [made],
      sections: [
        tonight.section, Self.quality(shown), Self.data(shown), Self.durations(shown),
        Self.list(shown),
      ].compactMap { $0 })
  }

  // MARK: The last nights

  private static func quality(_ runs: [Run]) -> ReportPage.Section? {
    let names = unique(runs.flatMap { $0.tasks.map(\.name) })
    var parts: [ReportPage.Part] = names.compactMap { name in
      let nights = runs.enumerated().compactMap { place, run in
        run.tasks.first { $0.name == name }.map { (place: place, run: run, task: $0) }
      }
      func points(
        _ metrics: (Task) -> TaskMetrics?, hasBand: Bool = false, of states: [State]? = nil
      ) -> [LinePlot.Point] {
        nights.compactMap { place, run, task in
          guard let metrics = metrics(task), let auc = metrics.auc,
            states?.contains(run.state) ?? true
          else { return nil }
          return LinePlot.Point(
            Double(place), auc, band: hasBand ? metrics.aucInterval : nil)
        }
      }
      let series = [
        LinePlot.Series("the night's model", points(\.candidate, hasBand: true)),
        LinePlot.Series(
          "held back by the gate", points(\.candidate, of: [.refused]), isConnected: false),
        LinePlot.Series("the current one then", points(\.current)),
      ].filter { !$0.points.isEmpty }
      guard !series.isEmpty else { return nil }
      return .plot(
        Plot(
          name: "auc-\(name)", title: "AUC of \(name)",
          explanation: """
            Both models on the same rows, the newest whose labels are known; the band is the 95 % \
            interval.
            """,
          kind: .lines(
            LinePlot(x: axis(runs), y: PlotAxis("AUC"), series: series))))
    }
    let calibration = lines(names, runs) { run, name in
      run.tasks.first { $0.name == name }?.candidate?.calibration
    }
    if !calibration.isEmpty {
      parts.append(
        .plot(
          Plot(
            name: "calibration", title: "Calibration",
            explanation: "Predicted over observed positives of each night's model; 1 is right.",
            kind: .lines(
              LinePlot(
                x: axis(runs), y: PlotAxis("predicted / observed"),
                series: calibration)))))
    }
    return parts.isEmpty
      ? nil
      : ReportPage.Section(
        "Quality over the nights",
        explanation: "How each night's model did. Nights that failed before that have no value.",
        parts: parts)
  }

  private static func data(_ runs: [Run]) -> ReportPage.Section? {
    var parts: [ReportPage.Part] = []
    func add(_ name: String, _ title: String, _ explanation: String, _ plot: LinePlot) {
      guard !plot.series.isEmpty else { return }
      parts.append(
        .plot(Plot(name: name, title: title, explanation: explanation, kind: .lines(plot))))
    }
    let run = axis(runs)
    add(
      "rows", "New rows a day", "What each night found in the log.",
      LinePlot(
        x: run, y: PlotAxis("rows a day"),
        series: lines(["new rows a day"], runs) { run, _ in run.drift?.rowsPerDay }))
    add(
      "label-rates", "Share of positive labels",
      "Of each task's labels that became known in the night.",
      LinePlot(
        x: run, y: PlotAxis("positive", isShare: true),
        series: lines(unique(runs.flatMap { $0.drift?.tasks.map(\.name) ?? [] }), runs) {
          run, name in run.drift?.tasks.first { $0.name == name }?.rate
        }))
    if let stability = stability(runs) { parts.append(.plot(stability)) }
    return parts.isEmpty
      ? nil
      : ReportPage.Section(
        "Data over the nights", explanation: "What the models were fed, night by night.",
        parts: parts)
  }

  /// The features that shifted most, at their worst.
  private static func stability(_ runs: [Run]) -> Plot? {
    let indices = runs.map { run in
      Dictionary(
        (run.verdict?.checks ?? []).filter { $0.measure == .stability }
          .compactMap { check in check.value.map { (check.subject, $0) } },
        uniquingKeysWith: max)
    }
    let names = unique(indices.flatMap { $0.keys.sorted() })
    guard !names.isEmpty else { return nil }
    let most = names.map { name in (name, indices.compactMap { $0[name] }.max() ?? 0) }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(15).map(\.0)
    let rest = names.count - most.count
    return Plot(
      name: "stability", title: "Stability of the features",
      explanation: """
        The population stability index against the last published night: by custom up to 0.1 is \
        little and above 0.25 a shift.\(rest > 0 ? " \(rest) features that shifted less are left out." : "")
        """,
      kind: .heatMap(
        HeatMap(
          scale: .share, rowNames: most, columnNames: runs.map { "\($0.number)" },
          columnTitle: "run", values: most.map { name in indices.map { $0[name] } })))
  }

  private static func durations(_ runs: [Run]) -> ReportPage.Section? {
    let series = lines(unique(runs.flatMap { $0.stages.map(\.name) }), runs) { run, name in
      let own = run.stages.filter { $0.name == name }
      return own.isEmpty ? nil : own.reduce(0) { $0 + $1.seconds }
    }
    guard !series.isEmpty else { return nil }
    return ReportPage.Section(
      "Durations over the nights", explanation: "Where the time goes.",
      parts: [
        .plot(
          Plot(
            name: "durations", title: "Seconds of each stage",
            explanation: "Time from a stage's beginning to its end.",
            kind: .lines(
              LinePlot(
                x: axis(runs), y: PlotAxis("seconds"), series: series))))
      ])
  }

  private static func list(_ runs: [Run]) -> ReportPage.Section {
    ReportPage.Section(
      "Runs", explanation: "The newest first.",
      parts: [
        .table(
          ReportTable(
            [
              ReportTable.Column("run"), ReportTable.Column("started", .leading),
              ReportTable.Column("state", .leading), ReportTable.Column("new rows"),
              ReportTable.Column("seconds"), ReportTable.Column("reason", .leading),
            ],
            rows: runs.reversed().map { run in
              [
                "\(run.number)", run.startedText, run.state.rawValue,
                run.rows.map(ReportNumber.count) ?? "–",
                run.stages.isEmpty ? "–" : ReportNumber.text(run.seconds, digits: 1),
                run.shortReason,
              ]
            }))
      ])
  }

  /// The nights in their order, by the day on which they began.
  private static func axis(_ runs: [Run]) -> PlotAxis {
    PlotAxis(
      "run",
      places: runs.map {
        PlotAxis.Place(
          name: String($0.started.formatted(.iso8601).dropFirst(5).prefix(5)), key: "\($0.number)")
      })
  }

  /// One line a name over the runs that have a value.
  private static func lines(
    _ names: [String], _ runs: [Run], _ value: (Run, String) -> Double?
  ) -> [LinePlot.Series] {
    names.map { name in
      LinePlot.Series(
        name,
        runs.enumerated().compactMap { place, run in
          value(run, name).map { LinePlot.Point(Double(place), $0) }
        })
    }.filter { !$0.points.isEmpty }
  }

  /// Each name once, in the order of their first use.
  private static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}
