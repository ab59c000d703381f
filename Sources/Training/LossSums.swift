/// What one worker's rows of a step add up to, task by task.
struct LossSums: Sendable {
  /// Losses of the labelled rows, in nats, each times the row's weight.
  var losses: [Double]
  /// `(score − label)²` of the labelled rows, each times the row's weight.
  var squaredResiduals: [Double]
  /// Labelled rows.
  var counts: [Int]
  /// Losses and labelled rows of the step's first micro-batches.
  var probeLosses: [Double]
  var probeCounts: [Int]

  init(taskCount: Int) {
    losses = Array(repeating: 0, count: taskCount)
    squaredResiduals = losses
    counts = Array(repeating: 0, count: taskCount)
    probeLosses = losses
    probeCounts = counts
  }

  static func + (left: LossSums, right: LossSums) -> LossSums {
    var sum = left
    for task in left.losses.indices {
      sum.losses[task] += right.losses[task]
      sum.squaredResiduals[task] += right.squaredResiduals[task]
      sum.counts[task] += right.counts[task]
      sum.probeLosses[task] += right.probeLosses[task]
      sum.probeCounts[task] += right.probeCounts[task]
    }
    return sum
  }

  /// Mean losses, nil where a task has no labelled row.
  var meanLosses: [Double?] { Self.means(losses, counts) }
  /// Mean squared residuals, nil where a task has no labelled row.
  var meanSquaredResiduals: [Double?] { Self.means(squaredResiduals, counts) }
  /// Mean losses of the first micro-batches.
  var meanProbeLosses: [Double?] { Self.means(probeLosses, probeCounts) }

  private static func means(_ sums: [Double], _ counts: [Int]) -> [Double?] {
    zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : nil }
  }
}
