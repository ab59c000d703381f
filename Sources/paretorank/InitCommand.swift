import ArgumentParser
import Foundation
import Interactions
import Jobs
import Logging
import PostgresLogs
import RunConfiguration

/// `paretorank init`.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a commented starting configuration.",
    discussion: """
      Without --from it fits the shop of paretorank simulate. With --from it fits an existing \
      table or view: the roles of its columns are guessed from their names and types, and the \
      guesses are marked CHECK. A file that is there already stays, unless --force is given.

        paretorank init --from public.impression_log
      """)

  @Option(help: ArgumentHelp("A table or view whose columns to use.", valueName: "table"))
  var from: String?

  @Option(help: ArgumentHelp("The file to write (default: that of --config).", valueName: "file"))
  var output: String?

  @Flag(help: "Replace the file if it is there.")
  var force = false

  @OptionGroup var common: CommonOptions

  private struct Report: Encodable {
    var configuration: String
    var from: String?
  }

  func validate() throws {
    guard common.overrides.isEmpty else {
      throw ValidationError("--set overrides a configuration that is there; init writes a new one")
    }
  }

  func run() throws {
    let path = output ?? common.path ?? CommonOptions.defaultPath
    guard force || !FileManager.default.fileExists(atPath: path) else {
      throw ValidationError("\(path) exists already; --force replaces it")
    }
    let text = try from.map(text(from:)) ?? ConfigurationTemplate.shop
    try Data(text.utf8).write(
      to: URL(fileURLWithPath: path), options: force ? .atomic : .withoutOverwriting)
    try common.write(Report(configuration: path, from: from)) {
      "wrote \(path); paretorank check holds it against the database\n"
    }
  }

  private func text(from table: String) throws -> String {
    guard RunConfiguration.Relation(table) != nil else {
      throw ValidationError("--from \(table): not a table's name, such as public.impressions")
    }
    let connection = try common.database(of: nil).connect(
      isCancelled: { Interruption.isRequested })
    let quoted = try connection.quotedTable(table)
    let names = try connection.query("SELECT * FROM \(quoted) LIMIT 0").columnNames
    var columns: [ColumnDescription] = []
    for name in names {
      do {
        let column = try connection.quotedIdentifier(name)
        columns += try connection.columns(of: "SELECT \(column) FROM \(quoted)")
      } catch .unsupportedType(_, let type) {
        common.context.logger.warning("left out: column \(name) has type \(type)")
      }
    }
    return ConfigurationTemplate.text(relation: table, columns: columns)
  }
}
