import Foundation
import Interactions
import PostgresLogs
import Synchronization

/// The real server that every suite here works on: started once, stopped when the process exits.
enum TestServer {
  /// A user who needs the password ``password``.
  static let carefulUser = "careful"
  static let password = "s3cr3t pass@word"

  private static let directory = "/tmp/paretorank-tests-\(getpid())"

  static let server = PrivateServer(
    directory: directory + "/postgres",
    options: .init(
      isDurable: false,
      authenticationRules: ["local all \(carefulUser) scram-sha-256", "local all banned reject"]))

  /// The server's connection string, once it runs.
  static let url: Result<String, PostgresError> = Result { () throws(PostgresError) in
    let url = try server.start()
    atexit { TestServer.stop() }
    let connection = try PostgresConnection(url)
    try connection.execute(
      "CREATE USER \(carefulUser) PASSWORD \(connection.quotedLiteral(password))")
    return url
  }

  /// A new connection to it.
  static func connect() throws -> PostgresConnection { try PostgresConnection(url.get()) }

  /// A new connection that works in an empty schema of its own.
  static func connect(schema: String) throws -> PostgresConnection {
    let connection = try connect()
    let name = try connection.quotedIdentifier(schema)
    try connection.run(
      script: """
        DROP SCHEMA IF EXISTS \(name) CASCADE; CREATE SCHEMA \(name); SET search_path = \(name)
        """)
    return connection
  }

  private static func stop() {
    try? server.stop()
    try? FileManager.default.removeItem(atPath: directory)
  }
}

/// A switch that one thread turns and another looks at.
final class Switch: Sendable {
  private let state = Atomic<Bool>(false)

  var isOn: Bool { state.load(ordering: .relaxed) }

  func turnOn() { state.store(true, ordering: .relaxed) }
}

extension LogReader {
  /// All rows at once.
  func readAll() throws -> [RowChunk] {
    var chunks: [RowChunk] = []
    while let chunk = try next() { chunks.append(chunk) }
    return chunks
  }
}

extension PostgresConnection {
  /// The first chunk of a query's rows.
  func firstChunk(_ query: String) throws -> RowChunk {
    try LogReader(self, query: query).readAll().first ?? RowChunk(columns: [])
  }

  /// The values of a query's only column.
  func values(_ query: String) throws -> ColumnValues? {
    try firstChunk(query).columns.first?.values
  }
}

extension ColumnValues {
  /// The texts of a text column.
  var strings: [String]? {
    guard case .texts(let texts) = self else { return nil }
    return (0..<texts.count).map(texts.text)
  }
}
