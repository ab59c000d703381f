import CLibPQ
public import Interactions

extension PostgresConnection {
  /// The columns that a query answers, without running it.
  ///
  /// Throws ``PostgresError/unsupportedType(column:type:)`` for a type that ``LogReader`` can't read.
  public func columns(of query: String) throws(PostgresError) -> [ColumnDescription] {
    try typedColumns(of: query).map(\.description)
  }

  /// The columns that a query answers, those of types that can't be read apart, by name, with their
  /// types.
  public func describedColumns(
    of query: String
  ) throws(PostgresError) -> (columns: [ColumnDescription], unsupported: [String: String]) {
    let source = "(\(Self.embeddable(query))\n) AS log"
    var columns: [ColumnDescription] = []
    var unsupported: [String: String] = [:]
    for name in try self.query("SELECT * FROM \(source) LIMIT 0").columnNames {
      do throws(PostgresError) {
        columns += try self.columns(of: "SELECT \(quotedIdentifier(name)) FROM \(source)")
      } catch {
        guard case .unsupportedType(_, let type) = error else { throw error }
        unsupported[name] = type
      }
    }
    return (columns, unsupported)
  }

  /// The query without the semicolon that would end it inside another statement.
  static func embeddable(_ query: String) -> String {
    var text = query[...]
    while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
    return String(text)
  }

  func typedColumns(of query: String) throws(PostgresError) -> [TypedColumn] {
    beginStatement(query)
    guard unsafe PQsendPrepare(handle, "", Self.embeddable(query), 0, nil) == 1 else {
      throw failure()
    }
    _ = try collect { _ in }
    guard unsafe PQsendDescribePrepared(handle, "") == 1 else { throw failure() }
    let found = try collect { result in
      (0..<result.columnCount).map { (result.columnName($0), result.columnType($0)) }
    }
    let fields = found ?? []
    if fields.isEmpty { throw .malformed("the query answers no columns") }
    let types = try types(numbered: Set(fields.map(\.1)))
    var columns: [TypedColumn] = []
    for (name, typeID) in fields {
      let type = types[typeID]
      let typeName = type?.name ?? "number \(typeID)"
      guard let format = FieldFormat(typeID: typeID) ?? type?.format else {
        throw .unsupportedType(column: name, type: typeName)
      }
      columns.append(
        TypedColumn(
          description: ColumnDescription(name: name, kind: format.kind, databaseType: typeName),
          format: format, elementTypeID: type?.elementTypeID ?? 0))
    }
    return columns
  }

  /// What `pg_type` says of the types with these numbers.
  private func types(
    numbered numbers: Set<UInt32>
  ) throws(PostgresError) -> [UInt32: (name: String, format: FieldFormat?, elementTypeID: UInt32)] {
    let list = "{\(numbers.map(String.init).joined(separator: ","))}"
    let rows = try query(
      """
      SELECT t.oid, CASE WHEN e.oid IS NULL THEN t.typname ELSE e.typname || '[]' END,
        t.typtype, e.typtype, coalesce(e.oid, 0)
      FROM pg_catalog.pg_type t
      LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
      WHERE t.oid = ANY ($1::oid[])
      """, [list]
    ).rows
    var types: [UInt32: (name: String, format: FieldFormat?, elementTypeID: UInt32)] = [:]
    for row in rows {
      guard let number = row[0].flatMap(UInt32.init), let name = row[1] else { continue }
      let format: FieldFormat? = row[2] == "e" ? .text : row[3] == "e" ? .textList : nil
      types[number] = (name, format, row[4].flatMap(UInt32.init) ?? 0)
    }
    return types
  }
}
