import ColumnFiles
import Foundation
import Interactions
import Jobs
import Logging
import PostgresLogs
import RunConfiguration

/// A table of 15 columns, like a shop's impressions with their features.
enum BenchmarkLog {
  private static let ids = ["user_id", "item_id", "request_id", "seller_id", "query_id"]
  private static let categories = ["brand", "category", "device"]
  private static let numbers = ["price", "rating", "age_days", "discount"]

  /// Fills a table with rows in the order of time: five ids of 100,000 values, three texts, four
  /// numbers, a time and two labels.
  static func create(
    _ table: String, rowCount: Int, on connection: PostgresConnection
  ) throws {
    try connection.run(
      script: """
        SELECT setseed(0.5);
        CREATE UNLOGGED TABLE \(table) AS SELECT
          timestamptz '2025-03-03 00:00+00' + n * interval '250 milliseconds' AS shown_at,
          \(ids.map { "floor(random() * 100000)::int8 AS \($0)" }.joined(separator: ", ")),
          'brand ' || floor(random() * 2000)::int4 AS brand,
          'category/' || floor(random() * 300)::int4 AS category,
          (ARRAY['phone', 'tablet', 'desktop'])[1 + floor(random() * 3)::int4] AS device,
          \(numbers.map { "random() * 100 AS \($0)" }.joined(separator: ", ")),
          random() < 0.1 AS clicked, random() < 0.01 AS bought
        FROM generate_series(1, \(rowCount)) AS n;
        ANALYZE \(table)
        """)
  }

  /// Reads a table into a column file as a run does, throws that away, and answers its rows.
  static func read(_ table: String, of url: String) throws -> Int {
    let path = NSTemporaryDirectory() + "/paretorank-bench-\(UUID().uuidString).columns"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let encoder = BackgroundEncoder<LogEncoder>()
    defer { encoder.discard() }
    let reader = SnapshotReader(
      retrying: Retrying(within: .zero),
      connect: { () throws(PostgresError) in try PostgresConnection(url) },
      query: { (_) throws(PostgresError) in "SELECT * FROM \(table)" })
    _ = try reader.read { columns in
      try encoder.restart {
        try LogEncoder(
          writing: path, key: "benchmark", columns: columns, features: features, roles: roles,
          split: .lengths(train: nil, validation: 3_600_000_000, test: 3_600_000_000))
      }
    } rows: {
      try encoder.append($0)
    }
    return try encoder.finish().log.rowCount
  }

  /// A store that keeps days of a table, all of them closed; `folder` holds them.
  static func dayStore(_ table: String, of url: String, in folder: String) -> DayStore {
    var configuration = RunConfiguration(
      database: DatabaseAddress(url),
      impressions: .init(
        rows: .relation(.init(name: table)), time: "shown_at", request: "request_id",
        user: "user_id", item: "item_id", clock: "SELECT timestamptz '2025-12-01 00:00+00'"),
      tasks: [
        .init(name: "click", label: "clicked"), .init(name: "purchase", label: "bought"),
      ],
      features: features)
    configuration.output.name = "benchmark"
    return DayStore(
      configuration, context: JobContext(logger: Logger(label: "benchmark")), directory: folder)
  }

  /// Puts a night's days together in a column file, throws that away, and answers its rows.
  static func encode(_ night: Night, of store: DayStore, in folder: String) throws -> Int {
    let path = folder + "/night.columns"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try store.encode(night.days) { columns, roles in
      try LogEncoder(
        writing: path, key: "benchmark", columns: columns, features: features, roles: roles,
        split: .lengths(train: nil, validation: 3_600_000_000, test: 3_600_000_000))
    }.log.rowCount
  }

  private static var roles: LogRoles {
    LogRoles(
      time: "shown_at", user: "user_id", item: "item_id", request: "request_id",
      tasks: [
        .init(name: "click", column: "clicked"), .init(name: "purchase", column: "bought"),
      ])
  }

  private static var features: [FeatureDefinition] {
    (ids + categories).map {
      FeatureDefinition(
        name: $0, column: $0,
        encoding: .id(.init(rows: .vocabulary(minimumCount: 2), dimension: 16)))
    } + numbers.map { FeatureDefinition(name: $0, column: $0, encoding: .number(.init())) }
  }
}
