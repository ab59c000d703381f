public import Interactions

/// Reads a query to its end, and from the start again where the connection breaks on the way.
///
/// Every attempt reads one snapshot whole, so rows of two states of the database never mix.
public struct SnapshotReader {
  private let connect: () throws(PostgresError) -> PostgresConnection
  private let query: (PostgresConnection) throws(PostgresError) -> String
  private let attemptCount: Int
  private let pause: Duration

  /// Describes the reading; `pause` is the time before the second attempt and doubles after it.
  public init(
    attemptCount: Int = 3, pause: Duration = .seconds(1),
    connect: @escaping () throws(PostgresError) -> PostgresConnection,
    query: @escaping (PostgresConnection) throws(PostgresError) -> String
  ) {
    precondition(attemptCount > 0, "\(attemptCount) attempts read nothing")
    self.attemptCount = attemptCount
    self.pause = pause
    self.connect = connect
    self.query = query
  }

  /// Reads everything and answers the number of rows.
  ///
  /// `begin` is called before the first row of every attempt: whoever keeps rows throws away there
  /// what an earlier attempt brought. The last attempt's error is thrown.
  public func read(
    begin: ([ColumnDescription]) throws -> Void, rows: (RowChunk) throws -> Void
  ) throws -> Int {
    var attempt = 1
    var wait = pause
    var isCancelled: () -> Bool = { false }
    while true {
      do {
        let connection = try connect()
        isCancelled = connection.isCancelled
        let reader = try LogReader(connection, query: query(connection))
        try begin(reader.columns)
        while let chunk = try reader.next() { try rows(chunk) }
        return reader.rowCount
      } catch let error as PostgresError where isWorthAnother(error, after: attempt) {
        attempt += 1
        try sleep(wait, isCancelled)
        wait *= 2
      }
    }
  }

  /// A server that was never reached isn't waited for; one that went away may come back.
  private func isWorthAnother(_ error: PostgresError, after attempt: Int) -> Bool {
    guard attempt < attemptCount else { return false }
    switch error {
    case .connectionLost: return true
    case .noConnection: return attempt > 1
    default: return false
    }
  }

  private func sleep(_ duration: Duration, _ isCancelled: () -> Bool) throws(PostgresError) {
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end {
      if isCancelled() { throw .cancelled }
      Files.pause(milliseconds: 20)
    }
  }
}
