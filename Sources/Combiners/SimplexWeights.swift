/// Weights of tasks that move from step to step on the simplex, absent tasks apart.
struct SimplexWeights: Codable, Sendable, Equatable {
  /// `[taskCount]`; nil for tasks that have not been present yet.
  private var values: [Double?]

  /// Starts all tasks alike.
  init(taskCount: Int) { values = Array(repeating: nil, count: taskCount) }

  /// The weights of the present tasks as they last were, brought back to a sum of 1; a new task has
  /// the share of one.
  func present(_ tasks: [Int]) -> [Double] {
    projectedOnSimplex(tasks.map { values[$0] ?? 1 / Double(tasks.count) })
  }

  /// Keeps the weights of the present tasks.
  mutating func keep(_ weights: [Double], of tasks: [Int]) {
    for (task, weight) in zip(tasks, weights) { values[task] = weight }
  }
}
