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
/// the workers add these up and update disjoint parts of the parameters. The large memory is made here,
/// once.
public final class TrainingEngine {
  public let network: Network
  /// The numbers that steps change.
  public let weights: Weights
  public let optimizer: Optimizer
  /// The combiner with what it has learnt so far; to resume a run, set what a checkpoint kept.
  public var combiningState: CombiningState
  /// Tasks that train no more: steps leave everything alone that their losses reach.
  public internal(set) var stoppedTasks: Set<Int> = []
  /// Most rows of a step.
  public let batchCapacity: Int
  /// Rows that a worker takes through the network at a time.
  public let microBatch: Int
  /// Longest allowed norm of the whole gradient; nil clips nothing.
  public let clipNorm: Double?
  /// Every so many-th step, counting from the first, measures each task's gradient even where the
  /// combiner needs none of them; nil never does.
  public let measureEvery: Int?
  /// What is particular to each task, in the order of the network's.
  public let tasks: [TaskTraining]
  /// L2 penalty of embedding rows by their frequency; nil for none.
  public let rowDecay: RowDecay?
  /// How much each row counts in the losses, and which rows a pass takes; nil where all are alike.
  public let rowWeights: RowWeights?

  let workers: WorkerGroup
  let workspaces: [Workspace]
  let batch: BatchRows
  let labels: BatchLabels
  /// Slopes of each input block, a stack of rows for each micro-batch.
  let inputSlopes: [Matrix]
  /// Slopes of the elements of each input's lists that stay apart, `[input][list]`.
  let elementSlopes: [[Matrix]]
  let dense: DenseGradient
  /// `[worker][input][table]`.
  let tables: [[[TableGradient]]]
  /// What it keeps beside the weights and their moments.
  public let kept: KeptNumbers
  let needsResiduals: Bool
  /// How often a step takes each of its rows through the network, under a preference each time.
  let passesOfRows: Int
  private let seed: UInt64

  /// How the tasks are combined, with what the combiner has learnt so far.
  public var combining: Combining { combiningState.combining }

