import DatabaseTestSupport
import Interactions
import PostgresLogs
import Testing

/// How a reader goes through a query's rows.
struct LogReaderTests {
  let connection: PostgresConnection

  init() throws { connection = try TestServer.connect() }

  @Test func `describes its columns`() throws {
    let columns = try connection.columns(
      of: "SELECT 1::int8 AS \"User\", now() AS at, '{}'::text[] AS words;")
    #expect(
      columns == [
        ColumnDescription(name: "User", kind: .integer, databaseType: "int8"),
        ColumnDescription(name: "at", kind: .time, databaseType: "timestamptz"),
        ColumnDescription(name: "words", kind: .textList, databaseType: "text[]"),
      ])
  }

  @Test func `an empty result is no chunk at all`() throws {
    let reader = try LogReader(connection, query: "SELECT 1 AS a, 'x' AS b WHERE false")
    #expect(try reader.next() == nil)
    #expect(try reader.next() == nil)
    #expect(reader.columns.map(\.name) == ["a", "b"])
    #expect(try connection.value("SELECT 'usable'") == "usable")
  }

  @Test func `many rows come in full chunks and a rest`() throws {
    let query = "SELECT i::int8, i::text FROM generate_series(1, 2500) i -- all of them"
    let reader = try LogReader(connection, query: query, rowsPerChunk: 1_000)
    let chunks = try reader.readAll()
    #expect(chunks.map(\.rowCount) == [1_000, 1_000, 500])
    #expect(reader.rowCount == 2_500)
    let numbers = chunks.flatMap { chunk -> [Int64] in
      guard case .integers(let values) = chunk.columns[0].values else { return [] }
      return values
    }
    #expect(numbers == Array(1...2_500))
    #expect(chunks[2].columns[1].values.strings?.last == "2500")
  }

  @Test func `wide texts end a chunk early`() throws {
    let query = "SELECT repeat('x', 200000) FROM generate_series(1, 600)"
    let chunks = try LogReader(connection, query: query).readAll()
    #expect(chunks.count > 1)
    #expect(chunks.map(\.rowCount).reduce(0, +) == 600)
  }

  @Test func `a reader that goes early leaves the connection usable`() throws {
    do {
      let reader = try LogReader(
        connection, query: "SELECT generate_series(1, 100000000) AS i")
      _ = try reader.next()
    }
    #expect(try connection.value("SELECT 1") == "1")
  }

  @Test func `a missing table and a missing column are told apart`() throws {
    let noTable = #expect(throws: PostgresError.self) {
      try LogReader(connection, query: "SELECT a FROM no_such_log")
    }
    #expect(noTable?.isMissingTable == true && noTable?.isMissingColumn == false)
    let noColumn = #expect(throws: PostgresError.self) {
      try LogReader(connection, query: "SELECT datnam FROM pg_database")
    }
    #expect(noColumn?.isMissingColumn == true)
    #expect(noColumn?.description.contains("datname") == true)
    #expect(try connection.value("SELECT 1") == "1")
  }

  @Test func `a failure in the middle is never a short read`() throws {
    let query = "SELECT 1 / (50000 - i) AS share FROM generate_series(1, 100000) i"
    let problem = #expect(throws: PostgresError.self) {
      try LogReader(connection, query: query).readAll()
    }
    guard case .server(let state, _, _, _) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(state.rawValue == "22012")
    #expect(try connection.value("SELECT 1") == "1")
  }

  @Test func `two statements in a query are refused`() throws {
    #expect(throws: PostgresError.self) {
      try LogReader(connection, query: "SELECT 1; DROP TABLE users")
    }
  }
}
