/// The ledger of a model: which rows it has used, for which tasks.
///
/// It belongs to the model, so that a night that starts from an older model finds again what newer
/// ones have used. A row is known by its key, a number that no other row has. Days that are too old
/// to bring further rows are dropped; rows of before ``horizon`` are never used again.
///
/// - Complexity: 9 bytes a row of the days kept, for up to 8 tasks, and one more for each further 8.
public struct UsedRows: Sendable, Equatable {
  /// More tasks than this don't fit.
  public static let mostTasks = 64

  /// The tasks that rows were used for, each with a bit of the masks.
  public internal(set) var tasks: [String] = []
  /// Rows shown earlier count as used for every task, in microseconds since 1970 UTC.
  public internal(set) var horizon: Int64
  /// Ascending.
  var days: [UsedDay] = []

  /// A ledger without rows.
  ///
  /// - Parameter horizon: Rows shown earlier count as used; left out, none do.
  public init(horizon: Int64 = .min) { self.horizon = horizon }

  /// The time from which on the next night must read the log; nil for all of it.
  public var readFrom: Int64? { horizon == .min ? nil : horizon }

  /// Rows that it holds.
  public var rowCount: Int { days.reduce(0) { $0 + $1.keys.count } }

  /// Bytes of memory that it takes.
  package var byteCount: Int { rowCount * (8 + TaskMasks.width(of: tasks.count)) }
}

/// The rows of a UTC day that a night has taken up, ascending by key.
struct UsedDay: Sendable, Equatable {
  /// Counted from 1970-01-01.
  var day: Int64
  var keys: [Int64] = []
  var masks: TaskMasks
}

/// A set of tasks for each of a run of rows, in as few bytes as there are tasks for.
struct TaskMasks: Sendable, Equatable {
  private(set) var width: Int
  private(set) var bytes: [UInt8]

  init(taskCount: Int, count: Int = 0) {
    width = Self.width(of: taskCount)
    bytes = [UInt8](repeating: 0, count: count * width)
  }

  init(width: Int, bytes: [UInt8]) {
    self.width = width
    self.bytes = bytes
  }

  /// Bytes that a set of so many tasks takes.
  static func width(of taskCount: Int) -> Int { max(1, (taskCount + 7) / 8) }

  subscript(row: Int) -> UInt64 {
    get {
      var mask: UInt64 = 0
      for byte in 0..<width { mask |= UInt64(bytes[row * width + byte]) << UInt64(8 * byte) }
      return mask
    }
    set {
      for byte in 0..<width {
        bytes[row * width + byte] = UInt8(truncatingIfNeeded: newValue >> UInt64(8 * byte))
      }
    }
  }

  mutating func append(_ mask: UInt64) {
    for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: mask >> UInt64(8 * byte))) }
  }

  /// The same sets with room for more tasks.
  func widened(to taskCount: Int) -> TaskMasks {
    guard Self.width(of: taskCount) > width else { return self }
    let count = bytes.count / width
    var result = TaskMasks(taskCount: taskCount, count: count)
    for row in 0..<count { result[row] = self[row] }
    return result
  }
}

/// Why rows can't be noted as used, or stored bytes are no ledger.
public enum UsedRowsError: Error, Equatable, CustomStringConvertible {
  case tooManyTasks(Int)
  case damaged(String)

  public var description: String {
    switch self {
    case .tooManyTasks(let count):
      "\(count) tasks, but used rows are kept for \(UsedRows.mostTasks) at most"
    case .damaged(let reason): "not a ledger of used rows: \(reason)"
    }
  }
}
