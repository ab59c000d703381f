import Frontiers
import Jobs

/// A frontier, for people: its points in order along it, what each costs elsewhere, and a summary.
struct FrontierTable {
  private let report: FrontierJob.Report

  init(_ report: FrontierJob.Report) { self.report = report }

  /// The tables, and the sentences that sum them up.
  var text: String {
    var text = points
    if report.points.contains(where: \.isNamed) { text += "\n" + combiners }
    text += "\n" + facts
    for point in report.points {
      if let failure = point.failure { text += "\(point.name) failed: \(failure)\n" }
    }
    return text + "\n" + report.sentences.map { $0 + "\n" }.joined()
  }

  // MARK: Tables

  private var unit: String { report.measure == .auc ? "AUC" : "log loss" }

  private var points: String {
    let tasks = report.taskNames
    let hasTest = report.points.contains { $0.test != nil }
    let headers = tasks.flatMap { hasTest ? ["\($0) \(unit)", "test"] : ["\($0) \(unit)"] }
    var table = TextTable(
      ["", "weights of \(tasks.joined(separator: ":"))"] + headers,
      [.left, .left] + headers.map { _ in .right })
    for point in ordered {
      table.append(
        [point.isOnFrontier ? "*" : "", point.name]
          + tasks.flatMap { task in
            let found = value(point.validation[task])
            return hasTest ? [found, value(point.test?[task])] : [found]
          })
    }
    return table.text
  }

  /// Along the frontier: by the first task, the best first; of a conditioned network's, those on it.
  private var ordered: [FrontierJob.Point] {
    let sign = report.measure == .auc ? 1.0 : -1.0
    func height(_ point: FrontierJob.Point) -> Double {
      let value = point.validation[report.taskNames[0]]?.value(of: report.measure).mean
      return value.map { sign * $0 } ?? -.infinity
    }
    let shown = report.points.filter { $0.isSwept || $0.isNamed || $0.isOnFrontier }
    return shown.enumerated().sorted {
      (height($0.element), $1.offset) > (height($1.element), $0.offset)
    }.map(\.element)
  }

  private func value(_ measured: FrontierJob.Measured?) -> String {
    let (mean, error) = measured?.value(of: report.measure) ?? (nil, nil)
    guard let error else { return Text.number(mean) }
    return "\(Text.number(mean)) ± \(Text.number(error))"
  }

  private var combiners: String {
    let swept = report.points.filter(\.isSwept).compactMap(\.seconds)
    let usual = swept.isEmpty ? nil : swept.reduce(0, +) / Double(swept.count)
    var table = TextTable(
      ["combiner", "beside the swept frontier", "to it", "95 % interval", "cost of a run"],
      [.left, .left, .right, .right, .right])
    for point in report.points where point.isNamed {
      let cost = point.seconds.flatMap { seconds in usual.map { seconds / $0 } }
      table.append([
        point.name, point.verdict?.standing.rawValue ?? Text.none,
        Text.signed(point.verdict?.distance),
        Text.signedInterval(point.verdict?.low, point.verdict?.high),
        cost.map { "\(Text.number($0, digits: 2))×" } ?? Text.none,
      ])
    }
    return table.text
  }

  private var facts: String {
    let reference = report.taskNames.map { task in
      "\(task) \(Text.significant(report.reference[task]))"
    }
    var pairs = [
      ("hypervolume", Text.significant(report.hypervolume)),
      ("above", reference.joined(separator: ", ")),
    ]
    if report.sweptHypervolume != report.hypervolume {
      pairs.insert(("of the sweep alone", Text.significant(report.sweptHypervolume)), at: 1)
    }
    pairs += [
      (
        "runs",
        "\(report.runs) from \(report.seeds.count) seed\(report.seeds.count == 1 ? "" : "s")"
      ),
      ("training rows", Text.count(report.data.rows["train"] ?? 0)),
      (
        "time",
        "\(Text.duration(report.seconds)) for \(Text.duration(report.trainingSeconds)) of training"
      ),
    ]
    return TextTable(pairs: pairs).text
  }
}
