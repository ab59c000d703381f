import Files
public import Interactions

/// The rows of one UTC day of a log as they were read, in one file: raw values in order of time.
///
/// Days are kept from one night to the next, and ``LogEncoder/append(_:)-(RawDay)`` makes column
/// files of them. What a file holds depends on the columns and on what features need of them
/// (hashing, clipping, longest lists), not on what features learn from rows.
public struct RawDay: Sendable {
  /// Where the file lies.
  public let path: String
  /// The columns that were read.
  public let columns: [ColumnDescription]
  /// When the day starts, in microseconds since 1970 UTC.
  public let start: Int64
  /// Until when the log was complete as the day was read, in microseconds since 1970 UTC.
  public let clock: Int64
  /// What was found while the day was read.
  public let summary: ReadingSummary
  /// What is missing in each of the day's hours.
  let hours: [MissingCounts]
  let sources: [LogPlan.ColumnSource]
  let sections: MappedSections

  /// Opens the file at `path`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - expectedKey: The key that the file must have been written with; nil takes any.
  ///   - verifying: Whether to read the whole file once and hold it against its checksums.
  /// - Returns: The day.
  /// - Throws: ``ColumnFileError`` where the file is absent, has another key, or is damaged.
  /// - Complexity: O(bytes) if verifying, else O(1).
  public static func open(
    _ path: String, expectedKey: String? = nil, verifying: Bool = true
  ) throws(ColumnFileError) -> RawDay {
    let file = try MappedFile.open(path)
    let header = try RawDayHeader(file, path: path)
    if let expectedKey, header.key != expectedKey { throw .otherKey(path) }
    let sections = MappedSections(file: file, sections: header.sections, path: path)
    if verifying { try sections.verify() }
    return RawDay(
      path: path, columns: header.columns, start: header.start, clock: header.clock,
      summary: header.summary, hours: header.hours, sources: header.sources, sections: sections)
  }

  /// Counts the values that are missing in the rows of some time, and of the rest of its first hour.
  public func missing(from time: Int64) -> MissingCounts {
    let passed = max(time - start, 0) / MissingCounts.hour
    return hours.dropFirst(Int(passed)).reduce(into: MissingCounts()) { $0.add($1) }
  }

  /// Removes what killed processes left of days that they were writing to a folder.
  package static func removeLeftovers(in folder: String) {
    BuildingFolder.removeLeftovers(in: folder)
  }

  var rowCount: Int { summary.rowCount }
}

/// How many values some rows lack.
public struct MissingCounts: Codable, Sendable, Equatable {
  public internal(set) var rowCount = 0
  /// NULLs by column, of the columns that are used and have any.
  public internal(set) var missing: [String: Int] = [:]

  static let hour: Int64 = 3_600_000_000

  public init() {}

  public mutating func add(_ other: MissingCounts) {
    rowCount += other.rowCount
    missing.merge(other.missing, uniquingKeysWith: +)
  }
}

/// What the file of a raw day says about itself.
struct RawDayHeader: SectionedHeader {
  static let magic = Array("PRAWDAY2".utf8)
  static let kind = "day file"

  var key: String
  var columns: [ColumnDescription]
  var sources: [LogPlan.ColumnSource]
  var start: Int64
  var clock: Int64
  var summary: ReadingSummary
  var hours: [MissingCounts]
  var sections: [FileSection] = []
}
