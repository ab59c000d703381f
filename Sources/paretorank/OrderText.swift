import Jobs
import RankingMetrics

/// How well requests are ordered and steps of the funnel told apart, for people.
struct OrderText {
  let report: EvaluateJob.Report

  /// A table of each, where there are requests and tasks that come after others; else nothing.
  var text: String { requests + funnel }

  private var requests: String {
    let measured = report.taskNames.compactMap { task in
      report.tasks[task]?.byRequest.map { (task, $0) }
    }
    guard let cutoff = measured.first?.1.cutoff else { return "" }
    var table = TextTable([
      "by request", "with a positive", "NDCG@\(cutoff)", "MAP@\(cutoff)", "recall@\(cutoff)", "MRR",
    ])
    for (task, metrics) in measured {
      table.append([
        task, "\(Text.count(metrics.requestsUsed)) (\(Text.percent(metrics.requestShare)))",
        Text.number(metrics.ndcg), Text.number(metrics.averagePrecision),
        Text.number(metrics.recall), Text.number(metrics.reciprocalRank),
      ])
    }
    return "\n" + table.text
  }

  private var funnel: String {
    let steps = report.taskNames.compactMap { task in report.funnel[task].map { (task, $0) } }
    guard !steps.isEmpty else { return "" }
    var table = TextTable(
      ["step", "rows", "positives", "AUC", "log loss", "calibration"])
    for (task, step) in steps {
      table.append([
        "\(task) given \(step.after)", Text.count(step.given.rows),
        Text.count(step.given.positives), Text.number(step.given.auc),
        Text.number(step.given.logLoss), Text.number(step.given.calibration, digits: 3),
      ])
    }
    return "\n" + table.text
  }
}
