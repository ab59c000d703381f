extension Array where Element == BlockGramian {
  /// The Gramian of the given tasks over all blocks.
  ///
  /// A block that a task does not reach adds nothing to its products; several rows of one task count
  /// as their sum.
  package func total(of tasks: [Int]) -> Gramian {
    var values = [Double](repeating: 0, count: tasks.count * tasks.count)
    for block in self {
      for (row, task) in block.tasks.enumerated() {
        guard let first = tasks.firstIndex(of: task) else { continue }
        for (column, other) in block.tasks.enumerated() {
          guard let second = tasks.firstIndex(of: other) else { continue }
          values[first * tasks.count + second] += block.gramian[row, column]
        }
      }
    }
    return Gramian(taskCount: tasks.count, values: values)
  }

  /// Each block's weights of its present tasks out of those of all tasks, as numbers of the gradients.
  func weights(_ byTask: [Double]) -> [[Float]] { map { $0.tasks.map { Float(byTask[$0]) } } }
}
