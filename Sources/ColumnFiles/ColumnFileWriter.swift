import Interactions

/// Gives sections their places in a file, then writes its header.
struct ColumnFileWriter {
  private let file: PlacedFile
  private var sections: [FileSection] = []
  private var end = preludeSize

  init(creating path: String) throws(ColumnFileError) { file = try PlacedFile(creating: path) }

  /// The place for a section of `byteCount` bytes, after all others.
  mutating func place(_ name: String, byteCount: Int) -> SectionWriter {
    defer { end = (end + byteCount + 63) & ~63 }
    return SectionWriter(file, name, start: end, byteCount: byteCount)
  }

  /// Writes a section after all so far.
  mutating func write(_ bytes: [UInt8], as name: String) throws(ColumnFileError) {
    var place = place(name, byteCount: bytes.count)
    try place.append(bytes)
    add(try place.finish())
  }

  /// Notes a section that was written, in the order of their places.
  mutating func add(_ section: FileSection) { sections.append(section) }

  /// Writes the header and waits until the disk has the file, so that renaming it into place is safe.
  func finish<Header: SectionedHeader>(_ header: Header, path: String) throws(ColumnFileError) {
    var header = header
    header.sections = sections
    let bytes = try header.encoded(path)
    let prelude = Header.prelude(
      headerOffset: end, header: bytes, fileSize: end + bytes.count)
    for (part, place) in [(bytes, end), (prelude, 0)] {
      try unsafe part.withUnsafeBufferPointer { part throws(ColumnFileError) in
        try unsafe file.write(UnsafeRawBufferPointer(part), at: place)
      }
    }
    try file.synchronise()
  }
}

/// Writes one section in its place; several may be written at the same time.
///
/// A section is a run of plain values, written in blocks; its checksum is that of its blocks one
/// after the other.
struct SectionWriter: Sendable {
  private let file: PlacedFile
  private let name: String
  private let start: Int
  private let byteCount: Int
  private var block: [UInt8] = []
  private var written = 0
  private var checksum: UInt64 = 0

  fileprivate init(_ file: PlacedFile, _ name: String, start: Int, byteCount: Int) {
    self.file = file
    self.name = name
    self.start = start
    self.byteCount = byteCount
  }

  mutating func append<T: BitwiseCopyable>(_ values: [T]) throws(ColumnFileError) {
    unsafe values.withUnsafeBytes { unsafe block.append(contentsOf: $0) }
    var offset = 0
    while block.count - offset >= Checksum.blockSize {
      try writeBlock(offset..<(offset + Checksum.blockSize))
      offset += Checksum.blockSize
    }
    if offset > 0 { block.removeSubrange(..<offset) }
  }

  /// Writes what is left and describes the section.
  mutating func finish() throws(ColumnFileError) -> FileSection {
    if !block.isEmpty { try writeBlock(0..<block.count) }
    block = []
    precondition(written == byteCount, "\(name) has \(written) bytes, not \(byteCount)")
    return FileSection(
      name: name, offset: start, byteCount: byteCount, checksum: Checksum.text(checksum))
  }

  private mutating func writeBlock(_ range: Range<Int>) throws(ColumnFileError) {
    let (seed, place) = (checksum, start + written)
    checksum = try unsafe block.withUnsafeBufferPointer { bytes throws(ColumnFileError) in
      let part = unsafe UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range]))
      try unsafe file.write(part, at: place)
      return unsafe StableHash.bytes(part, seed: seed)
    }
    written += range.count
  }
}

/// The checksum of a section: XXH64 block by block, each seeded with that of the blocks before.
enum Checksum {
  static let blockSize = 1 << 18

  /// The checksum of some bytes; `onBlock` is given each block that was read.
  static func of(
    _ bytes: UnsafeRawBufferPointer, onBlock: (UnsafeRawBufferPointer) -> Void
  ) -> UInt64 {
    var result: UInt64 = 0
    var offset = 0
    while offset < bytes.count {
      let end = min(offset + blockSize, bytes.count)
      let block = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
      result = unsafe StableHash.bytes(block, seed: result)
      unsafe onBlock(block)
      offset = end
    }
    return result
  }

  static func text(_ checksum: UInt64) -> String { String(checksum, radix: 16) }
}
