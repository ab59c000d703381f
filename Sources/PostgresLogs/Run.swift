/// How far a run has come.
public enum RunState: String, Codable, Sendable, CaseIterable {
  case running
  /// It never noted an end, and no process works on it any more.
  case interrupted
  case finished, failed
  /// The gate kept its model back.
  case refused
  /// Another run took its place.
  case abandoned

  /// Whether the run can still be gone on with.
  public var isUnfinished: Bool { [.running, .interrupted, .failed].contains(self) }
}

/// A training, evaluation, scoring or nightly job, as it is noted.
public struct Run: Codable, Sendable, Equatable {
  public var id: Int
  /// A ``RunKind``, or one that another version of this program knows.
  public var kind: String
  /// The name of the model that it is about.
  public var model: String?
  public var state: RunState
  /// Why it was refused or abandoned, why its model was published against the gate, or why nothing
  /// was new.
  public var reason: String?
  /// Why it failed.
  public var error: String?
  /// The stage that it began last.
  public var stage: String?
  public var startedAt: Moment
  public var finishedAt: Moment?
  /// From the first start to the end, or to now where there is none yet.
  public var seconds: Double
  public var rows: Int?
  /// Processes that worked on it so far.
  public var attempts: Int
  /// When the last of them began; nil where the first one still works or came to the end.
  public var takenOverAt: Moment?
  /// Where the last of them worked.
  public var host: String
  public var process: Int
  /// Nil for runs of before this was noted.
  public var databaseUser: String?
  /// The time of the data's own clock in the run's snapshot.
  public var clock: Moment?

  private enum CodingKeys: String, CodingKey {
    case id, kind, model, state, reason, error, stage, seconds, rows, attempts, host, process, clock
    case startedAt = "started_at"
    case finishedAt = "finished_at"
    case takenOverAt = "taken_over_at"
    case databaseUser = "database_user"
  }

  /// The columns to read a run by, from `paretorank.runs AS r`.
  static var columns: String {
    """
    r.id, r.kind, r.model, r.reason, r.error, r.attempts, r.host, r.pid, r.database_user,
    r.row_count, \(Moment.sql("r.started_at")) AS started_at,
    \(Moment.sql("r.finished_at")) AS finished_at,
    \(Moment.sql("r.taken_over_at")) AS taken_over_at, \(Moment.sql("r.clock")) AS clock,
    extract(epoch FROM coalesce(r.finished_at, clock_timestamp()) - r.started_at) AS seconds,
    \(stateSQL) AS state,
    (SELECT s.stage FROM paretorank.stages s WHERE s.run_id = r.id
      ORDER BY s.started_at DESC LIMIT 1) AS stage
    """
  }

  /// A run is alive while its connection is, and where runs of its kind lock their model, only if
  /// that connection holds the lock.
  private static var stateSQL: String {
    """
    CASE WHEN r.state = 'running' AND NOT (
      EXISTS (SELECT FROM pg_stat_activity a
        WHERE a.pid = r.backend AND a.datname = current_database()
        AND coalesce(a.backend_start <= coalesce(r.taken_over_at, r.started_at), true))
      AND (r.kind NOT IN ('train', 'nightly') OR r.model IS NULL OR r.backend IN
        (\(PostgresConnection.lockHoldersSQL(job: "'\(Bookkeeping.lockPrefix)' || r.model"))))
    ) THEN 'interrupted' ELSE r.state END
    """
  }

  init(_ row: NamedRow) throws(PostgresError) {
    id = try row.needed("id", row.integer("id"))
    kind = try row.needed("kind", row.text("kind"))
    model = row.text("model")
    state = try row.needed("state", row.text("state").flatMap(RunState.init))
    reason = row.text("reason")
    error = row.text("error")
    stage = row.text("stage")
    startedAt = try row.needed("started_at", row.moment("started_at"))
    finishedAt = row.moment("finished_at")
    seconds = row.number("seconds") ?? 0
    rows = row.integer("row_count")
    attempts = try row.needed("attempts", row.integer("attempts"))
    takenOverAt = row.moment("taken_over_at")
    host = try row.needed("host", row.text("host"))
    process = try row.needed("pid", row.integer("pid"))
    databaseUser = row.text("database_user")
    clock = row.moment("clock")
  }
}
