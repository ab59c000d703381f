/// A step of a run, as it is noted.
public struct Stage: Codable, Sendable, Equatable {
  public enum State: String, Codable, Sendable { case running, finished, failed }

  /// Such as `train`.
  public var name: String
  public var state: State
  /// How often it was begun.
  public var attempts: Int
  /// Of the last attempt.
  public var startedAt: Moment
  /// Nil also where nobody saw how it ended.
  public var finishedAt: Moment?
  /// Of the last attempt; nil where its end is not known.
  public var seconds: Double?
  public var rows: Int?
  /// What the run needs to know of it to go on.
  public var detail: JSONValue?
  public var error: String?

  private enum CodingKeys: String, CodingKey {
    case state, attempts, seconds, rows, detail, error
    case name = "stage"
    case startedAt = "started_at"
    case finishedAt = "finished_at"
  }
}

extension Bookkeeping {
  /// Notes that a stage of a run begins, perhaps once more.
  ///
  /// `detail` is JSON; without it, what was noted in an earlier attempt stays.
  public func beginStage(
    _ name: String, run: Int, detail: String? = nil
  ) throws(PostgresError) {
    try connection.execute(
      """
      INSERT INTO paretorank.stages AS s (run_id, stage, detail) VALUES ($1::int8, $2, $3::jsonb)
      ON CONFLICT (run_id, stage) DO UPDATE SET state = 'running', attempts = s.attempts + 1,
        started_at = clock_timestamp(), finished_at = NULL, row_count = NULL, error = NULL,
        detail = coalesce(excluded.detail, s.detail)
      """, ["\(run)", name, detail])
  }

  /// Notes that a stage is done; the run never does it again.
  ///
  /// `detail` is JSON; without it, what was noted before stays.
  public func finishStage(
    _ name: String, run: Int, rows: Int? = nil, detail: String? = nil
  ) throws(PostgresError) {
    try connection.execute(
      """
      UPDATE paretorank.stages SET state = 'finished', finished_at = clock_timestamp(),
        row_count = $3::int8, detail = coalesce($4::jsonb, detail), error = NULL
      WHERE run_id = $1::int8 AND stage = $2
      """, ["\(run)", name, rows.map { "\($0)" }, detail])
  }

  /// Notes why a stage stopped.
  public func failStage(_ name: String, run: Int, error: String) throws(PostgresError) {
    try connection.execute(
      """
      UPDATE paretorank.stages SET state = 'failed', finished_at = clock_timestamp(), error = $3
      WHERE run_id = $1::int8 AND stage = $2 AND state = 'running'
      """, ["\(run)", name, error])
  }

  /// The stages of a run in the order in which they were begun last.
  public func stages(ofRun run: Int) throws(PostgresError) -> [Stage] {
    try connection.query(
      """
      SELECT stage, state, attempts, row_count, detail, error,
        \(Moment.sql("started_at")) AS started_at, \(Moment.sql("finished_at")) AS finished_at,
        extract(epoch FROM finished_at - started_at) AS seconds
      FROM paretorank.stages WHERE run_id = $1::int8 ORDER BY paretorank.stages.started_at, stage
      """, ["\(run)"]
    ).map { (row) throws(PostgresError) in
      Stage(
        name: try row.needed("stage", row.text("stage")),
        state: try row.needed("state", row.text("state").flatMap(Stage.State.init)),
        attempts: try row.needed("attempts", row.integer("attempts")),
        startedAt: try row.needed("started_at", row.moment("started_at")),
        finishedAt: row.moment("finished_at"), seconds: row.number("seconds"),
        rows: row.integer("row_count"), detail: row.json("detail"), error: row.text("error"))
    }
  }
}
