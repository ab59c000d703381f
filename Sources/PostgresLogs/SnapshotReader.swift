public import Interactions

/// Reads a query to its end, and from the start again where the connection breaks on the way.
///
/// Every attempt reads one snapshot whole, so rows of two states of the database never mix.
public struct SnapshotReader {
  private let retrying: Retrying
  private let connect: () throws(PostgresError) -> PostgresConnection
  private let query: (PostgresConnection) throws(PostgresError) -> String

  /// Describes the reading; `retrying` says how long a lost connection is tried again.
  public init(
    retrying: Retrying, connect: @escaping () throws(PostgresError) -> PostgresConnection,
    query: @escaping (PostgresConnection) throws(PostgresError) -> String
  ) {
    self.retrying = retrying
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
    try retrying.run { _ in
      let connection = try connect()
      let reader = try LogReader(connection, query: query(connection))
      try begin(reader.columns)
      while let chunk = try reader.next() { try rows(chunk) }
      return reader.rowCount
    }
  }
}
