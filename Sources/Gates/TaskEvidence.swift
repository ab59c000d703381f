public import RankingMetrics

/// How one task fares with the new model, and beside the current one on the same rows.
public struct TaskEvidence: Sendable, Equatable {
  /// What is known of the two models' difference.
  public enum Comparison: Sendable, Equatable {
    /// There is no current model.
    case noModel
    /// The current model doesn't have the task.
    case newTask
    /// The new model's AUC minus the current one's; the interval is nil where the rows give none.
    case difference(Double, interval: ClosedRange<Double>?)
    /// The rows don't define it.
    case undefined(reason: String)
  }

  public var task: String
  public var candidate: TaskMetrics
  public var current: TaskMetrics?
  public var comparison: Comparison
  /// Days of the log from which the rows of the comparison come; nil where nobody knows.
  public var days: Double?
  /// Whether only requests held from training are compared on.
  public var isHeld: Bool

  public init(
    task: String, candidate: TaskMetrics, current: TaskMetrics? = nil, comparison: Comparison,
    days: Double? = nil, isHeld: Bool = false
  ) {
    self.task = task
    self.candidate = candidate
    self.current = current
    self.comparison = comparison
    self.days = days
    self.isHeld = isHeld
  }
}

extension TaskEvidence.Comparison {
  /// Compares two models' scores of the same rows.
  ///
  /// - Parameters:
  ///   - candidate: The new model's scores.
  ///   - current: The current model's.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out.
  public init(candidate: [Float], current: [Float], labels: [UInt8]) {
    do throws(UndefinedMetric) {
      let difference = try AUCDifference(first: current, second: candidate, labels: labels)
      self = .difference(difference.value, interval: difference.interval)
    } catch {
      self = .undefined(reason: error.description)
    }
  }
}
