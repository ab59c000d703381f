extension PostgresConnection {
  /// Creates a schema in which the rest of the transaction works.
  ///
  /// One of this name that is there already is dropped with all that is in it, if `replaces` says so;
  /// else it stays and the answer is false.
  public func createSchema(
    _ name: String, replacing replaces: Bool
  ) throws(PostgresError) -> Bool {
    let quoted = try quotedIdentifier(name)
    if try value("SELECT 1 FROM pg_namespace WHERE nspname = $1", [name]) != nil {
      guard replaces else { return false }
      try execute("DROP SCHEMA \(quoted) CASCADE")
    }
    try execute("CREATE SCHEMA \(quoted)")
    try execute("SET LOCAL search_path TO \(quoted)")
    return true
  }

  /// Has the server count values anew, so that it plans well after much was written.
  public func analyse() throws(PostgresError) { try execute("ANALYZE") }
}