  /// Creates an engine that changes `weights` in place.
  ///
  /// - Parameters:
  ///   - weights: The network's numbers, with as many moments as the optimizer needs.
  ///   - schema: Of the logs that it will train on.
  ///   - optimizer: How gradients change parameters.
  ///   - combining: How the tasks are combined.
  ///   - batchCapacity: Most rows of a step.
  ///   - microBatch: Rows that a worker takes through the network at a time.
  ///   - workers: Who works.
  ///   - clipNorm: Longest allowed norm of the whole gradient; nil clips nothing.
  ///   - measureEvery: How often each task's gradient is measured where the combiner needs none; nil
  ///     for never.
  ///   - averageHorizon: Steps that a moving average of the weights looks back, at least 1; nil keeps
  ///     none.
  ///   - tasks: What is particular to each task; nil for nothing.
  ///   - rowDecay: L2 penalty of embedding rows by their frequency; nil for none.
  ///   - rowWeights: How much each row counts in the losses; nil where all count the same.
  ///   - seed: Fixes dropout.
  public init(
    weights: Weights, schema: InputSchema, optimizer: Optimizer, combining: Combining,
    batchCapacity: Int, microBatch: Int = 128, workers: WorkerGroup = WorkerGroup(),
    clipNorm: Double? = nil, measureEvery: Int? = nil, averageHorizon: Int? = nil,
    tasks: [TaskTraining]? = nil, rowDecay: RowDecay? = nil, rowWeights: RowWeights? = nil,
    seed: UInt64
  ) {
    precondition(batchCapacity > 0 && microBatch > 0)
    precondition(measureEvery.map { $0 > 0 } ?? true)
    precondition(
      weights.denseMoments.count == optimizer.momentCount,
      "\(weights.denseMoments.count) moments beside the weights, not \(optimizer.momentCount)")
    let network = weights.network
    self.network = network
    self.weights = weights
    self.optimizer = optimizer
    combiningState = CombiningState(combining, taskCount: network.taskCount)
    self.batchCapacity = batchCapacity
    self.microBatch = microBatch
    self.workers = workers
    self.clipNorm = clipNorm
    self.measureEvery = measureEvery
    self.rowDecay = rowDecay
    self.rowWeights = rowWeights
    self.tasks = tasks ?? weights.network.taskNames.map { _ in TaskTraining() }
    precondition(self.tasks.count == weights.network.taskCount, "one setting a task")
    self.seed = seed
    let stacks = Stacks(of: combining, network: network, isMeasured: measureEvery != nil)
    passesOfRows = if case .preferences(let rule) = combining { rule.draws } else { 1 }
    let capacity = batchCapacity * passesOfRows
    batch = BatchRows(schema: schema, capacity: capacity)
    let labels = BatchLabels(
      taskCount: network.taskCount, capacity: capacity, areWeighted: rowWeights != nil)
    self.labels = labels
    workspaces = (0..<workers.workerCount).map { _ in
      Workspace(
        network: network, capacity: microBatch, gradientBlocks: stacks.gradientBlocks,
        labels: labels)
    }
    inputSlopes = network.inputs.indices.map { index in
      let blocks = stacks.isPerTask ? max(network.tasks(ofInput: index).count, 1) : 1
      return Matrix(rows: capacity * blocks, columns: network.slopeWidth(ofInput: index))
    }
    elementSlopes = network.inputs.enumerated().map { index, input in
      let blocks = stacks.isPerTask ? max(network.tasks(ofInput: index).count, 1) : 1
      return input.lists.map { list in
        Matrix(
          rows: capacity * blocks * list.longest,
          columns: input.schema.tables[input.schema.lookups[list.lookup].table].dimension)
      }
    }
    dense = DenseGradient(network: network, rowsPerTask: stacks.rowsPerTask)
    kept = KeptNumbers(for: combining, averageHorizon: averageHorizon, weights: weights)
    needsResiduals =
      if case .losses(let weighting) = combining {
        weighting.needs.contains(.residuals)
      } else { false }
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
  /// - Parameters:
  ///   - rows: Numbers of rows of the log, `batchCapacity` at most.
  ///   - log: Where the rows are.
  ///   - step: Counts from 1 over the whole run.
  ///   - learningRate: Of this step.
  ///   - earlierSteps: Steps of the runs that the weights come from: optimizer, dropout and combiner
  ///     count on from there.
  /// - Returns: What the step saw and did.
  /// - Throws: ``TrainingError`` where a loss or gradient is no finite number, or the combiner can't
  ///   use the losses. The weights are then as before the step, but ``kept`` may have taken in
  ///   the gradients that were not finite.
  public func step(
    rows: some Collection<UInt32>, of log: EncodedLog, step: Int, learningRate: Double,
    earlierSteps: Int = 0
  ) throws(TrainingError) -> StepReport {
    precondition(
      !rows.isEmpty && rows.count <= batchCapacity, "\(rows.count) rows, \(batchCapacity) fit")
    for (position, row) in rows.enumerated() {
      precondition(row < log.rowCount, "row \(row) of \(log.rowCount)")
      for pass in 0..<passesOfRows { batch.rows[pass * rows.count + position] = row }
    }
    let count = passesOfRows * rows.count
    let context = StepContext(
      log: log, count: count, known: known(count, in: log),
      number: step, totalNumber: earlierSteps + step, learningRate: learningRate,
      dropoutKey: seed &+ UInt64(earlierSteps + step) &* 0xd1b5_4a32_d192_ed03,
      isMeasured: measureEvery.map { (step - 1) % $0 == 0 } ?? false)
    switch combining {
    case .losses(let weighting): return try weighLosses(weighting, context)
    case .preferences(let rule): return try weighByPreferences(rule, context)
    case .gradients(let combiner, let use):
      return try combineGradients(combiner, use, context)
    case .elements(let combiner, let scope):
      return try combineElements(combiner, scope, context)
    }
  }

  /// Labelled rows of each task that still trains, 0 for the others.
  private func known(_ count: Int, in log: EncodedLog) -> [Int] {
    var known = labels.read(count, of: batch, from: log)
    if let rowWeights {
      known = labels.weigh(count, of: batch, from: log, rowWeights.weighing)
    }
    for task in stoppedTasks { known[task] = 0 }
    return known
  }
}

/// How much memory of gradients the steps of a run need.
struct Stacks {
  let isPerTask: Bool
  /// Rows of a parameter's stack for each task that reaches it; nil for a single row in all.
  let rowsPerTask: Int?
  let gradientBlocks: Int

  init(of combining: Combining, network: Network, isMeasured: Bool) {
    var halves = 1
    var needsStack = true
    switch combining {
    case .losses(let weighting):
      isPerTask = isMeasured || network.needsPassPerTask(for: weighting.needs)
      needsStack = isMeasured || weighting.needs.contains(.lastLayerNorms)
    case .preferences:
      isPerTask = isMeasured
      needsStack = isMeasured
    case .gradients(let combiner, _):
      isPerTask = true
      halves = combiner.needsHalves ? 2 : 1
    case .elements: isPerTask = true
    }
    rowsPerTask = needsStack ? halves : nil
    gradientBlocks = needsStack ? network.taskCount * halves : 1
  }
}
