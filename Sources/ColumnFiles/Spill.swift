import Files
import Interactions

/// The values of one source of the rows read so far, in a file of their own.
struct Spill {
  let source: LogPlan.ColumnSource
  private let path: String
  private let values: OutputFile
  private let ends: OutputFile?
  /// Elements of lists so far.
  private var elementCount = 0

  init(_ source: LogPlan.ColumnSource, in folder: String, index: Int) throws(ColumnFileError) {
    self.source = source
    path = "\(folder)/\(index)"
    values = try OutputFile(creating: path)
    switch source.source {
    case .listCodes, .listHashedRows: ends = try OutputFile(creating: path + ".ends")
    default: ends = nil
    }
  }

  /// Adds the values of single elements.
  func append<T: BitwiseCopyable>(_ chunk: [T]) throws(ColumnFileError) { try values.append(chunk) }

  /// Adds lists; `ends` count from the start of this chunk.
  mutating func append(_ chunk: [Int32], ends chunkEnds: [Int]) throws(ColumnFileError) {
    let start = elementCount
    try values.append(chunk)
    try ends?.append(chunkEnds.map { Int64(start + $0) })
    elementCount += chunk.count
  }

  /// Adds values that lie in another file, single elements or those of lists.
  func append<T: BitwiseCopyable & Sendable>(_ column: Column<T>) throws(ColumnFileError) {
    try unsafe column.withUnsafeBuffer { buffer throws(ColumnFileError) in
      try unsafe values.append(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Adds codes that lie in another file: for code `c` what the table has at `c + 1`.
  func append(_ codes: Column<Int32>, translatedBy table: [Int32]) throws(ColumnFileError) {
    for rows in Self.blocks(codes.count) {
      try values.append(
        unsafe codes.withUnsafeBuffer { codes in
          rows.map { table[Int(unsafe codes[$0]) + 1] }
        })
    }
  }

  /// Adds where lists end whose elements were added from the same file.
  mutating func append(ends others: Column<Int64>) throws(ColumnFileError) {
    for rows in Self.blocks(others.count) {
      try ends?.append(rows.map { others[$0] + Int64(elementCount) })
    }
    if others.count > 0 { elementCount += Int(others[others.count - 1]) }
  }

  private static func blocks(_ count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: 1 << 14).map { $0..<min($0 + 1 << 14, count) }
  }

  /// Hands everything to the system, to be read.
  func finish() throws(ColumnFileError) -> SpilledSource {
    try values.flush()
    try ends?.flush()
    return SpilledSource(source: source, path: path)
  }
}

/// The values of one source of all rows.
struct SpilledSource: Sendable {
  let source: LogPlan.ColumnSource
  fileprivate let path: String

  /// All values.
  func column<T: BitwiseCopyable & Sendable>(_ type: T.Type) throws(ColumnFileError) -> Column<T> {
    try MappedFile.open(path).column(type)
  }

  /// Where all lists end.
  func endColumn() throws(ColumnFileError) -> Column<Int64> {
    try MappedFile.open(path + ".ends").column(Int64.self)
  }
}
