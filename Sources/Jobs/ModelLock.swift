internal import PostgresLogs

/// Keeps other runs from the models of a name, for as long as it is held.
///
/// The lock belongs to the connection: it ends with it, however that happens.
final class ModelLock {
  let connection: PostgresConnection
  private let job: String
  private var isHeld = true

  /// Takes the lock over a connection.
  ///
  /// - Throws: ``JobError/locked(model:holder:)`` where another run holds it.
  init(model: String, on connection: PostgresConnection) throws {
    self.connection = connection
    job = Bookkeeping.lockedJob(ofModel: model)
    guard try connection.lock(job: job) else {
      throw JobError.locked(model: model, holder: connection.holder(ofLock: job)?.description)
    }
  }

  deinit { release() }

  /// Gives the lock back.
  ///
  /// The server ends a connection that was closed some time later: a next run would find it held.
  func release() {
    guard isHeld else { return }
    isHeld = false
    try? connection.unlock(job: job)
  }
}
