internal import Interactions
internal import PostgresLogs
internal import RunConfiguration

/// What the server counted in the rows that a run would read, part by part.
struct LogCounts {
  struct Labels {
    var positives = 0
    var negatives = 0
    var unknown = 0
    var bad = 0
    /// A label that is neither 0 nor 1.
    var example: String?
    var violations = 0
    /// Rows whose true probability is missing or none.
    var badTruths = 0
  }

  struct Values {
    var known = 0
    var isConstant = false
    var broken = 0
    var sketch = DistinctSketch()
  }

  /// One part of the split; the last one is of rows that no part has.
  struct Part {
    var rows = 0
    /// Weights that are none, and one of them.
    var badWeights = (count: 0, example: String?.none)
    /// Rows with a weight above 0; all without weights.
    var weighing = 0
    var labels: [Labels]
    var values: [Values]
  }

  private(set) var parts: [Part]
  private let tasks: [RunConfiguration.TaskDefinition]
  /// Columns of features, each once.
  private let columns: [ColumnDescription]
  private let rules: [ValueRule?]
  private let weight: ColumnDescription?

  init(
    of sql: String, _ configuration: RunConfiguration, windows: [TimeWindow?],
    columns checked: CheckedColumns, on connection: PostgresConnection
  ) throws {
    tasks = checked.tasks
    var columns: [ColumnDescription] = []
    for feature in checked.features where !columns.contains(where: { $0.name == feature.column }) {
      if let column = checked.column(feature.column) { columns.append(column) }
    }
    self.columns = columns
    rules = columns.map { column in
      checked.features.filter { $0.column == column.name }.lazy
        .compactMap { ValueRule($0, column.kind) }.first
    }
    let empty = Part(
      labels: tasks.map { _ in Labels() }, values: columns.map { _ in Values() })
    parts = [Part](repeating: empty, count: 4)

    weight =
      checked.hasWeight ? configuration.impressions.weight.flatMap { checked.column($0) } : nil
    let statement = CountStatement(
      tasks: tasks, columns: columns, rules: rules, weight: weight
    ) { checked.column($0)?.kind }
    let time = try connection.quotedIdentifier(configuration.impressions.time)
    let type = checked.column(configuration.impressions.time)?.databaseType ?? ""
    let text = try statement.sql(of: sql, part: Self.part(time, type: type, windows)) {
      name throws(PostgresError) in try connection.quotedIdentifier(name)
    }
    for row in try connection.query(text).rows {
      var fields = FieldReader(row)
      let index = fields.number()
      parts[index].rows = fields.number()
      for task in tasks.indices {
        parts[index].labels[task] = Labels(
          positives: fields.number(), negatives: fields.number(), unknown: fields.number(),
          bad: fields.number(), example: fields.text(), violations: fields.number(),
          badTruths: fields.number())
      }
      parts[index].badWeights = (fields.number(), fields.text())
      parts[index].weighing = fields.number()
      for column in columns.indices {
        parts[index].values[column] = Values(
          known: fields.number(), isConstant: fields.text() == "t", broken: fields.number(),
          sketch: DistinctSketch((0..<DistinctSketch.bitmapCount).map { _ in fields.text() }))
      }
    }
  }

  /// The number of a row's part; a random split counts all rows as training's.
  private static func part(_ time: String, type: String, _ windows: [TimeWindow?]) -> String {
    guard windows.contains(where: { $0 != nil }) else { return "0" }
    // Times without a zone count as UTC; arithmetic on numbers would be many times slower.
    let epoch =
      type == "timestamptz"
      ? "timestamptz '1970-01-01 00:00:00+00'" : "timestamp '1970-01-01 00:00:00'"
    let cases = windows.enumerated().compactMap { index, window in
      window.map {
        """
        WHEN \(time) >= \(epoch) + \($0.from) * interval '1 microsecond'
          AND \(time) < \(epoch) + \($0.to) * interval '1 microsecond' THEN \(index)
        """
      }
    }
    return "CASE \(cases.joined(separator: " ")) ELSE 3 END"
  }

  // MARK: Findings

  /// Adds what was counted to a report.
  func fill(
    _ report: inout CheckJob.Report, _ configuration: RunConfiguration,
    windows: [TimeWindow?], span: (first: Int64, last: Int64)
  ) {
    fillParts(&report, configuration, windows, span)
    let isRandom = windows.allSatisfy { $0 == nil }
    for (index, task) in tasks.enumerated() {
      let training = parts[0].labels[index]
      let known = training.positives + training.negatives
      report.tasks.append(
        CheckJob.Task(
          name: task.name, label: task.label, positives: training.positives,
          negatives: training.negatives, unknown: training.unknown,
          rate: known > 0 ? Double(training.positives) / Double(known) : nil,
          validationPositives: isRandom ? nil : parts[1].labels[index].positives,
          testPositives: isRandom ? nil : parts[2].labels[index].positives,
          funnelViolations: parts.map { $0.labels[index].violations }.reduce(0, +)))
      judge(task, index, windows, &report)
    }
    let badWeights = parts.map(\.badWeights.count).reduce(0, +)
    if let weight, let example = parts.compactMap(\.badWeights.example).first {
      report.add(
        .data,
        "\(badWeights) values of \(weight.name) are no weights, finite numbers from 0 on, such as "
          + example)
    } else if let weight, parts[0].rows > 0, parts[0].weighing == 0 {
      report.add(.data, "\(weight.name) is 0 in all training rows, so none of them would train")
    }
    for (index, column) in columns.enumerated() { judge(column, index, &report) }
    warnOfBlindRates(configuration.features, windows, span, &report)
  }

