public import Combiners
internal import Interactions
public import Networks
public import Workers

extension TrainingEngine {
  /// Bytes of the large memory of a training, the log's left out: parameters, moments, gradients, and
  /// what an element-wise combiner keeps.
  ///
  /// - Parameters:
  ///   - network: What is to be trained.
  ///   - momentCount: The optimizer's moments of each parameter.
  ///   - combining: How the tasks are combined.
  ///   - batchCapacity: Most rows of a step.
  ///   - workers: Who works.
  ///   - keepsAverage: Whether a moving average of the weights is kept.
  ///   - decaysRows: Whether embedding rows have penalties of their own.
  ///   - keptPasses: Copies of passes that early stopping keeps.
  /// - Returns: What the storages hold when all embedding rows were touched.
  public static func byteCount(
    of network: Network, momentCount: Int, combining: Combining, batchCapacity: Int,
    workers: WorkerGroup, keepsAverage: Bool, decaysRows: Bool,
    keptPasses: Int
  ) -> Int {
    let stacks = Stacks(of: combining, network: network, isMeasured: true)
    let tables = network.inputs.flatMap(\.schema.tables)
    let embeddings = tables.reduce(0) { $0 + $1.rowCount * $1.dimension }
    var state = (network.parameterCount + embeddings) * (1 + momentCount)
    if case .elements(let rule, let scope) = combining {
      let elements = network.parameterCount + (scope == .dense ? 0 : embeddings)
      state += elements * rule.stateCount * network.taskCount
    }
    if keepsAverage {
      state += network.parameterCount + embeddings + tables.reduce(0) { $0 + $1.rowCount }
    }
    let rowGradients = network.parameters.reduce(0) {
      $0 + $1.count * max((stacks.rowsPerTask ?? 0) * $1.tasks.count, 1)
    }
    let passes = if case .preferences(let rule) = combining { rule.draws } else { 1 }
    let slopes = network.inputs.indices.reduce(0) {
      let blocks = stacks.isPerTask ? max(network.tasks(ofInput: $1).count, 1) : 1
      return $0 + batchCapacity * passes * blocks
        * (network.slopeWidth(ofInput: $1) + network.elementWidth(ofInput: $1))
    }
    let floats =
      state * (1 + keptPasses) + network.parameterCount + rowGradients
      + workers.workerCount * stacks.gradientBlocks * network.parameterCount
      // The slopes of a batch, and the gradients of the embedding rows that it touched.
      + 3 * slopes
      // Each row's place among those touched, and its penalty.
      + (decaysRows ? 2 : 1) * tables.reduce(0) { $0 + $1.rowCount }
    return floats * MemoryLayout<Float>.stride
  }
}
