import DatabaseTestSupport
import Foundation
import Interactions
import PostgresLogs
import Testing

/// The bookkeeping schema and what is kept there; a database for each test.
struct BookkeepingTests {
  let url: String
  let connection: PostgresConnection

  init() throws {
    let name = "books_" + UUID().uuidString.prefix(8).lowercased()
    let main = try TestServer.connect()
    try main.execute("CREATE DATABASE \(name)")
    url = try TestServer.url.get().replacing("/paretorank?", with: "/\(name)?")
    connection = try PostgresConnection(url)
  }

  @Test func `migrations are applied once`() throws {
    #expect(try Migrations.version(on: connection) == 0)
    #expect(try Migrations.apply(on: connection) == Array(1...Migrations.latestVersion))
    #expect(try Migrations.apply(on: connection) == [])
    #expect(try Migrations.version(on: connection) == Migrations.latestVersion)
  }

  @Test func `migrations at once are applied once`() async throws {
    let url = url
    let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
      for _ in 0..<4 {
        group.addTask { try Migrations.apply(on: PostgresConnection(url)) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(applied == Array(1...Migrations.latestVersion))
  }

  @Test func `a schema from the future is refused`() throws {
    try Migrations.apply(on: connection)
    try connection.execute(
      "INSERT INTO paretorank.schema_migrations (version, name) VALUES (999, 'later')")
    #expect(
      throws: PostgresError.newerSchema(found: 999, known: Migrations.latestVersion)
    ) { try Bookkeeping(connection) }
  }

  @Test func `a run is noted from its start to its end`() throws {
    let books = try Bookkeeping(connection)
    let run = try books.startRun(
      kind: "train", model: "shop", configuration: #"{"epochs": 3}"#,
      window: 0..<86_400_000_000)
    let failed = try books.startRun(kind: "score")
    try books.finishRun(run, rowCount: 12)
    try books.failRun(failed, error: "no space")
    try books.finishRun(failed)
    try connection.execute("SET timezone = 'UTC'")
    let rows = try connection.query(
      """
      SELECT state, model, configuration->>'epochs', window_to, row_count, error
      FROM paretorank.runs ORDER BY id
      """
    ).rows
    #expect(rows[0] == ["finished", "shop", "3", "1970-01-02 00:00:00+00", "12", nil])
    #expect(rows[1] == ["failed", nil, nil, nil, nil, "no space"])
  }

  @Test func `metrics of a run are replaced, not doubled`() throws {
    let books = try Bookkeeping(connection)
    let run = try books.startRun(kind: "evaluate")
    var metric = Bookkeeping.Metric(
      window: "test", task: "click", name: "auc", value: 0.7, low: 0.6, high: 0.8)
    try books.record([metric], run: run)
    metric.value = 0.1 + 0.2
    try books.record([metric], run: run)
    let rows = try connection.query("SELECT value, low FROM paretorank.metrics").rows
    #expect(rows == [["\(0.1 + 0.2)", "0.6"]])
  }

  @Test func `a job's lock is held by one connection, whose run is known`() throws {
    let others = try PostgresConnection(url)
    #expect(try connection.lock(job: "nightly"))
    #expect(try !others.lock(job: "nightly"))
    #expect(others.holder(ofLock: "nightly") == nil)
    let books = try Bookkeeping(connection)
    #expect(others.holder(ofLock: "nightly") == nil)
    _ = try Bookkeeping(PostgresConnection(url)).startRun(kind: "evaluate")
    _ = try books.startRun(kind: "train")
    let holder = try #require(others.holder(ofLock: "nightly"))
    #expect(holder.kind == "train")
    #expect(holder.process == Int(getpid()))
    #expect(holder.since.wholeMatch(of: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/) != nil)
    #expect(others.holder(ofLock: "another") == nil)
    #expect(try others.lock(job: "another"))
    try connection.unlock(job: "nightly")
    #expect(try others.lock(job: "nightly"))
  }

  private func rows(_ value: Double) -> ScoredRows {
    var rows = ScoredRows()
    for rank in 1...3 {
      rows.users.append("u1".utf8)
      rows.items.append("i\(rank)".utf8)
      rows.ranks.append(Int32(rank))
      rows.values.append(value / Double(rank))
      rows.probabilities += [0.25, value]
    }
    return rows
  }

  /// What a reader finds in the view.
  private func seen(_ reader: PostgresConnection) throws -> [[String?]] {
    let found = try reader.query(
      """
      SELECT version, max(value), count(*) FROM paretorank.current_scored_candidates
      GROUP BY version
      """)
    return found.rows
  }

  @Test func `readers see a version of scores whole or not at all`() throws {
    let books = try Bookkeeping(connection)
    let reader = try PostgresConnection(url)
    let first = try books.publishScores(model: "shop", tasks: ["click", "it's"]) { writer in
      try writer.write(rows(0.5))
      #expect(try seen(reader) == [])
    }
    #expect(first.rowCount == 3)
    #expect(try seen(reader) == [["\(first.version)", "0.5", "3"]])
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try books.publishScores(model: "shop", tasks: ["click", "it's"]) { writer in
        try writer.write(rows(0.75))
        throw Stop()
      }
    }
    #expect(try seen(reader) == [["\(first.version)", "0.5", "3"]])
    let second = try books.publishScores(model: "shop", tasks: ["click", "it's"]) { writer in
      try writer.write(rows(0.75))
      #expect(try seen(reader) == [["\(first.version)", "0.5", "3"]])
    }
    #expect(try seen(reader) == [["\(second.version)", "0.75", "3"]])
    #expect(
      try reader.query(
        """
        SELECT tasks[2], item_id, probabilities[1] FROM paretorank.current_scored_candidates
        WHERE user_id = 'u1' AND rank = 2
        """
      ).rows == [["it's", "i2", "0.25"]])
    #expect(try books.pruneScores(model: "shop", keeping: 1) == 1)
    #expect(try reader.value("SELECT count(*) FROM paretorank.scored_candidates") == "3")
  }

  @Test(.timeLimit(.minutes(10)))
  func `one who writes scores doesn't keep others waiting`() throws {
    let books = try Bookkeeping(connection)
    let impatient = try PostgresConnection(url)
    try impatient.execute("SET lock_timeout = '2s'")
    let others = try Bookkeeping(impatient)
    var between = 0
    let last = try books.publishScores(model: "shop", tasks: ["click", "buy"]) { writer in
      try writer.write(rows(0.5))
      for model in ["shop", "another"] {
        between = try others.publishScores(model: model, tasks: ["click", "buy"]) {
          try $0.write(rows(0.25))
        }.version
      }
    }
    #expect(last.version < between)
    #expect(
      try seen(impatient).sorted { ($0[0] ?? "") < ($1[0] ?? "") } == [
        ["\(last.version)", "0.5", "3"], ["\(between)", "0.25", "3"],
      ])
  }

  @Test func `a view of other tasks keeps its owner and who may read it`() throws {
    let books = try Bookkeeping(connection)
    let roles = ["Al \"ice", "bob", "owner"].map { "\($0)_\(UUID().uuidString)" }
    let quoted = try roles.map { try connection.quotedIdentifier($0) }
    defer { _ = try? connection.execute("DROP ROLE \(quoted.joined(separator: ", "))") }
    for role in quoted { try connection.execute("CREATE ROLE \(role)") }
    func show(_ tasks: [String]) throws {
      try books.showScores(schema: "public", name: "My scores", model: "shop", tasks: tasks)
    }
    func rights() throws -> [[String?]] {
      try connection.query(
        """
        SELECT rolname, has_table_privilege(rolname, 'public."My scores"', 'SELECT'),
          has_column_privilege(rolname, 'public."My scores"', 'rank', 'SELECT')
        FROM pg_roles WHERE rolname IN ($1, $2) ORDER BY rolname
        """, [roles[0], roles[1]]
      ).rows
    }
    try show(["click"])
    try connection.run(
      script: """
        GRANT SELECT ON "My scores" TO \(quoted[0]) WITH GRANT OPTION;
        GRANT SELECT (click, rank) ON "My scores" TO \(quoted[1]);
        GRANT CREATE ON SCHEMA public TO \(quoted[2]);
        ALTER VIEW "My scores" OWNER TO \(quoted[2]);
        """)
    let before = try rights()
    #expect(before == [[roles[0], "t", "t"], [roles[1], "f", "t"]])
    for tasks in [["click", "buy"], ["click", "buy"], ["buy"]] {
      try show(tasks)
      #expect(try rights() == before)
      let found = try connection.query(
        """
        SELECT attname FROM pg_attribute
        WHERE attrelid = 'public."My scores"'::regclass AND attnum > 0 ORDER BY attnum
        """)
      #expect(found.rows.compactMap { $0[0] } == ["user_id", "item_id", "rank", "value"] + tasks)
    }
    let owner = try connection.value(
      "SELECT viewowner FROM pg_views WHERE viewname = 'My scores'")
    #expect(owner == roles[2])
    try connection.run(
      script: "DROP VIEW public.\"My scores\"; REVOKE CREATE ON SCHEMA public FROM \(quoted[2])")
  }

  @Test func `a table in the view's place stays`() throws {
    let books = try Bookkeeping(connection)
    try connection.execute("CREATE TABLE mine AS SELECT 1 AS one")
    #expect(throws: PostgresError.self) {
      try books.showScores(schema: nil, name: "mine", model: "shop", tasks: ["click"])
    }
    #expect(try connection.value("SELECT one FROM mine") == "1")
  }
}
