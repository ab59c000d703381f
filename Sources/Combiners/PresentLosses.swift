import Glibc

extension Array where Element == Double? {
  /// The tasks that are present: those with a loss.
  var present: [Int] { indices.filter { self[$0] != nil } }

  /// The present tasks' losses, with their tasks.
  var known: [(task: Int, loss: Double)] {
    enumerated().compactMap { task, loss in loss.map { (task, $0) } }
  }

  /// Refuses a loss that is not above `bounds`, by task, or above 0.
  func checkPositive(
    above bounds: [Double]? = nil, for kind: CombinerKind
  ) throws(CombinerError) {
    for (task, loss) in known where !(loss > bounds?[task] ?? 0 && loss.isFinite) {
      throw .lossNotPositive(task: task, loss: loss, combiner: kind.rawValue)
    }
  }
}

/// `exp(x_i) / Σ exp(x_j)`, with the largest number subtracted first so that nothing overflows.
func softmax(_ numbers: [Double]) -> [Double] {
  guard let largest = numbers.max() else { return [] }
  let powers = numbers.map { exp($0 - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}
