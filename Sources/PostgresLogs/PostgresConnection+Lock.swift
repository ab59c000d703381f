/// Who holds the lock of a job, as that run noted itself.
public struct LockHolder: Sendable, Equatable, CustomStringConvertible {
  /// What the run does, such as `train`.
  public var kind: String
  public var host: String
  /// The number of its process on that host.
  public var process: Int
  /// When it began, in UTC.
  public var since: String

  public var description: String { "\(kind), process \(process) on \(host), since \(since)" }
}

extension PostgresConnection {
  /// Takes the lock of a job that may run only once at a time; false if somebody else holds it.
  ///
  /// The lock ends with the connection. It needs no table and no right beyond connecting.
  public func lock(job: String) throws(PostgresError) -> Bool {
    try value("SELECT pg_try_advisory_lock(hashtext('paretorank'), hashtext($1))", [job]) == "t"
  }

  /// Gives the lock of a job back.
  public func unlock(job: String) throws(PostgresError) {
    try execute("SELECT pg_advisory_unlock(hashtext('paretorank'), hashtext($1))", [job])
  }

  /// The run that holds the lock of a job; nil if none does, or its notes can't be read.
  public func holder(ofLock job: String) -> LockHolder? {
    let found = try? query(
      """
      SELECT kind, host, pid, to_char(coalesce(taken_over_at, started_at) AT TIME ZONE 'UTC',
        'YYYY-MM-DD HH24:MI:SS"Z"')
      FROM paretorank.runs
      WHERE state = 'running' AND backend IN (\(Self.lockHoldersSQL(job: "$1")))
      ORDER BY id DESC LIMIT 1
      """, [job])
    guard let row = found?.rows.first, let process = row[2].flatMap({ Int($0) }) else { return nil }
    return LockHolder(
      kind: row[0] ?? "", host: row[1] ?? "", process: process, since: row[3] ?? "")
  }

  /// SQL for the server's numbers of the connections that hold the lock of a job.
  static func lockHoldersSQL(job: String) -> String {
    """
    SELECT l.pid FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND l.classid::int8 = hashtext('paretorank')::int8 & 4294967295
      AND l.objid::int8 = hashtext(\(job))::int8 & 4294967295
    """
  }
}
