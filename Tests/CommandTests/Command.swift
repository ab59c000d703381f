import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// What a run of the command came to.
struct CommandResult {
  var status: Int32
  var output: String
  var errors: String

  /// Standard error without information, such as that rows were read.
  var problems: [String] {
    errors.split(separator: "\n").map(String.init).filter {
      $0.hasPrefix("error: ") || $0.hasPrefix("warning: ")
    }
  }

  /// Standard output as JSON.
  func json() throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try #require(value as? [String: Any])
  }
}

/// A folder in which the built command is run, with a log of 120 hours in a schema of its own.
final class Workplace {
  let folder: String
  let schema: String
  let connection: PostgresConnection

  /// The binary beside the tests.
  static let binary = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("paretorank").path

  init(_ schema: String) throws {
    self.schema = schema
    folder = NSTemporaryDirectory() + "/paretorank-command-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    connection = try TestServer.connect(schema: schema)
    try connection.execute(
      """
      CREATE TABLE log AS SELECT timestamptz '2026-03-01 00:00Z' + i * interval '1 hour' AS shown_at,
        i % 7 AS user_id, i % 5 AS item_id, (i * 37 % 101)::float8 AS price, 'x'::text AS note,
        (i % 3 = 0)::int AS clicked, (i % 6 = 0)::int AS bought
      FROM generate_series(0, 119) AS i
      """)
    try write(
      """
      database: "\(TestServer.url.get())"
      impressions: {from: \(schema).log, time: shown_at, user: user_id, item: item_id}
      tasks:
        - {name: click, label: clicked}
        - {name: purchase, label: bought, after: click}
      features:
        - {id: user_id, dimension: 2}
        - {number: price}
      network: {experts: 2, expert: [4], tower: []}
      training: {batch: 32, epochs: 2, workers: 1}
      output: {name: \(schema)}
      scoring:
        candidates: {query: "SELECT DISTINCT ON (user_id, item_id) * FROM \(schema).log"}
        user: user_id
        item: item_id
        value: click
        to: {file: scores.csv}
      """, to: "paretorank.yaml")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(name)")
  }

  /// Changes the log.
  func change(_ sql: String) throws { try connection.run(script: sql) }

  /// Runs the command in the folder.
  func run(_ arguments: String...) throws -> CommandResult {
    try finish(start([Self.binary] + arguments))
  }

  /// Runs a script of bash in which `paretorank` is the command.
  func bash(_ script: String) throws -> CommandResult {
    try finish(start(["/bin/bash", "-c", script]))
  }

  /// Starts a program whose output goes to files, so that no pipe ever fills.
  func start(_ command: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let bin = URL(fileURLWithPath: Self.binary).deletingLastPathComponent().path
    process.environment = ["PATH": "\(bin):\(path)", "HOME": folder, "LC_ALL": "C.UTF-8"]
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] { try write("", to: name) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/out"))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/err"))
    try process.run()
    return process
  }

  func finish(_ process: Process) throws -> CommandResult {
    process.waitUntilExit()
    return CommandResult(
      status: process.terminationStatus, output: try text("out"), errors: try text("err"))
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
  }
}
