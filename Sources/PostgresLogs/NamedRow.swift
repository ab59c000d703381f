/// One row of a small result, read by the names of its columns.
struct NamedRow {
  private let rows: QueryRows
  private let row: Int

  init(_ rows: QueryRows, _ row: Int) {
    self.rows = rows
    self.row = row
  }

  /// The value as text, nil for NULL.
  func text(_ column: String) -> String? { rows.value(row, column) }

  func integer(_ column: String) -> Int? { text(column).flatMap { Int($0) } }

  func number(_ column: String) -> Double? { text(column).flatMap { Double($0) } }

  /// A time that the statement gives as microseconds.
  func moment(_ column: String) -> Moment? {
    text(column).flatMap { Int64($0) }.map(Moment.init)
  }

  func json(_ column: String) -> JSONValue? { text(column).flatMap { JSONValue(json: $0) } }

  /// A value that the table never leaves out.
  func needed<Value>(_ column: String, _ value: Value?) throws(PostgresError) -> Value {
    guard let value else { throw .malformed("a row of the notes has no \(column) to read") }
    return value
  }
}

extension QueryRows {
  /// The rows, each made into a value.
  func map<Value>(
    _ make: (NamedRow) throws(PostgresError) -> Value
  ) throws(PostgresError) -> [Value] {
    var values: [Value] = []
    for row in rows.indices { values.append(try make(NamedRow(self, row))) }
    return values
  }
}
