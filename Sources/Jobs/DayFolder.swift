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
  private let parent: String

  /// The folder in that of a model's name.
  init(in directory: String, key: String) throws {
    self.key = key
    parent = directory
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

  /// Takes a file of a closed day, if it is there and sound, and was read when the day could change no
  /// more: `settlingTime` after its end.
  ///
  /// A damaged one is removed, and told.
  func kept(_ day: Int64, settlingTime: Int64, _ logger: Logger) throws -> RawDay? {
    let path = file(of: day, isClosed: true)
    do throws(ColumnFileError) {
      let file = try RawDay.open(path, expectedKey: key)
      let end = (day + 1) * Timestamp.microsecondsPerDay
      if file.start + Timestamp.microsecondsPerDay != end {
        logger.warning("\(path) holds another day; it is removed and the day read again")
      } else if file.clock < end + settlingTime {
        logger.info("\(path) was read before windows and lateness grew; the day is read again")
      } else {
        return file
      }
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

  /// Removes the folders of other settings where no day was written for a month.
  func removeForgotten(_ logger: Logger) {
    let files = FileManager.default
    let oldest = Date(timeIntervalSinceNow: -30 * 86_400)
    for name in (try? files.contentsOfDirectory(atPath: parent)) ?? [] {
      let other = "\(parent)/\(name)"
      guard other != path,
        let changed = try? files.attributesOfItem(atPath: other)[.modificationDate] as? Date,
        changed < oldest
      else { continue }
      logger.info("\(other) is removed: its days were last read under other settings a month ago")
      try? files.removeItem(atPath: other)
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