  /// Warns of rates whose training rows know no earlier outcome, because they span too few days.
  private func warnOfBlindRates(
    _ features: [FeatureDefinition], _ windows: [TimeWindow?], _ span: (first: Int64, last: Int64),
    _ report: inout CheckJob.Report
  ) {
    let first = Timestamp.day(max(windows[0]?.from ?? .min, span.first))
    let last = Timestamp.day(min(windows[0].map { $0.to - 1 } ?? .max, span.last))
    let days = max(last - first + 1, 0)
    for feature in features {
      let blind = feature.rate?.tasks.filter { days <= 1 + Int64($0.lag) } ?? []
      guard !blind.isEmpty else { continue }
      report.warnings.append(
        "feature \(feature.name): the training rows are of \(days == 1 ? "1 day" : "\(days) days"), "
          + "so none knows an earlier outcome of \(blind.map(\.name).joined(separator: ", "))")
    }
  }

  private func fillParts(
    _ report: inout CheckJob.Report, _ configuration: RunConfiguration,
    _ windows: [TimeWindow?], _ span: (first: Int64, last: Int64)
  ) {
    if case .random(let train, let validation, let test, _) = configuration.split {
      let sum = train + validation + test
      for (part, share) in zip(SplitPart.allCases, [train, validation, test]) {
        let rows = Int((Double(parts[0].rows) * share / sum).rounded())
        report.parts.append(CheckJob.Part(name: part, rows: rows))
      }
      return
    }
    for (index, (part, window)) in zip(SplitPart.allCases, windows).enumerated() {
      guard let window else { continue }
      report.parts.append(
        CheckJob.Part(
          name: part, rows: parts[index].rows, from: Timestamp.text(window.from),
          to: Timestamp.text(window.to)))
      if parts[index].rows == 0 {
        let error = SplitError.emptyPart(
          part, window: window, firstRow: span.first, lastRow: span.last)
        report.add(.data, error.description)
      }
    }
  }

  private func judge(
    _ task: RunConfiguration.TaskDefinition, _ index: Int, _ windows: [TimeWindow?],
    _ report: inout CheckJob.Report
  ) {
    let all = parts.map { $0.labels[index] }
    let bad = all.map(\.bad).reduce(0, +)
    if bad > 0, let example = all.compactMap(\.example).first {
      report.add(
        .data,
        "task \(task.name): \(bad) values of \(task.label) are neither 0 nor 1, such as \(example)")
    }
    let badTruths = all.map(\.badTruths).reduce(0, +)
    if badTruths > 0, let truth = task.truth {
      report.warnings.append(
        "task \(task.name) has no best possible AUC: \(badTruths) values of \(truth) are "
          + "no probabilities")
    }
    let training = all[0]
    if parts[0].rows > 0, training.positives + training.negatives == 0 {
      report.add(.data, "task \(task.name): no training row has a label")
    } else if parts[0].rows > 0, training.positives == 0 || training.negatives == 0 {
      report.warnings.append(
        "task \(task.name): no training row is "
          + (training.positives == 0 ? "positive" : "negative") + ", so there is nothing to learn")
    }
    for part in 1...2 where windows[part] != nil && parts[part].rows > 0 {
      if all[part].positives == 0 {
        report.warnings.append(
          "task \(task.name): no \(SplitPart.allCases[part]) row is positive, so its AUC is undefined"
        )
      }
    }
    let violations = all.map(\.violations).reduce(0, +)
    if violations > 0 {
      report.warnings.append(
        "task \(task.name): \(violations) rows are positive although "
          + "\(task.after ?? "the task before") is negative")
    }
  }

  private func judge(
    _ column: ColumnDescription, _ index: Int, _ report: inout CheckJob.Report
  ) {
    let training = parts[0].values[index]
    let rows = parts[0].rows
    let broken = parts.map { $0.values[index].broken }.reduce(0, +)
    if broken > 0, let rule = rules[index] {
      report.add(.data, rule.message(broken, of: column.name))
    }
    guard rows > 0, let place = report.columns.firstIndex(where: { $0.name == column.name })
    else { return }
    report.columns[place].missing = 1 - Double(training.known) / Double(rows)
    if CountStatement.hasDistinct(column) {
      report.columns[place].distinct = training.sketch.estimate
    }
    if training.known == 0 {
      report.warnings.append("column \(column.name) is NULL in every training row")
    } else if training.isConstant, training.known == rows {
      report.warnings.append("column \(column.name) is the same in every training row")
    }
  }
}

/// Reads the fields of a row one after the other.
private struct FieldReader {
  private var rest: ArraySlice<String?>

  init(_ row: [String?]) { rest = row[...] }

  mutating func text() -> String? { rest.removeFirst() }

  mutating func number() -> Int { text().flatMap { Int($0) } ?? 0 }
}
