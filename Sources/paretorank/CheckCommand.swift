import ArgumentParser
import Interactions
import Jobs
import Logging
import PostgresLogs

/// `paretorank check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Holds the configuration against the database.",
    discussion: """
      Columns, types, label rates, split sizes and NULLs, before a night is lost; the server \
      counts and no row is read. Exit status 64 where the configuration is wrong, 65 where the \
      data are.

        paretorank check --set 'split.train=28 days'
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let configuration = try common.configuration()
    _ = common.database(of: configuration)
    let context = common.context
    let report = try CheckJob(configuration: configuration).run(context)
    try common.write(report) { Self.tables(report) }
    for warning in report.warnings { context.logger.warning("\(warning)") }
    if !report.problems.isEmpty { throw CheckFailure(problems: report.problems) }
  }

  private static func tables(_ report: CheckJob.Report) -> String {
    var pairs = [
      ("database", report.database), ("rows of", report.source),
      ("rows", Text.count(report.rows)),
      ("from", report.first ?? Text.none), ("to", report.last ?? Text.none),
    ]
    if let clock = report.clock { pairs.append(("clock", clock)) }
    var text = TextTable(pairs: pairs).text
    if !report.parts.isEmpty {
      var table = TextTable(
        ["part", "rows", "from", "up to before"], [.left, .right, .left, .left])
      for part in report.parts {
        table.append(
          [part.name.rawValue, Text.count(part.rows), part.from ?? Text.none, part.to ?? Text.none])
      }
      text += "\n" + table.text
    }
    if !report.tasks.isEmpty { text += "\n" + tasks(report.tasks).text }
    if !report.columns.isEmpty {
      var table = TextTable(
        ["column", "type", "NULL", "distinct", "used as"], [.left, .left, .right, .right, .left])
      for column in report.columns {
        table.append([
          column.name, column.type, Text.percent(column.missing),
          column.distinct.map(Text.count) ?? Text.none, column.roles.joined(separator: ", "),
        ])
      }
      text += "\n" + table.text
    }
    if report.problems.isEmpty { text += "\nnothing stands against training\n" }
    return text
  }

  private static func tasks(_ tasks: [CheckJob.Task]) -> TextTable {
    var table = TextTable([
      "task", "positives", "negatives", "unknown", "rate", "validation positives",
      "test positives", "against the funnel",
    ])
    for task in tasks {
      table.append([
        task.name, Text.count(task.positives), Text.count(task.negatives),
        Text.count(task.unknown), Text.percent(task.rate, digits: 3),
        task.validationPositives.map(Text.count) ?? Text.none,
        task.testPositives.map(Text.count) ?? Text.none, Text.count(task.funnelViolations),
      ])
    }
    return table
  }
}

/// Problems that a check found.
struct CheckFailure: Error, CustomStringConvertible {
  let problems: [CheckJob.Problem]

  /// The configuration's mistakes come first: data may look wrong because of them.
  var status: ExitStatus {
    problems.contains { $0.kind == .configuration } ? .usage : .badData
  }

  var description: String { problems.map(\.message).joined(separator: "\n") }
}
