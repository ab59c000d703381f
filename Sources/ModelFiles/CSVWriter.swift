internal import Files

/// Writes rows of comma-separated values to a file, which appears when it is complete.
///
/// Fields are quoted, and lines end with a carriage return and a line feed, as RFC 4180 has it. An
/// empty text is written as `""` and a missing value as nothing, so that PostgreSQL's
/// `COPY … (FORMAT csv)` tells them apart. What was written disappears with this object unless
/// ``finish()`` was called; a file that was there before then stays as it was.
public final class CSVWriter {
  private let file: OutputFile
  private let columnCount: Int
  private var line: [UInt8] = []
  private var column = 0
  /// Rows completed so far, the header left out.
  public private(set) var rowCount = 0

  /// Begins a file with a header; it replaces the one at `path`, if any.
  ///
  /// - Throws: ``ModelFileError`` where the file can't be made.
  public init(replacing path: String, columns: [String]) throws(ModelFileError) {
    precondition(!columns.isEmpty, "rows without columns")
    columnCount = columns.count
    file = try OutputFile(replacing: path)
    for name in columns { append(name) }
    try endLine()
  }

  /// Adds a text to the row.
  public func append(_ text: String) {
    beginField()
    appendCSVField(text, to: &line)
  }

  /// Adds a whole number to the row.
  public func append(_ number: some FixedWidthInteger) {
    beginField()
    line.append(contentsOf: String(number).utf8)
  }

  /// Adds a number to the row, with as many digits as it takes to read the same number back.
  public func append(_ number: Float) {
    beginField()
    line.append(contentsOf: number.description.utf8)
  }

  /// Adds a number to the row, with as many digits as it takes to read the same number back.
  public func append(_ number: Double) {
    beginField()
    line.append(contentsOf: number.description.utf8)
  }

  /// Adds a missing value to the row.
  public func appendMissing() { beginField() }

  /// Completes a row, which has a field for each column.
  ///
  /// - Throws: ``ModelFileError/noRoom(_:reason:)`` or ``ModelFileError/system(_:reason:)``.
  public func endRow() throws(ModelFileError) {
    try endLine()
    rowCount += 1
  }

  /// Completes the file: waits until the disk has it, and gives it its name.
  ///
  /// - Throws: ``ModelFileError``; then what was at the path is as it was.
  public func finish() throws(ModelFileError) {
    precondition(column == 0, "a row that isn't complete")
    try file.finish()
  }

  private func beginField() {
    precondition(column < columnCount, "a row of more than \(columnCount) fields")
    if column > 0 { line.append(UInt8(ascii: ",")) }
    column += 1
  }

  private func endLine() throws(ModelFileError) {
    precondition(column == columnCount, "a row of \(column) instead of \(columnCount) fields")
    line.append(0x0D)
    line.append(0x0A)
    try file.append(line)
    line.removeAll(keepingCapacity: true)
    column = 0
  }
}
