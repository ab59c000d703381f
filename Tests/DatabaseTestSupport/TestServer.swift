import Foundation
public import PostgresLogs

/// The real server that all suites work on: started once, stopped when the process exits.
public enum TestServer {
  /// A user who needs the password ``password``.
  public static let carefulUser = "careful"
  public static let password = "s3cr3t pass@word"

  private static let directory = "/tmp/paretorank-tests-\(getpid())"

  public static let server = PrivateServer(
    directory: directory + "/postgres",
    options: .init(
      isDurable: false,
      authenticationRules: ["local all \(carefulUser) scram-sha-256", "local all banned reject"]))

  /// The server's connection string, once it runs.
  public static let url: Result<String, PostgresError> = Result { () throws(PostgresError) in
    let url = try server.start()
    atexit { TestServer.stop() }
    let connection = try PostgresConnection(url)
    try connection.execute(
      "CREATE USER \(carefulUser) PASSWORD \(connection.quotedLiteral(password))")
    return url
  }

  /// A new connection to it.
  public static func connect() throws -> PostgresConnection { try PostgresConnection(url.get()) }

  /// A new connection that works in an empty schema of its own.
  public static func connect(schema: String) throws -> PostgresConnection {
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
