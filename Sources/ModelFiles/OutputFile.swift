import Files
import Glibc

/// A file that is written from front to back and appears under its name when it is complete.
///
/// Until ``finish()`` the bytes go to a hidden file beside the destination, which disappears with
/// this object; a file that was there before stays as it was.
final class OutputFile {
  private let destination: String
  private let entry: PartialEntry
  private var buffer: [UInt8] = []

  private static let bufferSize = 1 << 18

  /// Begins a file that replaces the one at `destination`, if any.
  init(replacing destination: String) throws(ModelFileError) {
    switch try kind(ofPath: destination) {
    case .nothing, .file: break
    case .folder, .other: throw .foreignDestination(destination)
    }
    self.destination = destination
    entry = try ModelFileError.placing(destination) { () throws(PartialEntryProblem) in
      try PartialEntry(.file, for: destination)
    }
    buffer.reserveCapacity(Self.bufferSize)
  }

  /// Adds bytes at the end.
  func append(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    let isLarge = bytes.count > Self.bufferSize / 2
    if isLarge || buffer.count + bytes.count > Self.bufferSize { try flush() }
    if isLarge {
      try unsafe write(bytes)
    } else {
      unsafe buffer.append(contentsOf: bytes)
    }
  }

  /// Adds bytes at the end.
  func append(_ bytes: [UInt8]) throws(ModelFileError) {
    try unsafe bytes.withUnsafeBufferPointer { bytes throws(ModelFileError) in
      try unsafe append(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Waits until the disk has the file, and gives it its name.
  func finish() throws(ModelFileError) {
    try flush()
    guard fsync(entry.descriptor) == 0 else { throw .last(destination) }
    try ModelFileError.placing(destination) { () throws(PartialEntryProblem) in
      try entry.move(to: destination)
    }
  }

  private func flush() throws(ModelFileError) {
    try unsafe buffer.withUnsafeBufferPointer { bytes throws(ModelFileError) in
      try unsafe write(UnsafeRawBufferPointer(bytes))
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    do { try unsafe writeAll(bytes, to: entry.descriptor) } catch {
      throw ModelFileError(error, destination)
    }
  }
}
