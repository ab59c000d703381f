import Interactions

/// What a column file says about itself.
struct ColumnFileHeader: SectionedHeader {
  static let magic = Array("PRCOLUM1".utf8)
  static let kind = "column file"

  var key: String
  var rowCount: Int
  var taskNames: [String]
  var settings: FittedFeatures.Settings
  var summary: ReadingSummary
  var sections: [FileSection] = []

  /// Of all sections and what the rows' tasks are called: 16 hexadecimal digits.
  var contentDigest: String {
    let parts = taskNames + sections.flatMap { [$0.name, $0.checksum] }
    let bytes = Array(parts.joined(separator: "\n").utf8)
    return Checksum.text(StableHash.bytes(bytes, 0..<bytes.count))
  }
}
