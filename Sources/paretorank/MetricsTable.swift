import RankingMetrics

/// Metrics of a model's tasks, for people.
struct MetricsTable {
  private let tasks: [String]
  private let metrics: [String: TaskMetrics]
  private let bestPossible: [String: Double]

  init(
    _ tasks: [String], _ metrics: [String: TaskMetrics], bestPossible: [String: Double] = [:]
  ) {
    self.tasks = tasks
    self.metrics = metrics
    self.bestPossible = bestPossible
  }

  /// The table and, where values are missing, notes that say why.
  var text: String {
    let hasBest = !bestPossible.isEmpty
    var table = TextTable(
      ["task", "rows", "positives", "AUC", "95 % interval"]
        + (hasBest ? ["best possible", "of the way"] : [])
        + ["GAUC", "log loss", "norm. entropy", "calibration"])
    var notes = ""
    for task in tasks {
      guard let value = metrics[task] else { continue }
      var row = [task, Text.count(value.rows), Text.count(value.positives)]
      row += [Text.number(value.auc), Text.interval(value.aucLow, value.aucHigh)]
      if hasBest { row += best(task, value) }
      row += [
        Text.number(value.gauc), Text.number(value.logLoss),
        Text.number(value.normalisedEntropy), Text.number(value.calibration, digits: 3),
      ]
      table.append(row)
      if let note = value.note { notes += "\(task): \(note)\n" }
    }
    return table.text + notes
  }

  /// The best possible AUC, and the share of the way to it from chance.
  private func best(_ task: String, _ value: TaskMetrics) -> [String] {
    guard let best = bestPossible[task] else { return [Text.none, Text.none] }
    guard let auc = value.auc, best != 0.5 else { return [Text.number(best), Text.none] }
    return [Text.number(best), Text.percent((auc - 0.5) / (best - 0.5))]
  }
}
