import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// Statements, names and transactions on a live server.
struct PostgresConnectionTests {
  let connection: PostgresConnection

  init() throws { connection = try TestServer.connect() }

  @Test func `values travel as parameters`() throws {
    let rows = try connection.query(
      "SELECT $1::text AS quote, $2::int4 + 1 AS next, $3::text AS nothing",
      ["it's; DROP TABLE x --", "41", nil])
    #expect(rows.columnNames == ["quote", "next", "nothing"])
    #expect(rows.rows == [["it's; DROP TABLE x --", "42", nil]])
    #expect(rows.value(0, "next") == "42")
    #expect(rows.value(0, "absent") == nil)
  }

  @Test func `names with quotes, capitals and schemas are quoted`() throws {
    #expect(try connection.quotedIdentifier("a\"B") == "\"a\"\"B\"")
    #expect(try connection.quotedTable("public.Log") == "\"public\".\"Log\"")
    #expect(try connection.quotedTable("\"My.Schema\".\"a\"\"b\"") == "\"My.Schema\".\"a\"\"b\"")
    #expect(try connection.quotedLiteral("it's") == "'it''s'")
  }

  @Test func `a zero byte is refused rather than cut`() throws {
    #expect(throws: PostgresError.self) { try connection.value("SELECT $1::text", ["a\0b"]) }
    #expect(throws: PostgresError.self) { try connection.quotedIdentifier("a\0b") }
    #expect(throws: PostgresError.self) { try connection.quotedLiteral("a\0b") }
  }

  @Test func `a statement during a read is refused and harms nothing`() throws {
    let reader = try LogReader(
      connection, query: "SELECT generate_series(1, 50000)", rowsPerChunk: 1_000)
    _ = try reader.next()
    #expect(throws: PostgresError.self) { try connection.value("SELECT 1") }
    #expect(try reader.readAll().count == 49)
  }

  @Test func `the server sees the program's name`() throws {
    #expect(try connection.value("SHOW application_name") == "paretorank")
    #expect(connection.serverVersion >= 120_000)
  }

  @Test func `execute answers how many rows it touched`() throws {
    try connection.execute("CREATE TEMP TABLE t AS SELECT generate_series(1, 5) AS i")
    #expect(try connection.execute("DELETE FROM t WHERE i > $1::int4", ["3"]) == 2)
  }

  @Test func `a transaction that throws leaves nothing`() throws {
    struct Stop: Error {}
    try connection.execute("CREATE TEMP TABLE t (i int)")
    #expect(throws: Stop.self) {
      try connection.withTransaction {
        try connection.execute("INSERT INTO t VALUES (1)")
        throw Stop()
      }
    }
    try connection.withTransaction { try connection.execute("INSERT INTO t VALUES (2)") }
    #expect(try connection.query("SELECT i FROM t").rows == [["2"]])
  }

  @Test func `a snapshot doesn't see what others commit and refuses to write`() throws {
    let other = try TestServer.connect(schema: "snapshot")
    try other.execute("CREATE TABLE t (i int)")
    let before = try connection.withSnapshot {
      _ = try connection.value("SELECT count(*) FROM snapshot.t")
      try other.execute("INSERT INTO t VALUES (1)")
      return try connection.value("SELECT count(*) FROM snapshot.t")
    }
    #expect(before == "0")
    let problem = #expect(throws: PostgresError.self) {
      try connection.withSnapshot { try connection.execute("INSERT INTO snapshot.t VALUES (2)") }
    }
    guard case .server(.readOnlyTransaction, _, _, _) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
  }

  @Test func `a COPY outside reader and writer is refused and the connection stays usable`() throws
  {
    #expect(throws: PostgresError.self) { try connection.run(script: "COPY (SELECT 1) TO STDOUT") }
    try connection.execute("CREATE TEMP TABLE t (i int)")
    #expect(throws: PostgresError.self) { try connection.execute("COPY t FROM STDIN") }
    #expect(try connection.value("SELECT 1") == "1")
  }

  @Test(.timeLimit(.minutes(10)))
  func `a waiting statement is cancelled`() throws {
    let stop = Switch()
    let connection = try PostgresConnection(TestServer.url.get(), isCancelled: { stop.isOn })
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.2)
      stop.turnOn()
    }
    #expect(throws: PostgresError.cancelled) { try connection.execute("SELECT pg_sleep(50)") }
    connection.isCancelled = { false }
    #expect(try connection.value("SELECT 1") == "1")
  }

  @Test func `a time limit of the server is not a wish to stop`() throws {
    try connection.execute("SET statement_timeout = 50")
    let problem = #expect(throws: PostgresError.self) {
      try connection.execute("SELECT pg_sleep(50)")
    }
    guard case .server(.queryCanceled, _, _, _) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
  }

  @Test func `a connection that was ended says so`() throws {
    let other = try TestServer.connect()
    let process = try other.value("SELECT pg_backend_pid()")
    try connection.execute("SELECT pg_terminate_backend($1::int4, 5000)", [process])
    let problem = #expect(throws: PostgresError.self) { try other.value("SELECT 1") }
    guard case .connectionLost = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(!other.isOpen)
    #expect(throws: PostgresError.self) { try other.value("SELECT 1") }
  }
}
