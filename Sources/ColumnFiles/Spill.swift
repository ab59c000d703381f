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
