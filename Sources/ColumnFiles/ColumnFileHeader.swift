import Files
import Foundation
import Interactions

/// What a column file says about itself, stored as JSON after its sections.
///
/// The file starts with a prelude of 64 bytes, little-endian: 8 bytes `PRCOLUM1`, then as `UInt64`
/// the file's size, where the header starts, how long it is, its XXH64, and the XXH64 of these 40
/// bytes. Sections start at multiples of 64.
struct ColumnFileHeader: Codable {
  struct Section: Codable {
    var name: String
    var offset: Int
    var byteCount: Int
    var checksum: String
  }

  var key: String
  var rowCount: Int
  var taskNames: [String]
  var settings: FittedFeatures.Settings
  var summary: ReadingSummary
  var sections: [Section] = []
}

extension ColumnFileHeader {
  /// Of all sections and what the rows' tasks are called: 16 hexadecimal digits.
  var contentDigest: String {
    let parts = taskNames + sections.flatMap { [$0.name, $0.checksum] }
    let bytes = Array(parts.joined(separator: "\n").utf8)
    return Checksum.text(StableHash.bytes(bytes, 0..<bytes.count))
  }

  static let preludeSize = 64
  private static let magic = Array("PRCOLUM1".utf8)

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
    guard size >= Self.preludeSize else { throw .damaged(path, reason: "it is too short") }
    let prelude = unsafe Array(file.bytes[..<Self.preludeSize])
    guard Array(prelude[..<8]) == Self.magic else {
      throw .damaged(path, reason: "it is no column file of this version")
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
