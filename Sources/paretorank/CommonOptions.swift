import ArgumentParser
import Foundation
import Jobs
import Logging
import PostgresLogs
import Reports
import RunConfiguration

/// What a command writes to standard output.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json
}

/// The option of commands whose report can be a page.
struct ReportOptions: ParsableArguments {
  @Option(
    name: .customLong("report"),
    help: ArgumentHelp(
      "Write the report as a page with plots, too: index.html and CSV files.",
      valueName: "directory"))
  var directory: String?

  /// What writes the page, nil where none is asked for; made before work whose report it writes.
  func writer() throws -> ReportWriter? { try directory.map { try ReportWriter(directory: $0) } }
}

/// The options that every command takes.
struct CommonOptions: ParsableArguments {
  static let defaultPath = "paretorank.yaml"

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "The run configuration (default: \(defaultPath)).", valueName: "file"))
  var path: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Override a key, as in --set network.experts=8; repeatable.", valueName: "path=value"))
  var overrides: [String] = []

  @Option(help: "What to write to standard output.")
  var format: OutputFormat = .table

  @OptionGroup var logs: LogOptions

  /// The configuration, with `more` overrides after those of the command line.
  func configuration(overriding more: [String] = []) throws -> RunConfiguration {
    try RunConfiguration.load(path: path ?? Self.defaultPath, overrides: overrides + more)
  }

  /// The configuration, or nil where nobody named one and there is none.
  func configurationIfPresent() throws -> RunConfiguration? {
    if path == nil, overrides.isEmpty,
      !FileManager.default.fileExists(atPath: Self.defaultPath)
    {
      return nil
    }
    return try configuration()
  }

  var context: JobContext {
    let level = logs.least.level
    return JobContext(
      logger: logs.logger,
      onProgress: { Terminal.shared.show($0, isQuiet: level > .info) },
      onRun: { Terminal.shared.note(run: $0) },
      isCancelled: { Interruption.isRequested })
  }

  /// The database of a configuration; says where the private server is about to be used.
  func database(of configuration: RunConfiguration?) -> DatabaseLocation {
    database(of: configuration?.database, limits: configuration?.limits ?? .init())
  }

  /// The database of an address, or where there is none, libpq's or the private server.
  func database(
    of address: DatabaseAddress?, limits: RunConfiguration.Limits = .init()
  ) -> DatabaseLocation {
    let location = DatabaseLocation(address: address, limits: limits)
    if location.source == .privateServer {
      let starts: Bool
      if case .running = PrivateServer().status { starts = false } else { starts = true }
      context.logger.info("\(starts ? "starting" : "using") \(location)")
    }
    return location
  }

  /// Writes the page of a report where one is asked for, and says so.
  func write(_ page: @autoclosure () throws -> ReportPage, by writer: ReportWriter?) throws {
    guard let writer else { return }
    let path = try writer.write(page())
    context.logger.info("wrote \(path)")
  }

  /// Writes a report as the one JSON document, or as tables.
  func write(_ report: some Encodable, tables: () -> String) throws {
    Terminal.shared.clearBar()
    let text: String
    switch format {
    case .table: text = tables()
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
      text = String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
    }
    // Unbuffered, so that what follows on standard error comes later, and a full disk is noticed.
    try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }
}
