public import Interactions

/// Writes rows into a table, through `COPY … FROM STDIN (FORMAT binary)`.
///
/// All rows arrive with ``finish()`` or none do: a writer that goes without it leaves the table as
/// it was. The connection serves nothing else in between.
public final class CopyWriter {
  /// The table's columns that are written, in the order of each chunk's.
  public let columns: [ColumnDescription]
  /// Rows handed over so far.
  public private(set) var rowCount = 0
  private let typedColumns: [TypedColumn]
  private let connection: PostgresConnection
  private let stream: CopyStream
  private var encoder = CopyEncoder()

  /// Rows that are encoded together; small enough for the cache.
  private static let rowsPerBlock = 2_048

  /// Starts writing to `table`, a name with or without its schema.
  public init(
    _ connection: PostgresConnection, table: String, columns: [String]
  ) throws(PostgresError) {
    let target = try connection.quotedTable(table)
    var names: [String] = []
    for column in columns { names.append(try connection.quotedIdentifier(column)) }
    let list = names.joined(separator: ", ")
    typedColumns = try connection.typedColumns(of: "SELECT \(list) FROM \(target)")
    self.columns = typedColumns.map(\.description)
    self.connection = connection
    stream = try CopyStream(
      connection, sql: "COPY \(target) (\(list)) FROM STDIN (FORMAT binary)")
  }

  /// Adds a chunk's rows; its columns are those of ``columns`` in kind and order.
  ///
  /// Whole numbers fit integer and floating-point columns, numbers floating-point ones, texts also
  /// uuid, times also date. Throws ``PostgresError/badValue(column:row:expected:)`` for a value
  /// outside its column's range and then leaves nothing.
  public func write(_ chunk: RowChunk) throws(PostgresError) {
    precondition(
      chunk.columns.count == typedColumns.count,
      "a chunk of \(chunk.columns.count) columns can't go to \(typedColumns.count)")
    precondition(
      chunk.columns.allSatisfy { $0.rowCount == chunk.rowCount }, "columns differ in length")
    do throws(PostgresError) {
      if connection.isCancelled() { throw .cancelled }
      for first in stride(from: 0, to: chunk.rowCount, by: Self.rowsPerBlock) {
        let rows = first..<min(first + Self.rowsPerBlock, chunk.rowCount)
        try unsafe encoder.encode(chunk, rows: rows, as: typedColumns, firstRow: rowCount + 1) {
          bytes throws(PostgresError) in try unsafe stream.send(bytes)
        }
        rowCount += rows.count
      }
    } catch {
      stream.abandon()
      throw error
    }
  }

  /// Ends the writing; answers how many rows the table took.
  @discardableResult
  public func finish() throws(PostgresError) -> Int { try stream.finish() }
}
