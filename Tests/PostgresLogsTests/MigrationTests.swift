import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// A database that an earlier version of the program wrote is brought up to date with its rows.
struct MigrationTests {
  /// The migrations up to a version, as they stand in `schemas/paretorank.sql`.
  private func script(upTo version: Int) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(
      contentsOf: root.appendingPathComponent("schemas/paretorank.sql"), encoding: .utf8)
    let next = try #require(text.range(of: "-- migration \(version + 1): "))
    return String(text[..<next.lowerBound])
  }

  @Test func `a database of version 3 keeps its rows`() throws {
    let database = try FreshDatabase()
    try database.connection.run(
      script: """
        CREATE SCHEMA paretorank;
        CREATE TABLE paretorank.schema_migrations (
          version integer PRIMARY KEY, name text NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT now());
        INSERT INTO paretorank.schema_migrations (version, name)
          SELECT i, 'old' FROM generate_series(1, 3) AS i;
        \(script(upTo: 3))
        INSERT INTO paretorank.runs
          (kind, model, configuration, state, finished_at, host, pid, row_count, error)
        VALUES
          ('train', 'shop', '{}', 'finished', now(), 'here', 1, 5, NULL),
          ('train', 'shop', '{}', 'failed', now(), 'here', 2, NULL, 'no space'),
          ('score', 'shop', '{}', 'running', NULL, 'here', 3, NULL, NULL);
        INSERT INTO paretorank.models (name, version, path, digest, run_id, state)
          VALUES ('shop', 1, 'models/a', 'aa', 1, 'current'), ('shop', 2, 'models/b', 'bb', 2, 'candidate');
        INSERT INTO paretorank.score_versions (model, tasks, row_count, state)
          VALUES ('shop', ARRAY['click'], 1, 'current');
        INSERT INTO paretorank.scored_candidates VALUES (1, 'u', 'i', 1, 0.5, ARRAY[0.5]);
        CREATE VIEW scores AS SELECT item_id FROM paretorank.current_scored_candidates;
        GRANT SELECT ON paretorank.current_scored_candidates TO \(TestServer.carefulUser);
        """)
    #expect(try Migrations.apply(on: database.connection) == Array(4...Migrations.latestVersion))
    let books = try Bookkeeping(database.connection)
    #expect(try books.runs().map(\.state) == [.interrupted, .failed, .finished])
    #expect(try books.runs().allSatisfy { $0.databaseUser == nil && $0.attempts == 1 })
    #expect(try books.currentModel("shop")?.version == 1)
    #expect(try database.connection.value("SELECT item_id FROM scores") == "i")
    let mayRead = try database.connection.value(
      """
      SELECT has_table_privilege(
        '\(TestServer.carefulUser)', 'paretorank.current_scored_candidates', 'SELECT')
      """)
    #expect(mayRead == "t")
    #expect(throws: RegistryError.nothingBefore(version: 1, name: "shop")) {
      try books.rollback("shop")
    }
    try books.promoteModel(try books.model("shop", version: 2).id)
    #expect(try books.rollback("shop").model.version == 1)
    try database.connection.run(script: "DROP VIEW scores")
    try database.connection.execute(
      "REVOKE ALL ON paretorank.current_scored_candidates FROM \(TestServer.carefulUser)")
  }
}
