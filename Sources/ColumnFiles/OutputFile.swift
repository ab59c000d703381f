import Files
import Glibc

/// A file that is written from front to back through a buffer.
final class OutputFile {
  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  private static let bufferSize = 1 << 18

  /// Creates the file, which must not exist yet.
  init(creating path: String) throws(ColumnFileError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .last(path) }
    buffer.reserveCapacity(Self.bufferSize)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Adds the bytes of `values` at the end.
  func append<T: BitwiseCopyable>(_ values: [T]) throws(ColumnFileError) {
    try unsafe values.withUnsafeBufferPointer { values throws(ColumnFileError) in
      try unsafe append(UnsafeRawBufferPointer(values))
    }
  }

  /// Adds bytes at the end.
  func append(_ bytes: UnsafeRawBufferPointer) throws(ColumnFileError) {
    let isLarge = bytes.count > Self.bufferSize / 2
    if isLarge || buffer.count + bytes.count > Self.bufferSize { try flush() }
    if isLarge {
      try unsafe write(bytes)
    } else {
      unsafe buffer.append(contentsOf: bytes)
    }
  }

  /// Hands everything appended so far to the system.
  func flush() throws(ColumnFileError) {
    try unsafe buffer.withUnsafeBufferPointer { bytes throws(ColumnFileError) in
      try unsafe write(UnsafeRawBufferPointer(bytes))
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(ColumnFileError) {
    do { try unsafe writeAll(bytes, to: descriptor) } catch {
      throw ColumnFileError(error, path)
    }
  }
}
