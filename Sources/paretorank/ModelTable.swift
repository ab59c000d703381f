import Jobs
import ModelFiles
import PostgresLogs

/// Models in a table, for people.
struct ModelTable {
  private let models: [Registry.ModelEntry]

  init(_ list: Registry.ModelList) { models = list.models }

  var text: String {
    guard !models.isEmpty else { return "no model is noted; paretorank train makes one\n" }
    var tasks: [String] = []
    for metric in models.flatMap(\.auc) where !tasks.contains(metric.task) {
      tasks.append(metric.task)
    }
    var table = TextTable(
      ["", "model", "version", "state", "created", "data until", "digest", "directory"]
        + tasks.map { "AUC \($0)" },
      [.left, .left, .right, .left, .left, .left, .left, .left] + tasks.map { _ in .right })
    for entry in models {
      let model = entry.model
      table.append(
        [
          model.state == .current ? "*" : "", model.name, "\(model.version)", model.state.rawValue,
          "\(model.createdAt.wholeSeconds)",
          model.dataUntil.map { "\($0.wholeSeconds)" } ?? Text.none, String(model.digest.prefix(8)),
          model.state.isKept ? entry.directory.rawValue : Text.none,
        ] + tasks.map { Text.number(Self.auc(of: $0, entry.auc)?.value) })
    }
    return table.text
  }

  /// The AUC of a task on rows that the model least knew.
  private static func auc(
    of task: String, _ metrics: [Bookkeeping.Metric]
  ) -> Bookkeeping.Metric? {
    let windows = ["evaluation", "test", "validation"]
    return metrics.filter { $0.task == task }
      .min { (windows.firstIndex(of: $0.window) ?? 3) < (windows.firstIndex(of: $1.window) ?? 3) }
  }
}

/// All that is noted of a model, for people.
struct ModelText {
  private let report: Registry.ModelReport

  init(_ report: Registry.ModelReport) { self.report = report }

  var text: String { head + history + MetricTable(report.metrics).text }

  private var head: String {
    let model = report.model
    var pairs = [
      ("model", model.name), ("version", "\(model.version)"), ("state", model.state.rawValue),
      ("directory", "\(model.path), \(report.directory.rawValue)"), ("digest", model.digest),
      ("created", "\(model.createdAt.wholeSeconds)"),
    ]
    if let parent = model.parent { pairs.append(("went on from", "version \(parent)")) }
    if let time = model.dataUntil { pairs.append(("data until", "\(time)")) }
    if let time = model.prunedAt { pairs.append(("pruned", "\(time.wholeSeconds)")) }
    if let run = report.run {
      pairs.append(("run", "\(run.id), \(run.kind), \(run.state.rawValue), on \(run.host)"))
      if let reason = run.reason { pairs.append(("reason", Text.line(reason))) }
    }
    return TextTable(pairs: pairs).text
  }

  private var history: String {
    guard !report.promotions.isEmpty else { return "" }
    var table = TextTable(
      ["time", "by", "current", "before", "user", "host", "reason"],
      [.left, .left, .right, .right, .left, .left, .left])
    for change in report.promotions {
      table.append([
        "\(change.at.wholeSeconds)", change.kind.rawValue, "\(change.version)",
        change.previous.map { "\($0)" } ?? Text.none, change.user, change.host,
        change.reason.map { Text.line($0, longest: 80) } ?? "",
      ])
    }
    return "\n" + table.text
  }
}
