import CLibPQ

extension PostgresConnection {
  /// Runs `body` in a transaction: all of it stays, or, if it throws, none.
  ///
  /// Inside of another transaction it is a part of that one.
  @discardableResult
  public func withTransaction<R>(_ body: () throws -> R) throws -> R {
    let isInside = unsafe PQtransactionStatus(handle) == PQTRANS_INTRANS
    return isInside ? try body() : try within("BEGIN", body)
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
    // The server would answer COMMIT with a rollback, and no error.
    guard unsafe PQtransactionStatus(handle) != PQTRANS_INERROR else {
      _ = try? execute("ROLLBACK")
      throw PostgresError.malformed("a statement of a transaction failed, and nobody noticed")
    }
    try execute("COMMIT")
    return result
  }
}
