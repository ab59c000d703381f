/// A stretch of time, `from` included and `to` not, in microseconds since 1970 UTC.
public struct TimeWindow: Codable, Sendable, Equatable, CustomStringConvertible {
  public var from: Int64
  public var to: Int64

  public init(from: Int64, to: Int64) {
    self.from = from
    self.to = to
  }

  /// The rows inside of the window, of a log whose rows were shown at `times`, in ascending order.
  ///
  /// - Complexity: O(log rows).
  public func rows(of times: Column<Int64>) -> Range<Int> {
    let start = times.firstIndex(notBefore: from)
    return start..<max(start, times.firstIndex(notBefore: to))
  }

  public var description: String {
    "\(Timestamp.text(from)) up to \(Timestamp.text(to))"
  }
}

/// Which rows of a log train, which choose between models, and which test.
public enum Split: Codable, Sendable, Equatable {
  /// Three windows one after the other that end with the newest row, lengths in microseconds.
  ///
  /// `train` nil takes every older row; a length of 0 leaves validation or test out.
  case lengths(train: Int64?, validation: Int64, test: Int64)
  /// Windows as given, each after the one before; rows outside of all three are used for nothing.
  case windows(train: TimeWindow, validation: TimeWindow?, test: TimeWindow?)
  /// Rows at random in these shares of their sum, by a hash of the seed and the row's time, so the
  /// shares are met only nearly, and badly where few times differ.
  ///
  /// Rows of one moment stay together, and each stays in its part when others come or go. Split by
  /// time unless there is a reason not to.
  case random(train: Double, validation: Double, test: Double, seed: UInt64)

  /// All rows but the last two days train, then a day validates, and a day tests.
  public static let standard = Split.lengths(
    train: nil, validation: Timestamp.microsecondsPerDay, test: Timestamp.microsecondsPerDay)
}

/// Why a log can't be split as asked.
public enum SplitError: Error, Equatable, CustomStringConvertible {
  case noRows
  /// A part that was asked for has no row.
  case emptyPart(SplitPart, window: TimeWindow?, firstRow: Int64, lastRow: Int64)
  /// A window starts before the one in front of it has ended.
  case wrongOrder(first: SplitPart, second: SplitPart)
  /// A length or share that is negative, not finite, or leaves nothing to train on.
  case badSize(SplitPart)

  public var description: String {
    switch self {
    case .noRows: "the log has no rows to split"
    case .emptyPart(let part, let window, let first, let last):
      "no row lies in \(part)" + (window.map { " (\($0))" } ?? "")
        + "; the log's rows run from \(Timestamp.text(first)) to \(Timestamp.text(last)): "
        + "set split so that \(part) has some"
    case .wrongOrder(let first, let second):
      "the window for \(second) must start where the window for \(first) ends, or later"
    case .badSize(let part): "the size of split.\(part) can't be used"
    }
  }
}

extension Split {
  /// The rows of each part of a log whose rows were shown at `times`, in ascending order.
  ///
  /// - Complexity: O(log rows) by time; O(rows) time and 4 bytes a row at random.
  public func rows(of times: Column<Int64>) throws(SplitError) -> SplitRows {
    guard times.count > 0 else { throw .noRows }
    let span = (first: times[0], last: times[times.count - 1])
    switch self {
    case .random(let train, let validation, let test, let seed):
      return try RandomCut(shares: [train, validation, test], seed: seed).rows(of: times)
    case .lengths, .windows:
      let windows = try windows(endingAt: span.last, startingAt: span.first)
      var parts: [RowSelection] = []
      for (part, window) in zip(SplitPart.allCases, windows) {
        guard let window else {
          parts.append(.range(times.count..<times.count))
          continue
        }
        let range = window.rows(of: times)
        guard !range.isEmpty else {
          throw .emptyPart(part, window: window, firstRow: span.first, lastRow: span.last)
        }
        parts.append(.range(range))
      }
      return SplitRows(train: parts[0], validation: parts[1], test: parts[2])
    }
  }

  /// The windows of the parts, in the order of ``SplitPart/allCases`` and without overlap.
  package func windows(
    endingAt last: Int64, startingAt first: Int64
  ) throws(SplitError) -> [TimeWindow?] {
    switch self {
    case .random: return [nil, nil, nil]
    case .lengths(let train, let validation, let test):
      for (part, length) in zip(SplitPart.allCases, [train ?? 1, validation, test])
      where length < 0 {
        throw .badSize(part)
      }
      guard train ?? 1 > 0 else { throw .badSize(.train) }
      let end = last.addingClamped(1)
      let testStart = end.addingClamped(-test)
      let validationStart = testStart.addingClamped(-validation)
      let trainStart =
        train.map { validationStart.addingClamped(-$0) } ?? min(first, validationStart)
      return [
        TimeWindow(from: trainStart, to: validationStart),
        validation == 0 ? nil : TimeWindow(from: validationStart, to: testStart),
        test == 0 ? nil : TimeWindow(from: testStart, to: end),
      ]
    case .windows(let train, let validation, let test):
      var earlier: (part: SplitPart, window: TimeWindow)?
      for (part, window) in zip(SplitPart.allCases, [train, validation, test]) {
        guard let window else { continue }
        guard window.from < window.to else { throw .badSize(part) }
        if let earlier, window.from < earlier.window.to {
          throw .wrongOrder(first: earlier.part, second: part)
        }
        earlier = (part, window)
      }
      return [train, validation, test]
    }
  }

  /// The times outside of which no row belongs to any part, if the newest row is of `newest`; nil
  /// where rows of all times may.
  package func neededWindow(newest: Int64) -> Range<Int64>? {
    switch self {
    case .lengths(nil, _, _), .random: return nil
    case .lengths(let train?, let validation, let test):
      let end = newest.addingClamped(1)
      return end.addingClamped(-train).addingClamped(-validation).addingClamped(-test)..<end
    case .windows(let train, let validation, let test):
      let others = [validation, test].compactMap(\.self)
      return others.reduce(train.from) {
        min($0, $1.from)
      }..<others.reduce(train.to) {
        max($0, $1.to)
      }
    }
  }
}

extension Column<Int64> {
  /// The first index whose value is at least `time`, in an ascending column.
  fileprivate func firstIndex(notBefore time: Int64) -> Int {
    var range = 0..<count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if self[middle] < time {
        range = (middle + 1)..<range.upperBound
      } else {
        range = range.lowerBound..<middle
      }
    }
    return range.lowerBound
  }
}

extension Int64 {
  /// The sum, or the nearest number that an `Int64` can hold.
  package func addingClamped(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}
