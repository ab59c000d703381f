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
        kind, model, configuration, Self.hostName, "\(Self.process)",
        window.map { "\($0.lowerBound)" }, window.map { "\($0.upperBound)" },
      ])
    return try Self.number(row)
  }

  /// Notes that a run has done its work; false where it isn't running any more.
  @discardableResult
  public func finishRun(_ run: Int, rowCount: Int? = nil) throws(PostgresError) -> Bool {
    try connection.execute(
      """
      UPDATE paretorank.runs
      SET state = 'finished', finished_at = clock_timestamp(), row_count = $2::int8
      WHERE id = $1::int8 AND state = 'running'
      """, ["\(run)", rowCount.map { "\($0)" }]) == 1
  }

  /// Notes why a run stopped before its end, and with it the stage that it was in; false where it
  /// isn't running any more.
  @discardableResult
  public func failRun(_ run: Int, error: String) throws(PostgresError) -> Bool {
    try connection.execute(
      """
      WITH failed AS (
        UPDATE paretorank.stages SET state = 'failed', finished_at = clock_timestamp(), error = $2
        WHERE run_id = $1::int8 AND state = 'running')
      UPDATE paretorank.runs SET state = 'failed', finished_at = clock_timestamp(), error = $2
      WHERE id = $1::int8 AND state = 'running'
      """, ["\(run)", error]) == 1
  }

  // MARK: - Helpers

  /// The number of this process.
  static var process: Int { Int(getpid()) }

  static var hostName: String {
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
