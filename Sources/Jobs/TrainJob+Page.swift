internal import Combiners
internal import Foundation
internal import Interactions
internal import Networks
internal import RankingMetrics
public import Reports
internal import RunConfiguration
internal import Training

extension TrainJob.Report {
  /// The report as a page: how training went, and what the model is like.
  ///
  /// - Parameter model: What the model's directory says of it, as in ``ModelDescription/init(opening:)``.
  /// - Returns: The page, for a `ReportWriter`.
  public func page(of model: ModelDescription) -> ReportPage {
    let tasks = model.taskNames.compactMap { name in
      validation[name].map { (name: name, metrics: $0) }
    }
    return ReportPage(
      title: "Training of \(model.name)", summary: summary(tasks), facts: facts(model),
      sections: [
        progress(model), combining.isEmpty ? nil : balance(model),
        combining.contains { $0.measuredSteps > 0 } ? gradients() : nil,
        .gateUse(gateUse, of: "validation"), tasks.isEmpty ? nil : metrics(tasks), data(model),
        .configuration(model.configuration),
      ].compactMap { $0 })
  }

  private func summary(_ tasks: [(name: String, metrics: TaskMetrics)]) -> String {
    let trained =
      "Trained on \(ReportNumber.count(rows)) rows, \(epochs) epochs, \(keptText)"
    if tasks.isEmpty { return trained + "." }
    let values = tasks.map { "\($0.name) \(ReportNumber.text($0.metrics.auc))" }
    return "\(trained); AUC on the validation rows: \(values.joined(separator: ", "))."
  }

  private func facts(_ model: ModelDescription) -> [ReportPage.Fact] {
    let parts = ReportPage.Fact.parts(of: DataSummary(rows: model.rows, windows: model.windows))
    return [ReportPage.Fact("Model", self.model)] + parts + [
      ReportPage.Fact("Network", model.configuration.network.architecture.rawValue),
      ReportPage.Fact("Combiner", model.configuration.combiner.kind.rawValue),
      ReportPage.Fact(
        "Speed",
        "\(ReportNumber.count(Int(rowsPerSecond))) rows/s, "
          + "\(ReportNumber.text(seconds, digits: 1)) s"),
      ReportPage.Fact(
        "Made", "\(model.createdAt.formatted(.iso8601)), ParetoRank \(ProductVersion.current)"),
    ]
  }

  // MARK: Sections

  private func progress(_ model: ModelDescription) -> ReportPage.Section {
    var parts: [ReportPage.Part] = []
    if !combining.isEmpty {
      parts = [
        .plot(
          Plot(
            name: "losses", title: "Training loss",
            explanation: "Mean over stretches of steps, in nats a row; it should fall.",
            kind: .lines(taskLines("loss (nats)", \.loss)))),
        .plot(
          Plot(
            name: "relative-losses", title: "Training loss beside its beginning",
            explanation: "1 is the first stretch, so that rare and common events can be compared.",
            kind: .lines(relativeLosses))),
      ]
    }
    let values = summaries.filter { $0.validation != nil }
    if !values.isEmpty {
      let rule = model.configuration.validationRule.words
      parts.append(
        .plot(
          Plot(
            name: "validation", title: "Validation after each epoch",
            explanation: """
              The \(rule), higher is better. Where it falls while the loss still falls, the model \
              learns its training rows by heart.
              """,
            kind: .lines(
              LinePlot(
                x: PlotAxis("epoch", isWhole: true), y: PlotAxis(rule),
                series: [
                  LinePlot.Series(
                    rule, values.map { LinePlot.Point(Double($0.epoch), $0.validation) })
                ])))))
    }
    return ReportPage.Section(
      "Progress", explanation: "How the losses fell while the rows went by, pass after pass.",
      parts: parts)
  }

  private func balance(_ model: ModelDescription) -> ReportPage.Section {
    var parts: [ReportPage.Part] = []
    if combining.contains(where: { $0.tasks.contains { $0.weight != nil } }) {
      parts.append(
        .plot(
          Plot(
            name: "weights", title: "Weight of each task",
            explanation: "Mean weight of the task's loss or gradient in a stretch of steps.",
            kind: .lines(taskLines("weight", \.weight)))))
    }
    if let whole = CombiningWindow.mean(of: combining) {
      parts.append(
        .table(
          ReportTable(
            [
              ReportTable.Column("task", .leading), ReportTable.Column("mean weight"),
              ReportTable.Column("mean loss"), ReportTable.Column("gradient norm"),
              ReportTable.Column("steps without labels"),
            ],
            rows: whole.tasks.map {
              [
                $0.task, ReportNumber.text($0.weight, digits: 3), ReportNumber.text($0.loss),
                ReportNumber.text($0.gradientNorm, digits: 5), ReportNumber.share($0.absent),
              ]
            })))
    }
    return ReportPage.Section(
      "Balance",
      explanation: """
        How \(model.configuration.combiner.kind.rawValue) weighed the tasks against each other, \
        where they share parameters.
        """,
      parts: parts)
  }

