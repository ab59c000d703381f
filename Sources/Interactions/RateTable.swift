/// How many rows of each id had a known outcome and how many were positive, day by day.
///
/// The rows are training rows. What a row may know of its id is what was known before its own UTC
/// day began, so days are kept apart, and no label tells of itself or of its own day.
///
/// - Complexity: 4 bytes a pair of an id and a day, and 8 more a task, beside the ids.
public struct RateTable: Sendable, Equatable {
  /// The number of tasks whose outcomes are counted.
  public let taskCount: Int
  package let dictionary: IDDictionary
  /// The entries of code `c` are `starts[c]..<starts[c + 1]`, `[idCount + 1]`.
  let starts: [Int]
  /// The UTC day of each entry, counted from 1970-01-01; ascending within a code.
  let days: [Int32]
  /// Rows and positives of an id up to an entry's day, `[days.count, taskCount, 2]`; the largest
  /// `UInt32` stands for all higher numbers.
  let counts: [UInt32]
  /// The days on which any row was counted, ascending.
  let allDays: [Int32]
  /// Rows and positives of all rows up to such a day, `[allDays.count, taskCount, 2]`.
  let allCounts: [UInt64]

  /// A table without rows.
  package init(taskCount: Int, holdsTexts: Bool) {
    self.init(
      taskCount: taskCount, dictionary: IDDictionary(holdsTexts: holdsTexts), starts: [0],
      days: [], counts: [], allDays: [], allCounts: [])
  }

  init(
    taskCount: Int, dictionary: IDDictionary, starts: [Int], days: [Int32], counts: [UInt32],
    allDays: [Int32], allCounts: [UInt64]
  ) {
    self.taskCount = taskCount
    self.dictionary = dictionary
    self.starts = starts
    self.days = days
    self.counts = counts
    self.allDays = allDays
    self.allCounts = allCounts
  }

  /// The number of ids.
  public var count: Int { starts.count - 1 }

  /// Whether the ids are texts; otherwise they are whole numbers.
  public var holdsTexts: Bool { dictionary.holdsTexts }

  /// Bytes that the table takes in memory, but for its ids.
  package var byteCount: Int {
    8 * starts.count + 4 * (days.count + counts.count + allDays.count) + 8 * allCounts.count
  }

  /// Rows and positives of a code's id for a task, up to a day and with it.
  ///
  /// - Complexity: O(log days).
  package func known(_ code: Int, task: Int, through day: Int32) -> (
    rows: Double, positives: Double
  ) {
    guard let entry = Self.last(in: days, starts[code]..<starts[code + 1], notAfter: day) else {
      return (0, 0)
    }
    let place = 2 * (entry * taskCount + task)
    return (Double(counts[place]), Double(counts[place + 1]))
  }

  /// Rows and positives of all rows for a task, up to a day and with it.
  package func known(task: Int, through day: Int32) -> (rows: Double, positives: Double) {
    guard let entry = Self.last(in: allDays, allDays.indices, notAfter: day) else { return (0, 0) }
    let place = 2 * (entry * taskCount + task)
    return (Double(allCounts[place]), Double(allCounts[place + 1]))
  }

  /// The last entry of a range whose day is no later than one.
  private static func last(in days: [Int32], _ range: Range<Int>, notAfter day: Int32) -> Int? {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if days[middle] <= day { low = middle + 1 } else { high = middle }
    }
    return low == range.lowerBound ? nil : low - 1
  }

  /// The table's code of each code of another dictionary: that of code `c` at `c + 1`, and -1 at 0
  /// and for ids without rows.
  package func codes(ofCodesIn other: IDDictionary) -> [Int32] {
    Vocabulary(dictionary).rows(ofCodesIn: other).map { $0 - 1 }
  }
}
