import DatabaseTestSupport
import Foundation
import Interactions
import PostgresLogs
import Testing

/// Reading that is cancelled, or whose connection breaks.
struct InterruptionTests {
  private static let endless = "SELECT generate_series(1, 1000000000) AS i"

  @Test(.timeLimit(.minutes(10)))
  func `a cancelled read stops, also at the server`() throws {
    let stop = Switch()
    let connection = try PostgresConnection(TestServer.url.get(), isCancelled: { stop.isOn })
    let process = try connection.value("SELECT pg_backend_pid()")
    let reader = try LogReader(connection, query: Self.endless)
    _ = try reader.next()
    stop.turnOn()
    #expect(throws: PostgresError.cancelled) { try reader.readAll() }
    let other = try TestServer.connect()
    let state = try other.value(
      "SELECT state FROM pg_stat_activity WHERE pid = $1::int4", [process])
    #expect(state == "idle")
    connection.isCancelled = { false }
    #expect(try connection.value("SELECT 1") == "1")
  }

  @Test(.timeLimit(.minutes(10)))
  func `a read that waits for its first row is cancelled`() throws {
    let stop = Switch()
    let connection = try PostgresConnection(TestServer.url.get(), isCancelled: { stop.isOn })
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.2)
      stop.turnOn()
    }
    #expect(throws: PostgresError.cancelled) {
      try LogReader(connection, query: "SELECT 1 FROM (SELECT pg_sleep(50)) x").readAll()
    }
  }

  @Test func `a lost connection is told with the rows that came`() throws {
    let connection = try TestServer.connect()
    let process = try connection.value("SELECT pg_backend_pid()")
    let reader = try LogReader(connection, query: Self.endless, rowsPerChunk: 1_000)
    _ = try reader.next()
    try TestServer.connect().execute("SELECT pg_terminate_backend($1::int4, 5000)", [process])
    let problem = #expect(throws: PostgresError.self) { while try reader.next() != nil {} }
    guard case .connectionLost(let rows, _) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(rows >= 1_000)
  }

  /// Reads 50,000 rows while the first `losses` connections are ended on the way.
  private func read(losses: Int, within limit: Duration) throws -> (
    rows: Int, begins: Int, sum: Int64
  ) {
    var connectionCount = 0
    var process: String?
    var begins = 0
    var sum: Int64 = 0
    let reader = SnapshotReader(
      retrying: Retrying(within: limit, firstPause: .milliseconds(1)),
      connect: { () throws(PostgresError) in
        let connection = try PostgresConnection(TestServer.url.get())
        connectionCount += 1
        process = try connection.value("SELECT pg_backend_pid()")
        return connection
      }, query: { _ in "SELECT generate_series(1, 50000)::int8, repeat('x', 200)" })
    let rows = try reader.read(
      begin: { columns in
        begins += 1
        sum = 0
        #expect(columns.count == 2)
      },
      rows: { chunk in
        guard case .integers(let values) = chunk.columns[0].values else { return }
        sum += values.reduce(0, +)
        if connectionCount <= losses {
          try TestServer.connect().execute("SELECT pg_terminate_backend($1::int4, 5000)", [process])
        }
      })
    return (rows, begins, sum)
  }

  @Test func `a lost read starts again and ends whole`() throws {
    let result = try read(losses: 2, within: .seconds(60))
    #expect(result.rows == 50_000)
    #expect(result.begins == 3)
    #expect(result.sum == 50_000 * 50_001 / 2)
  }

  @Test func `a read that is lost too often fails`() throws {
    let problem = #expect(throws: PostgresError.self) { try read(losses: 9, within: .zero) }
    guard case .connectionLost = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
  }

  @Test func `a server that was never there is not waited for`() throws {
    let reader = SnapshotReader(
      retrying: Retrying(within: .seconds(600), firstPause: .seconds(60)),
      connect: { () throws(PostgresError) in try PostgresConnection("host=/nonexistent") },
      query: { _ in "SELECT 1" })
    #expect(throws: PostgresError.self) { try reader.read(begin: { _ in }, rows: { _ in }) }
  }
}
