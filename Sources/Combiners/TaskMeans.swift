/// A running mean of one number a task, over the steps in which there was one.
struct TaskMeans: Codable, Sendable {
  /// `[taskCount]`.
  private var sums: [Double]
  /// How many numbers each mean is of.
  private(set) var counts: [Int]

  init(taskCount: Int) {
    sums = Array(repeating: 0, count: taskCount)
    counts = Array(repeating: 0, count: taskCount)
  }

  mutating func add(_ value: Double, to task: Int) {
    sums[task] += value
    counts[task] += 1
  }

  /// A task's mean; nil where there was no number yet.
  subscript(task: Int) -> Double? {
    counts[task] > 0 ? sums[task] / Double(counts[task]) : nil
  }

  /// Forgets a task's numbers.
  mutating func clear(_ task: Int) {
    sums[task] = 0
    counts[task] = 0
  }
}
