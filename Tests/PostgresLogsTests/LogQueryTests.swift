import DatabaseTestSupport
import Interactions
import PostgresLogs
import Testing

/// The statements that select a run's rows.
struct LogQueryTests {
  let connection: PostgresConnection
  private static let day: Int64 = 86_400_000_000

  init() throws { connection = try TestServer.connect() }

  /// A table with a row at each of the first days of 1970, seen from a zone far from UTC.
  private func makeLog(_ type: String) throws {
    try connection.run(
      script: """
        SET timezone = 'UTC';
        CREATE TEMP TABLE "Log" AS SELECT i::int8 AS "Id",
          ('1970-01-01 00:00+00'::timestamptz + (i - 1) * interval '1 day')::\(type) AS shown_at
          FROM generate_series(5, 1, -1) i;
        SET timezone = 'Asia/Tokyo';
        """)
  }

  @Test(arguments: ["timestamptz", "timestamp", "date"])
  func `a window is half open, in UTC, and ordered on request`(type: String) throws {
    try makeLog(type)
    let query = LogQuery(
      source: .table(name: "Log"), columns: ["Id"], timeColumn: "shown_at",
      window: Self.day..<(3 * Self.day), orderColumn: "shown_at")
    #expect(try connection.values(query.sql(on: connection)) == .integers([2, 3]))
  }

  @Test func `vectors of types that can't be read come as texts`() throws {
    // A type as pgvector makes it: its text form is all that is known of it.
    let connection = try TestServer.connect(schema: "query_vectors")
    defer { _ = try? connection.execute("DROP SCHEMA query_vectors CASCADE") }
    try connection.run(script: Self.vectorType("query_vectors"))
    try connection.execute(
      """
      CREATE TABLE log AS SELECT '[0.5,2]'::vector AS "My Image", '{1,2}'::float4[] AS numbers,
        '[3, 4]'::jsonb AS json, 1 AS id
      """)
    let vectors = ["My Image", "numbers", "json"]
    for columns in [["id"] + vectors, []] {
      let query = LogQuery(
        source: .table(name: "log"), columns: columns, vectorColumns: vectors + ["not there"])
      let reader = try LogReader(connection, query: query.sql(on: connection))
      let kinds = Dictionary(uniqueKeysWithValues: reader.columns.map { ($0.name, $0.kind) })
      #expect(
        kinds == ["My Image": .text, "numbers": .numberList, "json": .text, "id": .integer])
      let chunk = try #require(try reader.next())
      let place = try #require(reader.columns.firstIndex { $0.name == "My Image" })
      #expect(chunk.columns[place].values.strings == ["[0.5,2]"])
    }
    #expect(throws: PostgresError.self) {
      try LogReader(
        connection,
        query: LogQuery(source: .table(name: "log"), columns: ["My Image"]).sql(on: connection))
    }
  }

  /// A base type called `vector` whose binary form nobody knows.
  private static func vectorType(_ schema: String) -> String {
    """
    CREATE TYPE \(schema).vector;
    CREATE FUNCTION \(schema).vector_in(cstring) RETURNS \(schema).vector AS 'textin'
      LANGUAGE internal IMMUTABLE STRICT;
    CREATE FUNCTION \(schema).vector_out(\(schema).vector) RETURNS cstring AS 'textout'
      LANGUAGE internal IMMUTABLE STRICT;
    CREATE TYPE \(schema).vector (
      INPUT = \(schema).vector_in, OUTPUT = \(schema).vector_out, LIKE = text);
    """
  }

  @Test func `a query with a semicolon and a comment can be the source`() throws {
    try makeLog("timestamptz")
    let query = LogQuery(
      source: .query("SELECT \"Id\" * 10 AS id, shown_at FROM \"Log\" -- tenfold\n ; "),
      columns: ["id"], timeColumn: "shown_at", window: .min..<(2 * Self.day),
      orderColumn: "shown_at")
    #expect(try connection.values(query.sql(on: connection)) == .integers([10, 20]))
  }

  @Test func `a condition holds for tables and queries, whatever stands at its end`() throws {
    try makeLog("timestamptz")
    let sources: [LogQuery.Source] = [.table(name: "Log"), .query("SELECT * FROM \"Log\";")]
    for source in sources {
      let query = LogQuery(
        source: source, condition: "log.\"Id\" > 2 OR false -- late", columns: ["Id"],
        timeColumn: "shown_at", window: .min..<(4 * Self.day), orderColumn: "Id")
      #expect(try connection.values(query.sql(on: connection)) == .integers([3, 4]))
    }
  }

  @Test func `names that need quotes are quoted`() throws {
    let schema = "Odd \"schema\""
    let odd = try TestServer.connect(schema: schema)
    try odd.execute("CREATE TABLE \"a.b\" AS SELECT 1::int8 AS id")
    let query = LogQuery(source: .table(schema: schema, name: "a.b"), columns: ["id"])
    let sql = try query.sql(on: connection)
    #expect(try connection.values(sql) == .integers([1]))
    #expect(try connection.fingerprint(of: sql) != nil)
    let before = try connection.fingerprint(of: sql)
    try odd.execute("INSERT INTO \"a.b\" SELECT i FROM generate_series(1, 5000) AS i")
    #expect(try connection.fingerprint(of: sql) != before)
    try odd.execute("DROP SCHEMA \(odd.quotedIdentifier(schema)) CASCADE")
  }

  @Test func `all columns that aren't there are named`() throws {
    try makeLog("timestamptz")
    let query = LogQuery(
      source: .table(name: "Log"), columns: ["Id", "clicked", "showed_at"], timeColumn: "clicked")
    let error = PostgresError.missingColumns(
      ["clicked", "showed_at"], source: "Log", closest: ["showed_at": "shown_at"])
    #expect(throws: error) { try query.sql(on: connection) }
    #expect(
      error.description
        == "Log has no column clicked, no column showed_at; did you mean shown_at?")
  }

  @Test func `a time column must hold times`() throws {
    try makeLog("timestamptz")
    let query = LogQuery(source: .table(name: "Log"), timeColumn: "Id", window: 0..<1)
    #expect(throws: PostgresError.wrongKind(column: "Id", type: "int8", found: .time)) {
      try query.sql(on: connection)
    }
  }
}
