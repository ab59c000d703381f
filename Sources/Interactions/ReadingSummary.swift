/// What was found in a log while it was read.
public struct ReadingSummary: Codable, Sendable, Equatable {
  /// How one task's labels are spread.
  public struct TaskCounts: Codable, Sendable, Equatable {
    public var name: String
    public var positives = 0
    public var negatives = 0
    public var unknowns = 0
    /// Rows where the task is positive although the task before it is negative.
    ///
    /// They keep their labels.
    public var funnelViolations = 0

    public init(name: String) { self.name = name }
  }

  public var rowCount = 0
  /// Whether rows came ordered by time; otherwise they were sorted.
  public var cameInOrder = true
  public var tasks: [TaskCounts]
  /// NULLs by column, of the columns that are used and have any.
  public var missing: [String: Int] = [:]
  /// Lists that were longer than their feature allows, by column.
  public var truncatedLists: [String: Int] = [:]

  public init(taskNames: [String]) { tasks = taskNames.map(TaskCounts.init(name:)) }

  /// Adds what was found in later rows of the same columns and tasks.
  package mutating func add(_ other: ReadingSummary) {
    rowCount += other.rowCount
    cameInOrder = cameInOrder && other.cameInOrder
    for (index, counts) in other.tasks.enumerated() {
      precondition(tasks[index].name == counts.name, "counts of other tasks")
      tasks[index].positives += counts.positives
      tasks[index].negatives += counts.negatives
      tasks[index].unknowns += counts.unknowns
      tasks[index].funnelViolations += counts.funnelViolations
    }
    missing.merge(other.missing, uniquingKeysWith: +)
    truncatedLists.merge(other.truncatedLists, uniquingKeysWith: +)
  }

  /// Counts the labels of a run of rows.
  package mutating func count(_ labels: [UInt8], ofTask task: Int, parentLabels: [UInt8]?) {
    var counts = (0, 0, 0)
    for label in labels {
      switch label {
      case Label.negative.rawValue: counts.0 += 1
      case Label.positive.rawValue: counts.1 += 1
      default: counts.2 += 1
      }
    }
    tasks[task].negatives += counts.0
    tasks[task].positives += counts.1
    tasks[task].unknowns += counts.2
    guard let parentLabels else { return }
    for (label, parent) in zip(labels, parentLabels)
    where label == Label.positive.rawValue && parent == Label.negative.rawValue {
      tasks[task].funnelViolations += 1
    }
  }
}
