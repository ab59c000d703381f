internal import Interactions

/// Two models' scores of the same rows, task by task, to compare on all of them or on some.
struct RowComparison {
  private let names: [String]
  private let first: [[Float]]
  private let second: [[Float]]
  private let labels: [[UInt8]]
  private let groups: [Int64]?

  /// - Parameters:
  ///   - log: Has the labels, and users or requests for GAUC.
  ///   - rows: The rows of the log that were scored.
  ///   - tasks: Tasks of the log.
  ///   - first: One model's scores, `[task][position in rows]`.
  ///   - second: The other's.
  init(
    log: EncodedLog, rows: RowSelection, tasks: [String], first: [[Float]], second: [[Float]]
  ) {
    names = tasks
    self.first = first
    self.second = second
    labels = tasks.map { task in
      let column = log.labels[log.taskNames.firstIndex(of: task) ?? 0]
      return (0..<rows.count).map { column[rows[$0]] }
    }
    groups = (log.users ?? log.requests).map { column in
      (0..<rows.count).map { column[rows[$0]] }
    }
  }

  /// Compares by task on the rows at some positions.
  func tasks(at positions: [Int]) -> [String: CompareJob.TaskComparison] {
    func some<Value>(_ values: [Value]) -> [Value] { positions.map { values[$0] } }
    let groups = self.groups.map(some)
    let compared = names.indices.map { task in
      CompareJob.TaskComparison(
        first: some(first[task]), second: some(second[task]), labels: some(labels[task]),
        groups: groups)
    }
    return Dictionary(uniqueKeysWithValues: zip(names, compared))
  }

  /// Compares on each segment.
  func table(_ segmentation: Segmentation) -> SegmentTable<CompareJob.TaskComparison> {
    SegmentTable(segmentation, whyTooSmall: \.first.whyTooSmall, measure: tasks)
  }
}
