internal import ColumnFiles
import Foundation
internal import Interactions
internal import Logging

/// The folder of one log's days: `2025-03-14.day` where the day is closed, else
/// `2025-03-14.open.day`.
struct DayFolder {
  let path: String
  /// What every file in it depends on.
  let key: String

  init(in directory: String, key: String) throws {
    self.key = key
    path = "\(directory)/\(key.stableDigest)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    RawDay.removeLeftovers(in: path)
  }

  /// The file of a day, which is counted from 1970-01-01.
  func file(of day: Int64, isClosed: Bool) -> String {
    "\(path)/\(Timestamp.dayText(day))" + (isClosed ? Self.closed : Self.open)
  }

  /// The days with a file of closed days, in their order.
  var closedDays: [Int64] {
    names.filter { !$0.hasSuffix(Self.open) }.compactMap(Self.day).sorted()
  }

  /// Takes a file of a closed day, if it is there and sound.
  ///
  /// A damaged one is removed, and told.
  func kept(_ day: Int64, _ logger: Logger) throws -> RawDay? {
    let path = file(of: day, isClosed: true)
    do throws(ColumnFileError) {
      let file = try RawDay.open(path, expectedKey: key)
      if file.start == day * Timestamp.microsecondsPerDay { return file }
      logger.warning("\(path) holds another day; it is removed and the day read again")
    } catch {
      switch error {
      case .absent: return nil
      case .damaged(_, let reason):
        logger.warning("\(path) is damaged (\(reason)); it is removed and the day read again")
      case .otherKey:
        logger.warning("\(path) was made from other data; it is removed and the day read again")
      case .busy, .diskFull, .system: throw error
      }
    }
    try FileManager.default.removeItem(atPath: path)
    return nil
  }

  /// Removes files of open days but these, and of days before the first one wanted.
  func keepOnly(open paths: [String], notBefore first: Int64?) {
    for name in names {
      guard let day = Self.day(name) else { continue }
      let path = "\(path)/\(name)"
      let isStale = name.hasSuffix(Self.open) && !paths.contains(path)
      if isStale || first.map({ day < $0 }) == true {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
  }

  private static let closed = ".day"
  private static let open = ".open.day"

  private var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
  }

  /// The day that a file is named after; nil where it is none of these files.
  private static func day(_ name: String) -> Int64? {
    guard name.hasSuffix(closed) else { return nil }
    let date = name.dropLast(name.hasSuffix(open) ? open.count : closed.count)
    return Timestamp.time(String(date)).map(Timestamp.day)
  }
}
