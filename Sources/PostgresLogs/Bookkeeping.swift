import Glibc

/// ParetoRank's notes about its runs, models and metrics, in the database's schema `paretorank`.
public struct Bookkeeping {
  let connection: PostgresConnection

  /// Opens the notes; brings the schema up to date first.
  public init(_ connection: PostgresConnection) throws {
    try Migrations.apply(on: connection)
    self.connection = connection
  }

  // MARK: - Runs

  /// Notes that a run starts and answers its number.
  ///
  /// `configuration` is JSON and must not hold the database connection; `window` is half open, in
  /// microseconds since 1970 UTC.
  public func startRun(
    kind: String, model: String? = nil, configuration: String = "{}", window: Range<Int64>? = nil
  ) throws(PostgresError) -> Int {
    let row = try connection.value(
      """
      INSERT INTO paretorank.runs
        (kind, model, configuration, host, pid, backend, window_from, window_to)
      VALUES ($1, $2, $3::jsonb, $4, $5::int4, pg_backend_pid(),
        timestamptz 'epoch' + $6::int8 * interval '1 microsecond',
        timestamptz 'epoch' + $7::int8 * interval '1 microsecond')
      RETURNING id
      """,
      [
        kind, model, configuration, Self.hostName, "\(getpid())",
        window.map { "\($0.lowerBound)" }, window.map { "\($0.upperBound)" },
      ])
    return try Self.number(row)
  }

  /// Notes that a run has done its work.
  public func finishRun(_ run: Int, rowCount: Int? = nil) throws(PostgresError) {
    try connection.execute(
      """
      UPDATE paretorank.runs
      SET state = 'finished', finished_at = clock_timestamp(), row_count = $2::int8
      WHERE id = $1::int8 AND state = 'running'
      """, ["\(run)", rowCount.map { "\($0)" }])
  }

  /// Notes why a run stopped before its end.
  public func failRun(_ run: Int, error: String) throws(PostgresError) {
    try connection.execute(
      """
      UPDATE paretorank.runs SET state = 'failed', finished_at = clock_timestamp(), error = $2
      WHERE id = $1::int8 AND state = 'running'
      """, ["\(run)", error])
  }

  // MARK: - Metrics

  /// One number that a run measured.
  public struct Metric: Sendable, Equatable {
    /// Such as `test` or `2026-03-01/2026-03-02`.
    public var window: String
    /// Empty for a number over all tasks.
    public var task: String
    public var name: String
    public var value: Double
    /// Bounds of the 95 % interval, where there is one.
    public var low: Double?
    public var high: Double?

    public init(
      window: String, task: String, name: String, value: Double, low: Double? = nil,
      high: Double? = nil
    ) {
      self.window = window
      self.task = task
      self.name = name
      self.value = value
      self.low = low
      self.high = high
    }
  }

  /// Notes what a run measured; a number that was there already is replaced.
  public func record(_ metrics: [Metric], run: Int) throws {
    try connection.withTransaction {
      for metric in metrics {
        try connection.execute(
          """
          INSERT INTO paretorank.metrics (run_id, time_window, task, metric, value, low, high)
          VALUES ($1::int8, $2, $3, $4, $5::float8, $6::float8, $7::float8)
          ON CONFLICT (run_id, time_window, task, metric)
          DO UPDATE SET value = excluded.value, low = excluded.low, high = excluded.high
          """,
          [
            "\(run)", metric.window, metric.task, metric.name, "\(metric.value)",
            metric.low.map { "\($0)" }, metric.high.map { "\($0)" },
          ])
      }
    }
  }

  /// Notes what combining the tasks did over a run's steps, as JSON.
  public func record(combining: String, run: Int) throws(PostgresError) {
    try connection.execute(
      "UPDATE paretorank.runs SET combining = $2::jsonb WHERE id = $1::int8",
      ["\(run)", combining])
  }

  // MARK: - Helpers

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(
      decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  static func number(_ text: String?) throws(PostgresError) -> Int {
    guard let number = text.flatMap({ Int($0) }) else { throw .malformed("the server gave no id") }
    return number
  }
}
