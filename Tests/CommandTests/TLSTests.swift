import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// What `sslmode=verify-full` lets in, and how the command says what it doesn't.
struct TLSTests {
  @Test(.timeLimit(.minutes(10)))
  func `only the server that the authority vouches for is trusted`() throws {
    let server = try TLSServer()
    let place = try Workplace("cli_tls")
    let connection = try PostgresConnection(server.url())
    #expect(
      try connection.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "t")
    // A client that died without a word must not hold its lock for hours.
    let location = DatabaseLocation(
      configuration: server.url(), limits: .init(statement: .seconds(60), lock: .seconds(5)))
    let limited = try location.connect()
    #expect(try limited.value("SHOW tcp_keepalives_idle") == "60")
    #expect(try limited.value("SHOW tcp_user_timeout") == "120000")
    #expect(try limited.value("SHOW idle_session_timeout") == "0")

    /// Runs the command and expects one line, which begins by the host and holds `reason`.
    func refuse(_ url: String, host: String = TLSServer.name, _ reason: String) throws {
      let result = try place.run("database", "migrate", "--set", "database=\(url)")
      #expect(result.status == 69)
      #expect(result.output == "")
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(
        result.errors.hasPrefix(
          "error: the connection to PostgreSQL at \(host) isn't as safe as sslmode asks: "))
      #expect(result.errors.contains(reason), "\(result.errors)")
    }

    let migrated = try place.run("database", "migrate", "--set", "database=\(server.url())")
    #expect(migrated.status == 0)
    try refuse(server.url(authority: "other"), "certificate verify failed")
    try refuse(server.url(authority: "absent"), "absent.crt\" does not exist")
    try refuse(
      server.url(host: "elsewhere.test"), host: "elsewhere.test",
      "does not match host name \"elsewhere.test\"")
    try server.show(.expired)
    try refuse(server.url(), "certificate verify failed")
    try server.show(.none)
    try refuse(server.url(), "server does not support SSL, but SSL was required")
    #expect(try PostgresConnection(server.url(mode: "prefer")).isOpen)
  }
}
