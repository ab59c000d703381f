import Interactions

/// The rows of a user's table, view or query that a run reads.
public struct LogQuery: Sendable, Equatable {
  /// Where the rows come from.
  public enum Source: Sendable, Equatable {
    /// A table or view; nil leaves its schema to the server's search path.
    case table(schema: String? = nil, name: String)
    /// A whole SELECT.
    case query(String)
  }

  public var source: Source
  /// The columns to read, in this order; empty for all.
  public var columns: [String]
  /// Columns of vectors: of types that can't be read, such as pgvector's, these come as texts.
  public var vectorColumns: [String]
  /// The column that tells when a row happened.
  public var timeColumn: String?
  /// Reads rows from the lower bound to before the upper one, in microseconds since 1970 UTC.
  ///
  /// `Int64.min` and `Int64.max` leave their side open.
  public var window: Range<Int64>?
  /// A further SQL condition on the rows.
  public var condition: String?
  /// The column in whose order rows come; nil takes them as they come.
  public var orderColumn: String?

  /// Describes rows; a window needs a time column.
  public init(
    source: Source, condition: String? = nil, columns: [String] = [],
    vectorColumns: [String] = [], timeColumn: String? = nil, window: Range<Int64>? = nil,
    orderColumn: String? = nil
  ) {
    precondition(timeColumn != nil || window == nil, "a window needs a time column")
    self.source = source
    self.condition = condition
    self.columns = columns
    self.vectorColumns = vectorColumns
    self.timeColumn = timeColumn
    self.window = window
    self.orderColumn = orderColumn
  }

  /// The statement for ``LogReader``, with names quoted.
  ///
  /// Throws ``PostgresError/missingColumns(_:source:closest:)`` for the columns that the source lacks.
  public func sql(on connection: PostgresConnection) throws(PostgresError) -> String {
    var from: String
    switch source {
    case .table(let schema, let name):
      from = try connection.quotedRelation(schema: schema, name: name) + " AS log"
    case .query(let text): from = "(\n\(PostgresConnection.embeddable(text))\n) AS log"
    }
    if let condition { from = "(SELECT * FROM \(from) WHERE \(condition)\n) AS log" }
    let found = try connection.query("SELECT * FROM \(from) LIMIT 0").columnNames
    let needed = Set(columns + [timeColumn, orderColumn].compactMap(\.self))
    let missing = needed.subtracting(found).sorted()
    if !missing.isEmpty {
      let closest = missing.compactMap { column in
        Spelling.nearest(to: column, among: found).map { (column, $0) }
      }
      throw .missingColumns(
        missing, source: name, closest: Dictionary(uniqueKeysWithValues: closest))
    }
    let asTexts = try unreadable(vectorColumns.filter(found.contains), from, on: connection)
    var list: [String] = []
    for column in columns.isEmpty && !asTexts.isEmpty ? found : columns {
      let name = try connection.quotedIdentifier(column)
      list.append(asTexts.contains(column) ? "\(name)::text AS \(name)" : name)
    }
    var sql = "SELECT \(list.isEmpty ? "*" : list.joined(separator: ", ")) FROM \(from)"
    if let timeColumn, let window {
      let time = try connection.quotedIdentifier(timeColumn)
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
    if let orderColumn { sql += " ORDER BY \(try connection.quotedIdentifier(orderColumn))" }
    return sql
  }

  /// Those of some columns whose types can't be read.
  private func unreadable(
    _ columns: [String], _ from: String, on connection: PostgresConnection
  ) throws(PostgresError) -> [String] {
    guard !columns.isEmpty else { return [] }
    var list: [String] = []
    for column in columns { list.append(try connection.quotedIdentifier(column)) }
    let query = "SELECT \(list.joined(separator: ", ")) FROM \(from)"
    return Array(try connection.describedColumns(of: query).unsupported.keys)
  }

  /// What messages call the source.
  private var name: String {
    switch source {
    case .table(let schema, let name): schema.map { "\($0).\(name)" } ?? name
    case .query: "the query"
    }
  }
}
