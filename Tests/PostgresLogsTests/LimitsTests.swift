import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// Statements and waits for locks end when their limits are over.
struct LimitsTests {
  private func connect(
    statement: Duration = .seconds(60), lock: Duration = .seconds(60), options: String? = nil
  ) throws -> PostgresConnection {
    let url = try TestServer.url.get() + (options.map { "&options=\($0)" } ?? "")
    return try PostgresConnection(url, limits: ConnectionLimits(statement: statement, lock: lock))
  }

  @Test func `the server holds to what is set`() throws {
    let connection = try connect(statement: .seconds(7_200), lock: .milliseconds(1_500))
    #expect(try connection.value("SHOW statement_timeout") == "2h")
    #expect(try connection.value("SHOW lock_timeout") == "1500ms")
    #expect(try connection.value("SHOW idle_in_transaction_session_timeout") == "10min")
    let inSnapshot = try connection.withSnapshot { try connection.value("SHOW lock_timeout") }
    #expect(inSnapshot == "1500ms")
  }

  @Test func `a limit below a millisecond, or of years, is still one`() throws {
    let connection = try connect(statement: .seconds(1 << 40), lock: .nanoseconds(1))
    #expect(try connection.value("SHOW lock_timeout") == "1ms")
    #expect(try connection.value("SELECT current_setting('statement_timeout') <> '0'") == "t")
  }

  @Test func `the user's own options win`() throws {
    let connection = try connect(
      statement: .seconds(60), lock: .seconds(5), options: "-c%20statement_timeout%3D45s")
    #expect(try connection.value("SHOW statement_timeout") == "45s")
    #expect(try connection.value("SHOW lock_timeout") == "5s")
  }

  @Test func `a role's default doesn't`() throws {
    let admin = try TestServer.connect()
    try admin.run(
      script: "CREATE ROLE limited LOGIN; ALTER ROLE limited SET statement_timeout = '45s'")
    defer { _ = try? admin.execute("DROP ROLE limited") }
    let url = try TestServer.url.get().replacing("postgres@", with: "limited@")
    #expect(try PostgresConnection(url).value("SHOW statement_timeout") == "45s")
    let limits = ConnectionLimits(statement: .seconds(60), lock: .seconds(5))
    #expect(try PostgresConnection(url, limits: limits).value("SHOW statement_timeout") == "1min")
  }

  @Test func `a statement that takes too long is told with the key`() throws {
    let connection = try connect(statement: .milliseconds(200))
    let error = #expect(throws: PostgresError.self) {
      try connection.execute("SELECT pg_sleep(60)")
    }
    #expect(error == .statementTooLong(limit: "200 ms"))
    #expect(error?.description.contains("limits.statement") == true)
    #expect(try connection.value("SELECT 1") == "1")
  }

  @Test func `a reading that takes too long is told so, too`() throws {
    let connection = try connect(statement: .milliseconds(300))
    let reader = try LogReader(connection, query: "SELECT generate_series(1, 1000000000) AS i")
    #expect(throws: PostgresError.statementTooLong(limit: "300 ms")) {
      while try reader.next() != nil {}
    }
  }

  @Test func `what an administrator stops is no limit`() throws {
    let connection = try connect()
    let process = try connection.value("SELECT pg_backend_pid()")
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.3)
      _ = try? TestServer.connect().execute("SELECT pg_cancel_backend($1::int4)", [process])
    }
    let error = #expect(throws: PostgresError.self) {
      try connection.execute("SELECT pg_sleep(60)")
    }
    guard case .server(.queryCanceled, _, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `a table that another locked is told with the key and the other`() throws {
    let other = try TestServer.connect(schema: "limits_lock")
    try other.execute("CREATE TABLE log AS SELECT 1 AS i")
    let process = try #require(try other.value("SELECT pg_backend_pid()"))
    let connection = try connect(lock: .milliseconds(600))
    let start = ContinuousClock.now
    let error = try other.withTransaction {
      try other.execute("LOCK TABLE log IN ACCESS EXCLUSIVE MODE")
      return #expect(throws: PostgresError.self) {
        try LogReader(connection, query: "SELECT * FROM limits_lock.log").next()
      }
    }
    #expect(ContinuousClock.now - start < .seconds(10))
    guard case .lockNotGot("600 ms", let holders?) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(holders.hasPrefix("process \(process) (paretorank) of user postgres since 20"))
    #expect(error?.description.contains("limits.lock") == true)
    #expect(error?.isPassing == false && error?.isUnreachable == false)
    // Nothing is lost: the connection serves, and the table is as it was.
    #expect(try connection.value("SELECT count(*) FROM limits_lock.log") == "1")
  }
}
