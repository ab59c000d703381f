extension PostgresConnection {
  /// Has the server hold this connection to `limits`; what the user set by `options` stays.
  func apply(_ limits: ConnectionLimits) throws(PostgresError) {
    let settings = limits.settings
    let wanted = settings.indices.map { "($\(2 * $0 + 1), $\(2 * $0 + 2))" }
    // Servers before 14 don't know all of them.
    let rows = try query(
      """
      SELECT name, set_config(name, wanted.value, false), pg_catalog.pg_backend_pid()
      FROM (VALUES \(wanted.joined(separator: ", "))) AS wanted (key, value)
      JOIN pg_catalog.pg_settings ON name = key
      WHERE source <> 'client'
      """, settings.flatMap { [$0.name, $0.value] }
    ).rows
    let set = rows.compactMap { $0[0] }
    statementLimit = set.contains("statement_timeout") ? limits.statement : nil
    lockLimit = set.contains("lock_timeout") ? limits.lock : nil
    backend = rows.first?[2]
  }

  /// The error that stands for a limit which the running statement ran into, if it did.
  ///
  /// The server tells its own limit and an administrator's wish apart by its message alone, which may
  /// be in any language; time tells them apart, too.
  func limitError(_ state: SQLState) -> PostgresError? {
    if state == .lockNotAvailable, let lockLimit {
      return .lockNotGot(limit: lockLimit.words, holders: holders)
    }
    if state == .queryCanceled, let statementLimit, statementTime >= statementLimit {
      return .statementTooLong(limit: statementLimit.words)
    }
    return nil
  }

  /// Looks who keeps the running statement waiting, once, when half of the time for that is over.
  ///
  /// Afterwards nobody could tell any more. It takes a second connection, because this one waits.
  func lookForHolders() {
    guard let lockLimit, let backend, !hasLookedForHolders, statementTime >= lockLimit / 2 else {
      return
    }
    hasLookedForHolders = true
    let found = try? PostgresConnection(connectionString.text, isCancelled: isCancelled).query(
      """
      SELECT concat_ws(' ', 'process', pid::text, '(' || nullif(application_name, '') || ')',
        'of user ' || usename, to_char(xact_start AT TIME ZONE 'UTC',
          '"since" YYYY-MM-DD HH24:MI:SS"Z"'))
      FROM pg_catalog.pg_stat_activity WHERE pid = ANY (pg_catalog.pg_blocking_pids($1::int4))
      ORDER BY pid LIMIT 3
      """, [backend])
    let names = found?.rows.compactMap { $0[0] } ?? []
    holders = names.isEmpty ? nil : names.joined(separator: ", ")
  }
}
