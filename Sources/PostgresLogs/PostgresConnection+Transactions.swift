extension PostgresConnection {
  /// Runs `body` in a transaction: all of it stays, or, if it throws, none.
  @discardableResult
  public func withTransaction<R>(_ body: () throws -> R) throws -> R {
    try within("BEGIN", body)
  }

  /// Runs `body` on one unchanging view of the database; writing is refused.
  @discardableResult
  public func withSnapshot<R>(_ body: () throws -> R) throws -> R {
    try within("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
  }

  private func within<R>(_ begin: String, _ body: () throws -> R) throws -> R {
    try execute(begin)
    let result: R
    do {
      result = try body()
    } catch {
      // The body's error counts; a connection that can't roll back is rolled back by the server.
      let wanted = isCancelled
      isCancelled = { false }
      defer { isCancelled = wanted }
      _ = try? execute("ROLLBACK")
      throw error
    }
    try execute("COMMIT")
    return result
  }
}
