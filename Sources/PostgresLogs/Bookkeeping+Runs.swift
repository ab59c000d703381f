extension Bookkeeping {
  /// What the names of models' locks begin with.
  static let lockPrefix = "model "

  /// The job whose lock keeps runs on the models of a name apart; see ``PostgresConnection/lock(job:)``.
  public static func lockedJob(ofModel name: String) -> String { lockPrefix + name }

  // MARK: - Finding runs

  /// The newest runs that fit, the newest first; nil fits all.
  public func runs(
    kind: String? = nil, model: String? = nil, state: RunState? = nil, limit: Int? = nil
  ) throws(PostgresError) -> [Run] {
    try connection.query(
      """
      SELECT * FROM (SELECT \(Run.columns) FROM paretorank.runs AS r
        WHERE ($1::text IS NULL OR r.kind = $1) AND ($2::text IS NULL OR r.model = $2)) AS found
      WHERE $3::text IS NULL OR state = $3 ORDER BY id DESC LIMIT $4::int8
      """, [kind, model, state?.rawValue, limit.map { "\($0)" }]
    ).map { (row) throws(PostgresError) in try Run(row) }
  }

  /// The run of a number; nil where there is none.
  public func run(_ id: Int) throws(PostgresError) -> Run? {
    try connection.query(
      "SELECT \(Run.columns) FROM paretorank.runs AS r WHERE r.id = $1::int8", ["\(id)"]
    ).map { (row) throws(PostgresError) in try Run(row) }.first
  }

  /// The newest run of a kind for a model, if it has not come to an end: it is running, was
  /// interrupted, or failed after it had begun a stage.
  ///
  /// Who holds the model's lock may go on with it by ``takeOver(run:)``.
  public func unfinishedRun(kind: String, model: String) throws(PostgresError) -> Run? {
    guard let run = try runs(kind: kind, model: model, limit: 1).first, run.state.isUnfinished
    else { return nil }
    return run.state == .failed && run.stage == nil ? nil : run
  }

  /// Seconds since a run was first started, also of one that has failed; nil where it is unknown.
  public func age(ofRun id: Int) throws(PostgresError) -> Double? {
    try connection.value(
      """
      SELECT extract(epoch FROM clock_timestamp() - started_at) FROM paretorank.runs
      WHERE id = $1::int8
      """, ["\(id)"]
    ).flatMap(Double.init)
  }

  // MARK: - Changing runs

  /// Notes that this process goes on with a run that another one left unfinished.
  ///
  /// Stages that it left running count as failed.
  ///
  /// - Throws: ``RegistryError/ended(run:)`` where the run has come to an end.
  public func takeOver(run: Int) throws {
    try connection.withTransaction {
      let count = try connection.execute(
        """
        UPDATE paretorank.runs SET state = 'running', finished_at = NULL, error = NULL,
          attempts = attempts + 1, taken_over_at = clock_timestamp(), host = $2, pid = $3::int4,
          backend = pg_backend_pid(), database_user = session_user
        WHERE id = $1::int8 AND state IN ('running', 'failed')
        """, ["\(run)", Self.hostName, "\(Self.process)"])
      guard count == 1 else { throw try notOpen(run) }
      try connection.execute(
        """
        UPDATE paretorank.stages SET state = 'failed', error = 'interrupted'
        WHERE run_id = $1::int8 AND state = 'running'
        """, ["\(run)"])
    }
  }

  /// Notes that a run of this process goes on over this connection, after it lost another.
  ///
  /// - Throws: ``RegistryError/ended(run:)`` where the run has come to an end.
  public func reattach(run: Int) throws {
    let count = try connection.execute(
      """
      UPDATE paretorank.runs SET backend = pg_backend_pid(), taken_over_at = clock_timestamp()
      WHERE id = $1::int8 AND state = 'running'
      """, ["\(run)"])
    guard count == 1 else { throw try notOpen(run) }
  }

  /// Notes that the gate refused a run's model, and why in one paragraph.
  ///
  /// Candidates that the run registered are refused with it. `finish` is called at the end of the
  /// same transaction.
  ///
  /// - Throws: ``RegistryError/ended(run:)`` where the run has come to another end.
  public func refuseRun(
    _ run: Int, reason: String, rowCount: Int? = nil, finally finish: () throws -> Void = {}
  ) throws {
    try connection.withTransaction {
      try end(run, as: .refused, from: "'running'", reason: reason, rowCount: rowCount)
      try connection.execute(
        """
        UPDATE paretorank.models SET state = 'refused'
        WHERE run_id = $1::int8 AND state = 'candidate'
        """, ["\(run)"])
      try finish()
    }
  }

  /// Notes that nobody will go on with an unfinished run, and why.
  ///
  /// - Throws: ``RegistryError/ended(run:)`` where the run has come to another end.
  public func abandonRun(_ run: Int, reason: String) throws {
    try connection.withTransaction {
      try end(run, as: .abandoned, from: "'running', 'failed'", reason: reason, rowCount: nil)
      try connection.execute(
        """
        UPDATE paretorank.stages SET state = 'failed', error = 'abandoned'
        WHERE run_id = $1::int8 AND state = 'running'
        """, ["\(run)"])
    }
  }

  private func end(
    _ run: Int, as state: RunState, from states: String, reason: String, rowCount: Int?
  ) throws {
    let count = try connection.execute(
      """
      UPDATE paretorank.runs SET state = $2, reason = $3,
        finished_at = coalesce(finished_at, clock_timestamp()),
        row_count = coalesce($4::int8, row_count)
      WHERE id = $1::int8 AND state IN (\(states))
      """, ["\(run)", state.rawValue, reason, rowCount.map { "\($0)" }])
    guard count == 1 else { throw try notOpen(run) }
  }

  /// Why a run couldn't be changed.
  private func notOpen(_ id: Int) throws(PostgresError) -> RegistryError {
    try run(id) == nil ? .unknownRun(id) : .ended(run: id)
  }

  // MARK: - What a run found

  /// Notes the time of the data's own clock in the run's snapshot, in microseconds since 1970 UTC.
  public func setClock(_ clock: Int64, run: Int) throws(PostgresError) {
    try connection.execute(
      """
      UPDATE paretorank.runs SET clock = \(Moment.time(ofParameter: 2)) WHERE id = $1::int8
      """, ["\(run)", "\(clock)"])
  }

  /// Notes why a run ends as it does: a model is published against the gate, or nothing was new.
  public func setReason(_ reason: String, run: Int) throws(PostgresError) {
    try connection.execute(
      "UPDATE paretorank.runs SET reason = $2 WHERE id = $1::int8", ["\(run)", reason])
  }

  /// Notes how a run's rows differ from the former run's, as JSON.
  ///
  /// `paretorank runs show` lists the entries of its key `findings`: texts, or objects whose key
  /// `sentence` is one.
  public func record(drift: String, run: Int) throws(PostgresError) {
    try set("drift", drift, run)
  }

  /// How the rows of the newest run that finished and noted it differed; nil without one.
  public func newestDrift(kind: String, model: String) throws(PostgresError) -> JSONValue? {
    try connection.query(
      """
      SELECT drift FROM paretorank.runs
      WHERE kind = $1 AND model = $2 AND state = 'finished' AND drift IS NOT NULL
      ORDER BY id DESC LIMIT 1
      """, [kind, model]
    ).map { (row) throws(PostgresError) in row.json("drift") }.first ?? nil
  }

  /// Notes the gate's verdict on a run's model, as JSON.
  ///
  /// `paretorank runs show` tells its key `paragraph`.
  public func record(gate: String, run: Int) throws(PostgresError) { try set("gate", gate, run) }

  /// Notes the whole report of a run, as JSON.
  public func record(report: String, run: Int) throws(PostgresError) {
    try set("report", report, run)
  }

  /// Notes what combining the tasks did over a run's steps, as JSON.
  public func record(combining: String, run: Int) throws(PostgresError) {
    try set("combining", combining, run)
  }

  private func set(_ column: String, _ json: String, _ run: Int) throws(PostgresError) {
    try connection.execute(
      "UPDATE paretorank.runs SET \(column) = $2::jsonb WHERE id = $1::int8", ["\(run)", json])
  }

  /// What a run was asked and what it found, as JSON; nil where the run is unknown.
  public func findings(ofRun id: Int) throws(PostgresError) -> RunFindings? {
    try connection.query(
      "SELECT configuration, drift, gate, report, combining FROM paretorank.runs WHERE id = $1::int8",
      ["\(id)"]
    ).map { (row) throws(PostgresError) in
      RunFindings(
        configuration: try row.needed("configuration", row.json("configuration")),
        drift: row.json("drift"), gate: row.json("gate"), report: row.json("report"),
        combining: row.json("combining"))
    }.first
  }
}

/// What a run was asked and what it found.
public struct RunFindings: Codable, Sendable, Equatable {
  /// Never holds the database connection.
  public var configuration: JSONValue
  public var drift: JSONValue?
  public var gate: JSONValue?
  public var report: JSONValue?
  public var combining: JSONValue?
}
