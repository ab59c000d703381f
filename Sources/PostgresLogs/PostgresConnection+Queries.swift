import CLibPQ
import Glibc

/// The rows of a small result, every value in PostgreSQL's text form, nil for NULL.
public struct QueryRows: Sendable, Equatable {
  public var columnNames: [String]
  public var rows: [[String?]]

  public init(columnNames: [String], rows: [[String?]]) {
    self.columnNames = columnNames
    self.rows = rows
  }

  /// The values of one row by column name; nil for NULL and for a name that isn't there.
  public func value(_ row: Int, _ column: String) -> String? {
    columnNames.firstIndex(of: column).flatMap { rows[row][$0] }
  }
}

extension PostgresConnection {
  /// Runs one statement and answers how many rows it touched.
  ///
  /// Values travel as parameters `$1`, `$2`, …, never inside the text.
  @discardableResult
  public func execute(
    _ sql: String, _ parameters: [String?] = []
  ) throws(PostgresError) -> Int {
    try send(sql, parameters)
    return try collect { $0.affectedRowCount } ?? 0
  }

  /// Runs one statement and answers its rows; meant for results that fit in memory easily.
  public func query(
    _ sql: String, _ parameters: [String?] = []
  ) throws(PostgresError) -> QueryRows {
    try send(sql, parameters)
    let rows = try collect { result in
      QueryRows(
        columnNames: (0..<result.columnCount).map { result.columnName($0) },
        rows: (0..<result.rowCount).map { row in
          (0..<result.columnCount).map { result.value(row, $0) }
        })
    }
    return rows ?? QueryRows(columnNames: [], rows: [])
  }

  /// The first value of the first row, nil where there is none.
  public func value(
    _ sql: String, _ parameters: [String?] = []
  ) throws(PostgresError) -> String? {
    try query(sql, parameters).rows.first?.first ?? nil
  }

  /// Runs several statements separated by semicolons, without parameters.
  ///
  /// Outside a transaction they succeed or fail together.
  public func run(script: String) throws(PostgresError) {
    beginStatement(script)
    guard unsafe PQsendQuery(handle, script) == 1 else { throw failure() }
    _ = try collect { _ in }
  }

  private func send(_ sql: String, _ parameters: [String?]) throws(PostgresError) {
    for value in parameters { try Self.checkForZero(value ?? "") }
    beginStatement(sql)
    let copies = parameters.map { $0.map { Array($0.utf8CString) } }
    let sent = unsafe Self.withPointers(to: copies[...], []) { values in
      unsafe PQsendQueryParams(handle, sql, Int32(values.count), nil, values, nil, nil, 0)
    }
    guard sent == 1 else { throw failure() }
  }

  /// Calls `body` with a pointer to each text.
  static func withPointers<R>(
    to texts: ArraySlice<[CChar]?>, _ pointers: [UnsafePointer<CChar>?],
    _ body: ([UnsafePointer<CChar>?]) -> R
  ) -> R {
    guard let text = texts.first else { return unsafe body(pointers) }
    guard let text else {
      return unsafe withPointers(to: texts.dropFirst(), pointers + [nil], body)
    }
    return unsafe text.withUnsafeBufferPointer { buffer in
      unsafe withPointers(to: texts.dropFirst(), pointers + [buffer.baseAddress], body)
    }
  }

  /// Reads every result of the running statement and answers what `body` makes of the last.
  func collect<R>(_ body: (borrowing PostgresResult) -> R) throws(PostgresError) -> R? {
    var last: R?
    var problem: PostgresError?
    while let result = try nextResult() {
      switch result.status {
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        problem = problem ?? .malformed("COPY needs LogReader or CopyWriter")
        abandonCopy(result.status)
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: last = body(result)
      default: problem = problem ?? error(result)
      }
    }
    if let problem { throw problem }
    return last
  }

  private func abandonCopy(_ status: ExecStatusType) {
    if status == PGRES_COPY_IN {
      _ = unsafe PQputCopyEnd(handle, "not wanted")
    } else {
      drainCopy()
    }
  }

  /// Stops a running COPY TO and throws its remaining rows away.
  func drainCopy() {
    stopStatement()
    while true {
      var buffer: UnsafeMutablePointer<CChar>?
      let length = unsafe PQgetCopyData(handle, &buffer, 1)
      unsafe PQfreemem(buffer)
      if length < 0 { return }
      if length > 0 { continue }
      do { try wait(for: Int16(POLLIN)) } catch { return }
      if unsafe PQconsumeInput(handle) == 0 { return }
    }
  }

  // MARK: - Names and values inside a statement

  /// A name as it stands in a statement, quoted by libpq.
  public func quotedIdentifier(_ name: String) throws(PostgresError) -> String {
    try unsafe quoted(name, PQescapeIdentifier)
  }

  /// A name with or without its schema, such as `public.labelled_impressions`, quoted by parts.
  ///
  /// A part in double quotes may hold dots and capitals: `"My.Schema".log`.
  public func quotedTable(_ name: String) throws(PostgresError) -> String {
    var parts: [String] = []
    for part in Self.nameParts(name) { parts.append(try quotedIdentifier(part)) }
    return parts.joined(separator: ".")
  }

  /// The name of a table or view as it stands in a statement; nil leaves its schema to the server.
  public func quotedRelation(schema: String?, name: String) throws(PostgresError) -> String {
    let quoted = try quotedIdentifier(name)
    guard let schema else { return quoted }
    return try quotedIdentifier(schema) + "." + quoted
  }

  /// A value as it stands in a statement that takes no parameters, such as COPY.
  public func quotedLiteral(_ value: String) throws(PostgresError) -> String {
    try unsafe quoted(value, PQescapeLiteral)
  }

  private func quoted(
    _ text: String,
    _ escape: (OpaquePointer?, UnsafePointer<CChar>?, Int) -> UnsafeMutablePointer<CChar>?
  ) throws(PostgresError) -> String {
    try Self.checkForZero(text)
    guard let result = unsafe escape(handle, text, text.utf8.count) else {
      throw .malformed("a name or value is not valid text")
    }
    defer { unsafe PQfreemem(result) }
    return unsafe String(cString: result)
  }

  /// Refuses a zero byte, at which C would cut the text short.
  private static func checkForZero(_ text: String) throws(PostgresError) {
    if text.utf8.contains(0) { throw .malformed("a name or value holds a zero byte") }
  }

  /// Splits a name at the dots outside double quotes.
  static func nameParts(_ name: String) -> [String] {
    var parts = [""]
    var isQuoted = false
    var rest = name[...]
    while let character = rest.popFirst() {
      switch character {
      case "\"" where isQuoted && rest.first == "\"":
        rest.removeFirst()
        parts[parts.count - 1].append("\"")
      case "\"" where isQuoted || parts[parts.count - 1].isEmpty: isQuoted.toggle()
      case "." where !isQuoted: parts.append("")
      default: parts[parts.count - 1].append(character)
      }
    }
    return parts
  }
}
