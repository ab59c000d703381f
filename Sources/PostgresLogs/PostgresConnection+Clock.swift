import Interactions

extension PostgresConnection {
  /// The server's time, which stands still in a transaction, in microseconds since 1970 UTC.
  public func serverTime() throws(PostgresError) -> Int64 {
    guard let text = try value("SELECT \(Self.microseconds("now()"))"), let time = Int64(text)
    else { throw .malformed("the server didn't tell its time") }
    return time
  }

  /// The one finite time that a query answers, in microseconds since 1970 UTC; nil where it answers
  /// none, or several.
  ///
  /// - Throws: ``PostgresError/wrongKind(column:type:found:)`` where the answer is no time.
  public func singleTime(of query: String) throws(PostgresError) -> Int64? {
    let columns = try columns(of: query)
    guard columns.count == 1 else { return nil }
    guard columns[0].kind == .time else {
      throw .wrongKind(column: columns[0].name, type: columns[0].databaseType, found: .time)
    }
    let row =
      try self.query(
        """
        SELECT \(Self.microseconds("time")) FROM (
        \(Self.embeddable(query))
        ) AS clock(time) WHERE isfinite(time) LIMIT 2
        """
      ).rows
    return row.count == 1 ? row[0][0].flatMap { Int64($0) } : nil
  }

  /// The oldest finite time of a query's rows, in microseconds since 1970 UTC; nil where it has none.
  ///
  /// An index on the column answers it.
  public func oldestTime(in column: String, of query: String) throws(PostgresError) -> Int64? {
    let time = try quotedIdentifier(column)
    let text = try value(
      """
      SELECT \(Self.microseconds("min(\(time))")) FROM (\(query)) AS log WHERE isfinite(\(time))
      """)
    return text.flatMap { Int64($0) }
  }

  /// How many rows of a query have a finite time, or have none.
  ///
  /// An index on the column answers it.
  public func rowCount(
    of query: String, withTime isThere: Bool, in column: String
  ) throws(PostgresError) -> Int {
    let time = try quotedIdentifier(column)
    let condition =
      isThere ? "isfinite(\(time))" : "\(time) IS NULL OR \(time) IN ('infinity', '-infinity')"
    let text = try value("SELECT count(*) FROM (\(query)) AS log WHERE \(condition)")
    guard let count = text.flatMap({ Int($0) }) else {
      throw .malformed("the server didn't count the rows")
    }
    return count
  }
}
