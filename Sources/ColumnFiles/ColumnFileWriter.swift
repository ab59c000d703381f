import Glibc
import Interactions

/// Writes the sections of a column file, then its header.
///
/// A section is a run of plain values, written in blocks; its checksum is that of its blocks one
/// after the other.
struct ColumnFileWriter {
  private let output: OutputFile
  private var sections: [ColumnFileHeader.Section] = []
  private var block: [UInt8] = []
  private var start = 0
  private var checksum: UInt64 = 0

  init(creating path: String) throws(ColumnFileError) {
    output = try OutputFile(creating: path)
    try output.append([UInt8](repeating: 0, count: ColumnFileHeader.preludeSize))
    block.reserveCapacity(2 * Checksum.blockSize)
  }

  /// Starts a section; it ends where ``endSection()`` is called.
  mutating func beginSection() { (start, checksum) = (output.count, 0) }

  mutating func append<T: BitwiseCopyable>(_ values: [T]) throws(ColumnFileError) {
    unsafe values.withUnsafeBytes { unsafe block.append(contentsOf: $0) }
    var offset = 0
    while block.count - offset >= Checksum.blockSize {
      try writeBlock(offset..<(offset + Checksum.blockSize))
      offset += Checksum.blockSize
    }
    if offset > 0 { block.removeSubrange(..<offset) }
  }

  mutating func endSection(_ name: String) throws(ColumnFileError) {
    if !block.isEmpty { try writeBlock(0..<block.count) }
    block.removeAll(keepingCapacity: true)
    sections.append(
      ColumnFileHeader.Section(
        name: name, offset: start, byteCount: output.count - start,
        checksum: Checksum.text(checksum)))
    try output.append([UInt8](repeating: 0, count: -output.count & 63))
  }

  /// Writes the header and waits until the disk has the file, so that renaming it into place is safe.
  mutating func finish(_ header: ColumnFileHeader, path: String) throws(ColumnFileError) {
    var header = header
    header.sections = sections
    let bytes = try header.encoded(path)
    let offset = output.count
    try output.append(bytes)
    try output.overwriteStart(
      ColumnFileHeader.prelude(headerOffset: offset, header: bytes, fileSize: output.count))
    try output.synchronise()
  }

  private mutating func writeBlock(_ range: Range<Int>) throws(ColumnFileError) {
    let seed = checksum
    checksum = try unsafe block.withUnsafeBufferPointer { bytes throws(ColumnFileError) in
      let part = unsafe UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range]))
      try unsafe output.append(part)
      return unsafe StableHash.bytes(part, seed: seed)
    }
  }
}

/// The checksum of a section: XXH64 block by block, each seeded with that of the blocks before.
enum Checksum {
  static let blockSize = 1 << 18

  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var result: UInt64 = 0
    var offset = 0
    while offset < bytes.count {
      let end = min(offset + blockSize, bytes.count)
      result = unsafe StableHash.bytes(
        UnsafeRawBufferPointer(rebasing: bytes[offset..<end]), seed: result)
      offset = end
    }
    return result
  }

  static func text(_ checksum: UInt64) -> String { String(checksum, radix: 16) }
}