  private func gradients() -> ReportPage.Section {
    var parts: [ReportPage.Part] = [
      .plot(
        Plot(
          name: "gradient-norms", title: "Length of each task's gradient",
          explanation: "Over the shared parameters; a task with a much longer one pulls more.",
          kind: .lines(taskLines("norm", \.gradientNorm, isLogarithmic: true))))
    ]
    let pairs = shownPairs
    if !pairs.isEmpty {
      parts += [
        .plot(
          Plot(
            name: "cosines", title: "Do the tasks pull the same way?",
            explanation:
              "Cosine between two tasks' gradients: 1 the same way, −1 against each other.",
            kind: .heatMap(pairMap(pairs, .signed, \.cosine)))),
        .plot(
          Plot(
            name: "conflicts", title: "How often two tasks pull against each other",
            explanation: "Share of the measured steps with a cosine below 0.",
            kind: .heatMap(pairMap(pairs, .share, \.conflicts)))),
      ]
    }
    let measured = combining.reduce(0) { $0 + $1.measuredSteps }
    let steps = combining.reduce(0) { $0 + $1.steps }
    let known = CombiningWindow.mean(of: combining)?.pairs.count { $0.cosine != nil } ?? 0
    let hidden = known - pairs.count
    parts.append(
      .paragraph(
        "Gradients were measured in \(ReportNumber.count(measured)) of "
          + "\(ReportNumber.count(steps)) steps."
          + (hidden > 0 ? " \(hidden) pairs that conflict less are left out." : "")))
    return ReportPage.Section(
      "Gradients",
      explanation: """
        Each task would move the shared parameters its own way. Where two ways oppose each other, \
        what helps one task hurts the other.
        """, parts: parts)
  }

  private func metrics(
    _ tasks: [(name: String, metrics: TaskMetrics)]
  ) -> ReportPage.Section {
    ReportPage.Section(
      "Quality", explanation: "The kept model on the validation rows, which it was not trained on.",
      parts: [.table(.metrics(tasks))] + ReportPage.Part.metricNotes(tasks))
  }

  private func data(_ model: ModelDescription) -> ReportPage.Section {
    ReportPage.Section(
      "Labels", explanation: "What was found in the log, all parts together.",
      parts: [
        .table(
          ReportTable(
            [
              ReportTable.Column("task", .leading), ReportTable.Column("positive"),
              ReportTable.Column("negative"), ReportTable.Column("not known"),
              ReportTable.Column("share of positives"),
            ],
            rows: reading.map {
              let known = $0.positives + $0.negatives
              return [
                $0.task, ReportNumber.count($0.positives), ReportNumber.count($0.negatives),
                ReportNumber.count($0.unknown),
                ReportNumber.share(
                  known > 0 ? Double($0.positives) / Double(known) : nil, digits: 2),
              ]
            }))
      ])
  }

  // MARK: Plots

  /// One line a task over the stretches of steps.
  private func taskLines(
    _ title: String, _ value: (CombiningWindow.TaskWindow) -> Double?, isLogarithmic: Bool = false
  ) -> LinePlot {
    let names = combining.first?.tasks.map(\.task) ?? []
    return LinePlot(
      x: PlotAxis("step", isWhole: true), y: PlotAxis(title, isLogarithmic: isLogarithmic),
      series: names.enumerated().map { index, name in
        LinePlot.Series(
          name, combining.map { LinePlot.Point($0.middle, value($0.tasks[index])) })
      })
  }

  private var relativeLosses: LinePlot {
    var plot = taskLines("share of the first loss", \.loss)
    for index in plot.series.indices {
      let first = plot.series[index].points.lazy.compactMap(\.y).first { $0 > 0 }
      for point in plot.series[index].points.indices {
        let loss = plot.series[index].points[point].y
        plot.series[index].points[point].y = loss.flatMap { loss in first.map { loss / $0 } }
      }
    }
    return plot
  }

  /// The pairs of tasks that a picture has room for: those that oppose each other most.
  private var shownPairs: [Int] {
    guard let whole = CombiningWindow.mean(of: combining) else { return [] }
    let known = whole.pairs.indices.filter { whole.pairs[$0].cosine != nil }
    let order = known.sorted {
      (whole.pairs[$0].conflicts ?? -1, $1) > (whole.pairs[$1].conflicts ?? -1, $0)
    }
    return order.prefix(15).sorted()
  }

  private func pairMap(
    _ pairs: [Int], _ scale: HeatMap.Scale, _ value: (CombiningWindow.PairWindow) -> Double?
  ) -> HeatMap {
    HeatMap(
      scale: scale,
      rowNames: pairs.map { index in
        combining.first.map { "\($0.pairs[index].first), \($0.pairs[index].second)" } ?? ""
      },
      columnNames: combining.map { ReportNumber.count($0.firstStep) },
      columnTitle: "from step",
      values: pairs.map { index in combining.map { value($0.pairs[index]) } })
  }
}

extension CombiningWindow {
  /// Where its stretch stands on an axis of steps.
  fileprivate var middle: Double { Double(firstStep) + Double(steps - 1) / 2 }
}

extension ValidationRule {
  /// What it takes, for a reader.
  package var words: String {
    switch self {
    case .meanAUC: "mean AUC of the tasks"
    case .worstAUC: "lowest AUC of a task"
    case .meanLogLoss: "mean log loss of the tasks, negative"
    }
  }
}
