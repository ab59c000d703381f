/// The versions of the bookkeeping schema `paretorank`, applied by the command and never by hand.
public enum Migrations {
  private struct Migration {
    var version: Int
    var name: String
    var script: String
  }

  /// The schema's version that this program works with.
  public static var latestVersion: Int { all.last?.version ?? 0 }

  /// The version that a database has; 0 where the schema doesn't exist.
  public static func version(on connection: PostgresConnection) throws(PostgresError) -> Int {
    let table = try connection.value("SELECT to_regclass('paretorank.schema_migrations')")
    if table == nil { return 0 }
    let version = try connection.value("SELECT max(version) FROM paretorank.schema_migrations")
    return version.flatMap { Int($0) } ?? 0
  }

  /// Brings the schema to ``latestVersion`` and answers the versions that were applied.
  ///
  /// Each is applied in a transaction of its own, all under one lock, so that several processes may
  /// do this at once and the first of them applies all. Throws
  /// ``PostgresError/newerSchema(found:known:)`` for a schema from the future.
  @discardableResult
  public static func apply(on connection: PostgresConnection) throws -> [Int] {
    var applied: [Int] = []
    if try version(on: connection) < latestVersion {
      try connection.execute("SELECT pg_advisory_lock(\(lockNumber))")
      defer { _ = try? connection.execute("SELECT pg_advisory_unlock(\(lockNumber))") }
      // Another process may have been here while this one waited for the lock.
      applied = try applyMissing(on: connection)
    }
    let found = try version(on: connection)
    if found > latestVersion {
      throw PostgresError.newerSchema(found: found, known: latestVersion)
    }
    return applied
  }

  private static func applyMissing(on connection: PostgresConnection) throws -> [Int] {
    let present = try version(on: connection)
    let missing = all.filter { $0.version > present }
    for migration in missing {
      try connection.withTransaction {
        try connection.execute("CREATE SCHEMA IF NOT EXISTS paretorank")
        try connection.execute(
          """
          CREATE TABLE IF NOT EXISTS paretorank.schema_migrations (
            version integer PRIMARY KEY, name text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now())
          """)
        try connection.run(script: migration.script)
        try connection.execute(
          "INSERT INTO paretorank.schema_migrations (version, name) VALUES ($1, $2)",
          ["\(migration.version)", migration.name])
      }
    }
    return missing.map(\.version)
  }

  /// Any number that nobody else is likely to use: "paretorA" as bytes.
  private static let lockNumber: Int64 = 0x7061_7265_746F_7241

  /// The sections of `schemas/paretorank.sql`, each behind a line `-- migration N: name`.
  private static let all: [Migration] = {
    var found: [Migration] = []
    let text = String(decoding: PackageResources.paretorank_sql, as: UTF8.self)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let match = line.wholeMatch(of: /-- migration (\d+): (.+)/), let version = Int(match.1) {
        found.append(Migration(version: version, name: String(match.2), script: ""))
      } else if !found.isEmpty {
        found[found.count - 1].script += line + "\n"
      }
    }
    precondition(found.map(\.version) == Array(1...max(found.count, 1)), "migrations out of order")
    return found
  }()
}
