/// The inner products of task gradients: `G = J Jᵀ`, `[taskCount, taskCount]`.
public struct Gramian: Sendable, Equatable {
  public let taskCount: Int
  /// Row-major, symmetric.
  public private(set) var values: [Double]

  /// Creates a Gramian from its `taskCount²` values, row-major.
  public init(taskCount: Int, values: [Double]) {
    precondition(
      values.count == taskCount * taskCount, "\(values.count) values for \(taskCount) tasks")
    self.taskCount = taskCount
    self.values = values
  }

  /// The Gramian of the rows of a Jacobian, `[taskCount, parameterCount]`.
  public init(of jacobian: [[Double]]) {
    let products = jacobian.flatMap { left in
      jacobian.map { right in zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    self.init(taskCount: jacobian.count, values: products)
  }

  public subscript(row: Int, column: Int) -> Double { values[row * taskCount + column] }

  /// `‖g_task‖`.
  public func norm(_ task: Int) -> Double { self[task, task].squareRoot() }

  /// The cosine between two tasks' gradients; nil where one of them is zero.
  public func cosine(_ first: Int, _ second: Int) -> Double? {
    let product = norm(first) * norm(second)
    return product > 0 ? max(-1, min(1, self[first, second] / product)) : nil
  }

  /// `⟨g_task, Jᵀ weights⟩`, the agreement of a task's gradient with a combined one.
  public func agreement(of task: Int, with weights: [Double]) -> Double {
    var sum = 0.0
    for other in 0..<taskCount { sum += self[task, other] * weights[other] }
    return sum
  }

  /// `‖Jᵀ weights‖²`.
  public func squaredNorm(of weights: [Double]) -> Double {
    var sum = 0.0
    for task in 0..<taskCount { sum += weights[task] * agreement(of: task, with: weights) }
    return sum
  }

  /// The Gramian of some of the tasks, in the given order.
  public func selecting(_ tasks: [Int]) -> Gramian {
    Gramian(
      taskCount: tasks.count, values: tasks.flatMap { row in tasks.map { self[row, $0] } })
  }

  /// The Gramian of the gradients times `factors`, `[taskCount]`.
  public func scaled(_ factors: [Double]) -> Gramian {
    precondition(factors.count == taskCount, "\(factors.count) factors for \(taskCount) tasks")
    return Gramian(
      taskCount: taskCount,
      values: values.indices.map { place in
        factors[place / taskCount] * values[place] * factors[place % taskCount]
      })
  }

  /// Adds another Gramian of the same tasks, of other parameters.
  public mutating func add(_ other: Gramian) {
    precondition(other.taskCount == taskCount)
    for index in values.indices { values[index] += other.values[index] }
  }
}
