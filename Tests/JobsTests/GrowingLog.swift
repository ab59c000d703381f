import ColumnFiles
import DatabaseTestSupport
import Foundation
import Interactions
import Jobs
import Logging
import PostgresLogs
import RunConfiguration
import Synchronization

/// A log of twelve impressions a day from 2025-03-01 on, in a schema of its own, whose clock is set.
final class GrowingLog {
  static let day = Timestamp.microsecondsPerDay
  /// 2025-03-01 00:00 UTC.
  static let start: Int64 = 20_148 * day

  let schema: String
  let folder: String
  let connection: PostgresConnection

  init(_ schema: String, days: Range<Int>) throws {
    self.schema = schema
    folder = NSTemporaryDirectory() + "/paretorank-days-\(UUID().uuidString)"
    connection = try TestServer.connect(schema: schema)
    try connection.run(
      script: """
        CREATE TABLE log (id bigint, request text, user_id bigint, item text, shown_at timestamptz,
          recent text[], clicked boolean, purchased boolean);
        CREATE TABLE clock (at timestamptz);
        INSERT INTO clock VALUES (NULL);
        """)
    try add(days)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
    _ = try? connection.execute("DROP SCHEMA \(schema) CASCADE")
  }

  /// Adds the rows of days, counted from the first, and sets the clock to the end of the last one.
  func add(_ days: Range<Int>) throws {
    try connection.execute(
      """
      INSERT INTO log SELECT id, 'r' || id / 3, id % 7, 'i' || id * 5 % 11,
        timestamptz '2025-03-01 00:00+00' + id * interval '2 hours' + id * 7 % 5 * interval '3 hours',
        ARRAY['i' || id % 4, 'i' || id % 9], id % 3 = 0, id % 6 = 0
      FROM generate_series(12 * $1::int8, 12 * $2::int8 - 1) AS id
      """, ["\(days.lowerBound)", "\(days.upperBound)"])
    try setClock(days.upperBound)
  }

  /// Sets the clock to the start of a day.
  func setClock(_ day: Int) throws {
    try connection.execute(
      "UPDATE clock SET at = timestamptz '2025-03-01 00:00+00' + $1::int8 * interval '24 hours'",
      ["\(day)"])
  }

  /// A configuration for the log, in which a day is closed two days after its end.
  func configuration(_ overrides: String...) throws -> RunConfiguration {
    try RunConfiguration(
      yaml: """
        database: "\(TestServer.url.get())"
        impressions:
          from: \(schema).log
          time: shown_at
          request: request
          user: user_id
          item: item
          key: id
          clock: SELECT at FROM \(schema).clock
        tasks:
          - {name: click, label: clicked, window: 6 hours}
          - {name: purchase, label: purchased, after: click, window: 1 day}
        features:
          - {id: user_id, dimension: 4}
          - {id: item, dimension: 4}
          - {list: recent, shares: item, pooling: mean, longest: 5}
        split: {train: all, validation: 1 day, test: 1 day}
        nightly: {lateness: 1 day}
        output: {models: "\(folder)/models", name: \(schema)}
        """, overrides: overrides)
  }

  func store(
    _ configuration: RunConfiguration? = nil, _ context: JobContext = JobContext()
  ) throws -> DayStore {
    DayStore(
      try configuration ?? self.configuration(), context: context, directory: "\(folder)/days",
      pause: .milliseconds(5))
  }

  /// All files of days, hidden ones included.
  var files: [String] {
    get throws {
      let files = FileManager.default
      func paths(in folder: String) throws -> [String] {
        try files.contentsOfDirectory(atPath: folder).map { "\(folder)/\($0)" }
      }
      return try paths(in: "\(folder)/days").flatMap(paths).flatMap {
        try files.contentsOfDirectory(atPath: $0)
      }.sorted()
    }
  }

  /// The night's days put together, the way a first night does.
  func encode(_ night: Night, to name: String = "night") throws -> EncodedLog {
    let configuration = try configuration()
    let path = "\(folder)/\(name)"
    return try store().encode(night.days) { columns, roles in
      try LogEncoder(
        writing: path, key: "key", columns: columns, features: configuration.features,
        roles: roles, split: configuration.split)
    }.log
  }
}

/// Keeps what a job says.
final class Messages: LogHandler, Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  var context: JobContext {
    JobContext(logger: Logger(label: "test") { _ in self })
  }

  // Left as they are: a job neither asks nor changes them.
  var logLevel: Logger.Level {
    get { .info }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) { lines.withLock { $0.append("\(event.message)") } }
}
