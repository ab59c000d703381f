import Interactions

/// The rows of a user's table, view or query that a run reads.
public struct LogQuery: Sendable, Equatable {
  /// Where the rows come from.
  public enum Source: Sendable, Equatable {
    /// A table or view, with or without its schema.
    case table(String)
    /// A whole SELECT.
    case query(String)
  }

  public var source: Source
  /// The columns to read, in this order; empty for all.
  public var columns: [String]
  /// The column that tells when a row happened.
  public var timeColumn: String?
  /// Reads rows from the lower bound to before the upper one, in microseconds since 1970 UTC.
  ///
  /// `Int64.min` and `Int64.max` leave their side open.
  public var window: Range<Int64>?
  /// Whether rows come in the order of ``timeColumn``.
  public var isOrdered: Bool

  public init(
    source: Source, columns: [String] = [], timeColumn: String? = nil,
    window: Range<Int64>? = nil, isOrdered: Bool = false
  ) {
    precondition(
      timeColumn != nil || window == nil && !isOrdered, "a window and an order need a time column")
    self.source = source
    self.columns = columns
    self.timeColumn = timeColumn
    self.window = window
    self.isOrdered = isOrdered
  }

  /// The statement for ``LogReader``, with names quoted.
  ///
  /// Throws ``PostgresError/missingColumn(_:source:)`` for the first column that the source lacks.
  public func sql(on connection: PostgresConnection) throws(PostgresError) -> String {
    let from: String
    switch source {
    case .table(let name): from = try connection.quotedTable(name)
    case .query(let text): from = "(\n\(PostgresConnection.embeddable(text))\n) AS log"
    }
    let found = try connection.query("SELECT * FROM \(from) LIMIT 0").columnNames
    for column in columns + [timeColumn].compactMap(\.self) where !found.contains(column) {
      throw .missingColumn(column, source: name)
    }
    var list: [String] = []
    for column in columns { list.append(try connection.quotedIdentifier(column)) }
    var sql = "SELECT \(list.isEmpty ? "*" : list.joined(separator: ", ")) FROM \(from)"
    guard let timeColumn else { return sql }
    let time = try connection.quotedIdentifier(timeColumn)
    if let window {
      let type = try connection.columns(of: "SELECT \(time) FROM \(from)")[0]
      guard type.kind == .time else {
        throw .wrongKind(column: timeColumn, type: type.databaseType, found: .time)
      }
      // Times without a zone count as UTC, whatever the session's zone is.
      let epoch =
        type.databaseType == "timestamptz"
        ? "timestamptz '1970-01-01 00:00:00+00'" : "timestamp '1970-01-01 00:00:00'"
      var bounds: [String] = []
      if window.lowerBound > .min {
        bounds.append("\(time) >= \(epoch) + \(window.lowerBound) * interval '1 microsecond'")
      }
      if window.upperBound < .max {
        bounds.append("\(time) < \(epoch) + \(window.upperBound) * interval '1 microsecond'")
      }
      if !bounds.isEmpty { sql += " WHERE " + bounds.joined(separator: " AND ") }
    }
    return isOrdered ? sql + " ORDER BY \(time)" : sql
  }

  /// What messages call the source.
  private var name: String {
    switch source {
    case .table(let name): name
    case .query: "the query"
    }
  }
}
