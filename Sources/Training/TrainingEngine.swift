public import Combiners
public import Interactions
internal import Matrices
public import Networks
public import Optimizers
public import Workers

/// Trains a network one batch at a time.
///
/// Rows are the unit of parallel work. Each worker takes micro-batches through the whole network,
/// forward and backward, with its activations in its own cache, and keeps its own gradient sums; then
/// the workers add these up and update disjoint parts of the parameters. The memory is made here,
/// once.
public final class TrainingEngine {
  public let network: Network
  public let weights: Weights
  public let optimizer: Optimizer
  public internal(set) var combining: Combining
  public let batchCapacity: Int
  public let microBatch: Int
  /// Longest allowed norm of the whole gradient; nil clips nothing.
  public let clipNorm: Double?

  let workers: WorkerGroup
  let workspaces: [Workspace]
  let batch: BatchRows
  let labels: BatchLabels
  /// Slopes of each input block, a stack of rows for each micro-batch.
  let inputSlopes: [Matrix]
  let dense: DenseGradient
  /// `[worker][input][table]`.
  let tables: [[[TableGradient]]]
  private let seed: UInt64
  private var lastLosses: [Double?]

  /// Creates an engine that changes `weights` in place.
  public init(
    weights: Weights, schema: InputSchema, optimizer: Optimizer, combining: Combining,
    batchCapacity: Int, microBatch: Int = 128, workers: WorkerGroup = WorkerGroup(),
    clipNorm: Double? = nil, seed: UInt64
  ) {
    precondition(batchCapacity > 0 && microBatch > 0)
    precondition(
      weights.denseMoments.count == optimizer.momentCount,
      "\(weights.denseMoments.count) moments beside the weights, not \(optimizer.momentCount)")
    let network = weights.network
    self.network = network
    self.weights = weights
    self.optimizer = optimizer
    self.combining = combining
    self.batchCapacity = batchCapacity
    self.microBatch = microBatch
    self.workers = workers
    self.clipNorm = clipNorm
    self.seed = seed
    lastLosses = Array(repeating: nil, count: weights.network.taskCount)
    workspaces = (0..<workers.workerCount).map { _ in
      Workspace(
        network: network, capacity: microBatch,
        gradientBlocks: combining.isPerTask ? network.taskCount : 1)
    }
    batch = BatchRows(schema: schema, capacity: batchCapacity)
    labels = BatchLabels(taskCount: network.taskCount, capacity: batchCapacity)
    inputSlopes = network.inputs.indices.map { index in
      let blocks = combining.isPerTask ? max(network.tasks(ofInput: index).count, 1) : 1
      return Matrix(rows: batchCapacity * blocks, columns: schema.embeddingWidth)
    }
    dense = DenseGradient(network: network, isPerTask: combining.isPerTask)
    let slotMaps = weights.tables.map { $0.map { IndexStorage(count: $0.rowCount) } }
    tables = (0..<workers.workerCount).map { worker in
      weights.tables.enumerated().map { input, tables in
        tables.enumerated().map { index, table in
          TableGradient(
            table: table, slotOfRow: slotMaps[input][index], shard: worker,
            shardCount: workers.workerCount)
        }
      }
    }
  }

  /// Trains on the given rows of a log: one update of all parameters.
  ///
  /// `step` counts from 1 over the whole run.
  public func step(
    rows: some Collection<UInt32>, of log: EncodedLog, step: Int, learningRate: Double
  ) throws(TrainingError) -> StepReport {
    precondition(
      !rows.isEmpty && rows.count <= batchCapacity, "\(rows.count) rows, \(batchCapacity) fit")
    for (position, row) in rows.enumerated() {
      precondition(row < log.rowCount, "row \(row) of \(log.rowCount)")
      batch.rows[position] = row
    }
    let known = labels.read(rows.count, of: batch, from: log)
    var lossWeights = [Double](repeating: 1, count: network.taskCount)
    if case .losses(var weighting) = combining {
      do throws(CombinerError) {
        lossWeights = try weighting.weights(for: lastLosses)
      } catch {
        throw .combiner(error)
      }
      combining = .losses(weighting)
    }
    let plan = StepPlan(
      network: network, count: rows.count, known: known,
      isPerTask: combining.isPerTask, lossWeights: lossWeights, step: step,
      dropoutKey: seed &+ UInt64(step) &* 0xd1b5_4a32_d192_ed03)
    let losses = computeGradients(plan, log: log)
    for (task, loss) in losses.enumerated() {
      if let loss, !loss.isFinite {
        throw .nonFiniteLoss(
          task: network.taskNames[task], step: step, cause: likelyCause(learningRate))
      }
    }
    return try update(
      plan, losses: losses, log: log,
      by: optimizer.update(step: step, learningRate: learningRate), learningRate: learningRate)
  }

  /// Why a number may have stopped being one.
  func likelyCause(_ learningRate: Double) -> String {
    "the learning rate of \(learningRate) is likely too high: "
      + "lower optimizer.learning_rate or set optimizer.clip_norm"
  }
}

extension Combining {
  /// Whether each task's gradient is needed by itself.
  var isPerTask: Bool {
    if case .losses = self { false } else { true }
  }
}
