import Jobs
import PostgresLogs

/// Runs in a table, for people.
struct RunTable {
  private let runs: [Run]

  init(_ list: Registry.RunList) { runs = list.runs }

  var text: String {
    guard !runs.isEmpty else { return "no run is noted that fits\n" }
    var table = TextTable(
      ["run", "kind", "model", "state", "started", "took", "rows", ""],
      [.right, .left, .left, .left, .left, .right, .right, .left])
    for run in runs {
      table.append([
        "\(run.id)", run.kind, run.model ?? Text.none, run.state.rawValue,
        "\(run.startedAt.wholeSeconds)", Self.duration(run),
        run.rows.map(Text.count) ?? Text.none, Self.remark(run),
      ])
    }
    return table.text
  }

  /// How long a run took; nobody knows of one that was interrupted.
  static func duration(_ run: Run) -> String {
    run.state == .interrupted ? Text.none : Text.duration(run.seconds)
  }

  /// One line on why a run came to its end, or where it is.
  private static func remark(_ run: Run) -> String {
    if let text = run.reason ?? run.error { return Text.line(text, longest: 80) }
    return run.state.isUnfinished ? run.stage.map { "in stage \($0)" } ?? "" : ""
  }
}

/// All that is noted of a run, for people.
struct RunText {
  private let report: Registry.RunReport

  init(_ report: Registry.RunReport) { self.report = report }

  var text: String {
    head + paragraphs + stages + windows + MetricTable(report.metrics).text
  }

  private var head: String {
    let run = report.run
    var pairs = [
      ("run", "\(run.id)"), ("kind", run.kind), ("model", run.model ?? Text.none),
      ("state", run.state.rawValue), ("started", "\(run.startedAt.wholeSeconds)"),
    ]
    if let time = run.takenOverAt { pairs.append(("taken over", "\(time.wholeSeconds)")) }
    if let time = run.finishedAt { pairs.append(("finished", "\(time.wholeSeconds)")) }
    pairs += [
      ("took", RunTable.duration(run)), ("rows", run.rows.map(Text.count) ?? Text.none),
      ("attempts", "\(run.attempts)"),
      ("by", "\(run.databaseUser ?? Text.none), process \(run.process) on \(run.host)"),
    ]
    if let clock = run.clock { pairs.append(("data's clock", "\(clock)")) }
    for model in report.models {
      pairs.append(("made", "\(model.name) version \(model.version), \(model.state.rawValue)"))
    }
    if let scores = report.scores { pairs.append(("scores", "version \(scores)")) }
    return TextTable(pairs: pairs).text
  }

  /// Why it failed or was refused, the gate's verdict, and what drifted.
  private var paragraphs: String {
    var parts: [(String, String)] = []
    if let error = report.run.error { parts.append(("error", error)) }
    let verdict = report.findings.gate?["paragraph"]?.text
    if let reason = report.run.reason, reason != verdict { parts.append(("reason", reason)) }
    if let verdict { parts.append(("gate", verdict)) }
    for finding in report.findings.drift?["findings"]?.entries ?? [] {
      parts.append(("drift", finding.text ?? finding["sentence"]?.text ?? finding.json))
    }
    guard !parts.isEmpty else { return "" }
    return "\n" + parts.map { "\($0.0): \(Text.line($0.1))\n" }.joined()
  }

  private var stages: String {
    guard !report.stages.isEmpty else { return "" }
    var table = TextTable(
      ["stage", "state", "started", "took", "rows", "attempts", ""],
      [.left, .left, .left, .right, .right, .right, .left])
    for stage in report.stages {
      table.append([
        stage.name, stage.state.rawValue, "\(stage.startedAt.wholeSeconds)",
        stage.seconds.map(Text.duration) ?? Text.none, stage.rows.map(Text.count) ?? Text.none,
        "\(stage.attempts)", stage.error.map { Text.line($0, longest: 80) } ?? "",
      ])
    }
    return "\n" + table.text
  }

  private var windows: String {
    guard !report.windows.isEmpty else { return "" }
    var table = TextTable(
      ["window", "task", "from", "up to before", "rows", "positives"],
      [.left, .left, .left, .left, .right, .right])
    for window in report.windows {
      table.append([
        window.purpose.rawValue, window.task.isEmpty ? "all" : window.task,
        window.from.map { "\($0)" } ?? Text.none, window.to.map { "\($0)" } ?? Text.none,
        window.rows.map(Text.count) ?? Text.none, window.positives.map(Text.count) ?? Text.none,
      ])
    }
    return "\n" + table.text
  }
}

/// What a run measured, for people.
struct MetricTable {
  private let metrics: [Bookkeeping.Metric]

  init(_ metrics: [Bookkeeping.Metric]) { self.metrics = metrics }

  /// The table with an empty line before it; nothing without metrics.
  var text: String {
    guard !metrics.isEmpty else { return "" }
    var table = TextTable(
      ["measured on", "task", "metric", "value", "95 % interval"],
      [.left, .left, .left, .right, .right])
    for metric in metrics {
      table.append([
        metric.window, metric.task.isEmpty ? "all" : metric.task, metric.name,
        Text.significant(metric.value), Text.interval(metric.low, metric.high),
      ])
    }
    return "\n" + table.text
  }
}
