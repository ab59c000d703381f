/// How many rows a query has, and from when.
public struct TimeSpan: Sendable, Equatable {
  public var rows: Int
  /// Of the oldest and newest row with a finite time, in microseconds since 1970 UTC; nil without one.
  public var first: Int64?
  public var last: Int64?
  /// Rows whose time is NULL or infinite.
  public var withoutTime: Int
  public var inFuture: Int
}

extension PostgresConnection {
  /// The newest finite time of a query's rows, in microseconds since 1970 UTC; nil where it has none.
  ///
  /// An index on the column answers it.
  public func newestTime(
    in column: String, of query: String
  ) throws(PostgresError) -> Int64? {
    let time = try quotedIdentifier(column)
    let text = try value(
      """
      SELECT \(Self.microseconds("max(\(time))")) FROM (\(query)) AS log WHERE isfinite(\(time))
      """)
    return text.flatMap { Int64($0) }
  }

  /// Counts a query's rows by what their time is.
  public func timeSpan(
    of column: String, in query: String
  ) throws(PostgresError) -> TimeSpan {
    let time = try quotedIdentifier(column)
    let row =
      try self.query(
        """
        SELECT count(*), count(*) FILTER (WHERE isfinite(\(time))),
          count(*) FILTER (WHERE isfinite(\(time)) AND \(time) > now()),
          \(Self.microseconds("min(\(time)) FILTER (WHERE isfinite(\(time)))")),
          \(Self.microseconds("max(\(time)) FILTER (WHERE isfinite(\(time)))"))
        FROM (\(query)) AS log
        """
      ).rows.first ?? []
    let numbers = row.map { $0.flatMap { Int64($0) } }
    guard numbers.count == 5, let rows = numbers[0], let finite = numbers[1],
      let inFuture = numbers[2]
    else { throw .malformed("the server didn't count the rows") }
    return TimeSpan(
      rows: Int(rows), first: numbers[3], last: numbers[4], withoutTime: Int(rows - finite),
      inFuture: Int(inFuture))
  }

  static func microseconds(_ time: String) -> String {
    "(extract(epoch FROM \(time)) * 1000000)::int8"
  }
}
