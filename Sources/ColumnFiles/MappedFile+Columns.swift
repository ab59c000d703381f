import Files
import Interactions

/// Files of plain values.
extension MappedFile {
  /// The bytes of the file at `path`.
  static func open(_ path: String) throws(ColumnFileError) -> MappedFile {
    do { return try MappedFile(path) } catch { throw ColumnFileError(error, path) }
  }

  /// The values in `range`, a range of bytes inside of the file, aligned for the type.
  func column<T: BitwiseCopyable & Sendable>(_ type: T.Type, in range: Range<Int>) -> Column<T> {
    let count = unsafe bytes.count
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a column outside of the file")
    guard !range.isEmpty, let start = unsafe bytes.baseAddress else { return Column([]) }
    let valueCount = range.count / MemoryLayout<T>.stride
    return unsafe Column(
      owner: self,
      base: (start + range.lowerBound).bindMemory(to: T.self, capacity: valueCount),
      count: valueCount)
  }

  /// All values of a file that holds nothing else.
  func column<T: BitwiseCopyable & Sendable>(_ type: T.Type) -> Column<T> {
    unsafe column(type, in: 0..<bytes.count)
  }
}
