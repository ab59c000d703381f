import Files
import Foundation
import Interactions

/// A run of plain values in a file.
struct FileSection: Codable, Sendable {
  var name: String
  var offset: Int
  var byteCount: Int
  var checksum: String
}

/// What a file of sections says about itself, stored as JSON after them.
///
/// The file starts with a prelude of 64 bytes, little-endian: 8 bytes of magic, then as `UInt64` the
/// file's size, where the header starts, how long it is, its XXH64, and the XXH64 of these 40 bytes.
/// Sections start at multiples of 64.
protocol SectionedHeader: Codable {
  /// The file's first eight bytes.
  static var magic: [UInt8] { get }
  /// What messages call such a file.
  static var kind: String { get }
  var key: String { get }
  var sections: [FileSection] { get set }
}

/// Bytes of the prelude.
let preludeSize = 64

extension SectionedHeader {
  func encoded(_ path: String) throws(ColumnFileError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do { return Array(try encoder.encode(self)) } catch {
      throw .system(path, reason: "the header can't be encoded: \(error)")
    }
  }

  static func prelude(headerOffset: Int, header: [UInt8], fileSize: Int) -> [UInt8] {
    var bytes = magic
    let checksum = StableHash.bytes(header, 0..<header.count)
    let fields = [UInt64(fileSize), UInt64(headerOffset), UInt64(header.count), checksum]
    for field in fields { bytes.append(contentsOf: littleEndian(field)) }
    bytes.append(contentsOf: littleEndian(StableHash.bytes(bytes, 0..<40)))
    return bytes + [UInt8](repeating: 0, count: preludeSize - bytes.count)
  }

  /// Reads the header of a file and checks it, its size, and where its sections lie.
  init(_ file: MappedFile, path: String) throws(ColumnFileError) {
    let size = unsafe file.bytes.count
    guard size >= preludeSize else { throw .damaged(path, reason: "it is too short") }
    let prelude = unsafe Array(file.bytes[..<preludeSize])
    guard Array(prelude[..<8]) == Self.magic else {
      throw .damaged(path, reason: "it is no \(Self.kind) of this version")
    }
    let fields = (0..<5).map { field in
      (0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(prelude[8 + 8 * field + $1]) }
    }
    guard fields[4] == StableHash.bytes(prelude, 0..<40) else {
      throw .damaged(path, reason: "its first bytes were changed")
    }
    guard fields[0] == UInt64(size) else {
      throw .damaged(path, reason: "it has \(size) bytes instead of \(fields[0])")
    }
    guard fields[1] <= fields[0], fields[2] <= fields[0] - fields[1] else {
      throw .damaged(path, reason: "its header lies outside of it")
    }
    let bytes = unsafe Array(file.bytes[Int(fields[1])..<Int(fields[1] + fields[2])])
    guard StableHash.bytes(bytes, 0..<bytes.count) == fields[3] else {
      throw .damaged(path, reason: "its header was changed")
    }
    do { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) } catch {
      throw .damaged(path, reason: "its header can't be read")
    }
    for section in sections {
      guard section.offset >= 0, section.offset % 64 == 0, section.byteCount >= 0,
        section.offset <= size, section.byteCount <= size - section.offset
      else { throw .damaged(path, reason: "section \(section.name) lies outside of it") }
    }
  }

  private static func littleEndian(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }
}

/// The sections of a mapped file, by name.
struct MappedSections: Sendable {
  let file: MappedFile
  let sections: [FileSection]
  let path: String

  /// Reads the whole file once and holds it against its checksums.
  func verify() throws(ColumnFileError) {
    for section in sections {
      let bytes = unsafe UnsafeRawBufferPointer(
        rebasing: file.bytes[section.offset..<(section.offset + section.byteCount)])
      // A file may be larger than memory.
      let checksum = unsafe Checksum.of(bytes) { unsafe file.dropPages(of: $0) }
      guard Checksum.text(checksum) == section.checksum else {
        throw .damaged(path, reason: "section \(section.name) was changed")
      }
    }
  }

  func contains(_ name: String) -> Bool { sections.contains { $0.name == name } }

  /// The bytes of a section.
  func range(_ name: String) throws(ColumnFileError) -> Range<Int> {
    guard let section = sections.first(where: { $0.name == name }) else {
      throw .damaged(path, reason: "section \(name) is missing")
    }
    return section.offset..<(section.offset + section.byteCount)
  }

  /// The `count` values of a section.
  func column<T: BitwiseCopyable & Sendable>(
    _ type: T.Type, _ name: String, _ count: Int
  ) throws(ColumnFileError) -> Column<T> {
    let range = try range(name)
    let stride = MemoryLayout<T>.stride
    guard range.count % stride == 0, range.count / stride == count else {
      throw .damaged(path, reason: "section \(name) has the wrong length")
    }
    return file.column(type, in: range)
  }

  /// The elements of lists and where they end, `count` lists in all.
  func lists(
    values: String, ends: String, _ count: Int
  ) throws(ColumnFileError) -> (values: Column<Int32>, ends: Column<Int64>) {
    let ends = try column(Int64.self, ends, count)
    let total = count == 0 ? 0 : Int(ends[count - 1])
    return (try column(Int32.self, values, total), ends)
  }

  /// The ids of a section in the stored form of vocabularies.
  func vocabulary(_ section: String, of name: String) throws(ColumnFileError) -> Vocabulary {
    let range = try range(section)
    do {
      let bytes = unsafe UnsafeRawBufferPointer(rebasing: file.bytes[range])
      return try unsafe Vocabulary(bytes: bytes)
    } catch { throw .damaged(path, reason: "vocabulary of \(name): \(error)") }
  }
}
