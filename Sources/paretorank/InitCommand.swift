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
      guesses are marked CHECK. A file that is there already stays, unless --force is given; the \
      table is sought in its database. --set changes what is written.

        paretorank init --from public.impression_log --set 'split.train=28 days'
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

  func run() throws {
    let path = output ?? common.path ?? CommonOptions.defaultPath
    guard force || !FileManager.default.fileExists(atPath: path) else {
      throw ValidationError("\(path) exists already; --force replaces it")
    }
    let text = try from.map(text(from:)) ?? template(ConfigurationTemplate.shop)
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
    let database = try database()
    let location = common.database(of: database)
    let connection = try location.connect(isCancelled: { Interruption.isRequested })
    let relation = try connection.quotedTable(table)
    let described = try connection.describedColumns(of: "SELECT * FROM \(relation)")
    for (name, type) in described.unsupported.sorted(by: { $0.key < $1.key }) {
      common.context.logger.warning("left out: column \(name) has type \(type)")
    }
    let text = ConfigurationTemplate.text(relation: table, columns: described.columns)
    return try template(text, database: database)
  }

  /// The address that --set names, else that of the configuration that is there; nil where neither
  /// has one.
  private func database() throws -> DatabaseAddress? {
    let named = common.overrides.filter { $0.hasPrefix("database=") }
    if !named.isEmpty {
      return try RunConfiguration(yaml: ConfigurationTemplate.shop, overrides: named).database
    }
    let path = common.path ?? CommonOptions.defaultPath
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try RunConfiguration.load(path: path).database
  }

  /// A template with the settings of --set, and with the database that its table was found in.
  private func template(_ text: String, database: DatabaseAddress? = nil) throws -> String {
    let address = database.map { "database=\(Text.quoted($0.connectionString))" }
    return try ConfigurationTemplate.text(
      text, overriding: [address].compactMap(\.self) + common.overrides)
  }
}
