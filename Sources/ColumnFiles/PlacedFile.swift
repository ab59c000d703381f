import Files
import Glibc

/// A file whose parts are written in any order, from several threads; what nobody writes is zero.
final class PlacedFile: Sendable {
  private let path: String
  private let descriptor: Int32

  /// Creates the file, which must not exist yet.
  init(creating path: String) throws(ColumnFileError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .last(path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Writes the bytes that start at `place`.
  func write(_ bytes: UnsafeRawBufferPointer, at place: Int) throws(ColumnFileError) {
    do { try unsafe writeAll(bytes, to: descriptor, at: place) } catch {
      throw ColumnFileError(error, path)
    }
  }

  /// Waits until the disk has it all.
  func synchronise() throws(ColumnFileError) {
    guard fsync(descriptor) == 0 else { throw .last(path) }
  }
}
