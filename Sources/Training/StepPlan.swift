internal import Combiners
internal import Interactions
internal import Networks

/// What is settled about a step before its first row goes through the network.
struct StepPlan: Sendable {
  /// Which gradients the step computes.
  enum Pass: Sendable, Equatable {
    /// One, of the weighted sum of the losses.
    case summed
    /// One for each present task.
    case perTask
    /// Two for each present task, of every other micro-batch each.
    case perHalf
    /// One, and for each present task that of the last shared layer and of what lies beside it.
    case lastSharedPerTask
  }

  /// One block of parameters: a weight matrix, a bias or the touched rows of a table.
  struct Block: Sendable {
    /// The present tasks that reach it, ascending.
    let tasks: [Int]
    /// The task of each row of its stack of gradients; empty where the one row is a sum.
    let rowTasks: [Int]
    /// Where workspaces keep its gradients, a block for each row.
    let gradientBlocks: [Int]
    /// Its number among the shared blocks, which combiners act on; nil where a single task reaches it.
    let sharedIndex: Int?
    let isTable: Bool
    /// Whether steps leave it as it is, since a task that reaches it trains no more.
    let isStopped: Bool

    var rows: Int { gradientBlocks.count }
  }

  /// Rows of the batch.
  let count: Int
  /// Labelled rows of each task, those of weight 0 left out.
  let known: [Int]
  /// What makes each task's weighted losses those of its mean; 1 where rows weigh the same.
  let rowScales: [Double]
  /// The tasks with a labelled row, ascending.
  let present: [Int]
  let pass: Pass
  let step: Int
  let dropoutKey: UInt64
  /// What each task's loss weighs on its way back.
  let lossWeights: [Double]
  /// What the network is told in each micro-batch; empty where all weigh the same.
  ///
  /// A task's loss weighs `taskCount · share` times as much there.
  let preferences: [Preference]
  /// What each task's slopes weigh in shared parameters; nil for 1.
  let sharedWeights: [Float]?
  /// The parameters' blocks in order, then the tables', input by input.
  let blocks: [Block]
  /// The first table's block of each input.
  let firstTableBlocks: [Int]

  init(
    network: Network, count: Int, known: [Int], rowScales: [Double]?, pass: Pass, step: Int,
    dropoutKey: UInt64, lossWeights: [Double]? = nil, preferences: [Preference] = [],
    sharedWeights: [Float]? = nil, stoppedTasks: Set<Int> = []
  ) {
    let present = known.indices.filter { known[$0] > 0 }
    let lossWeights = lossWeights ?? Array(repeating: 1, count: known.count)
    var sharedCount = 0
    func block(_ tasks: [Int], isAtRepresentation: Bool, isTable: Bool) -> Block {
      if tasks.count > 1 { sharedCount += 1 }
      let here = tasks.filter(present.contains)
      let rowTasks: [Int]
      let gradientBlocks: [Int]
      switch pass {
      case .perTask: (rowTasks, gradientBlocks) = (here, here)
      case .perHalf:
        (rowTasks, gradientBlocks) = (here + here, here + here.map { $0 + known.count })
      case .lastSharedPerTask where isAtRepresentation: (rowTasks, gradientBlocks) = (here, here)
      case .summed, .lastSharedPerTask: (rowTasks, gradientBlocks) = ([], here.isEmpty ? [] : [0])
      }
      return Block(
        tasks: here, rowTasks: rowTasks, gradientBlocks: gradientBlocks,
        sharedIndex: tasks.count > 1 ? sharedCount - 1 : nil, isTable: isTable,
        isStopped: tasks.contains(where: stoppedTasks.contains))
    }
    let representation = network.representationBuffers
    var blocks = network.parameters.map { parameter in
      block(
        parameter.tasks, isAtRepresentation: representation.contains(parameter.serves.buffer),
        isTable: false)
    }
    var firstTableBlocks: [Int] = []
    for (index, input) in network.inputs.enumerated() {
      firstTableBlocks.append(blocks.count)
      blocks += input.schema.tables.map { _ in
        block(network.tasks(ofInput: index), isAtRepresentation: false, isTable: true)
      }
    }
    self.count = count
    self.known = known
    self.rowScales = rowScales ?? Array(repeating: 1, count: known.count)
    self.present = present
    self.pass = pass
    self.step = step
    self.dropoutKey = dropoutKey
    self.lossWeights = lossWeights
    self.preferences = preferences
    self.sharedWeights = sharedWeights
    self.blocks = blocks
    self.firstTableBlocks = firstTableBlocks
  }

  /// What the network is told for a micro-batch; nil where nothing was drawn.
  func preference(ofMicroBatch index: Int) -> Preference? {
    preferences.isEmpty ? nil : preferences[index]
  }

  /// What a row's weighted loss counts for in its task's slopes: `weight / labelled rows`.
  func slopeScale(ofTask task: Int, microBatch: Int) -> Float {
    guard known[task] > 0 else { return 0 }
    let share = preference(ofMicroBatch: microBatch).map { $0.shares[task] * Double(known.count) }
    return Float((share ?? 1) * lossWeights[task] * rowScales[task] / Double(known[task]))
  }

  var mode: Workspace.Mode {
    switch pass {
    case .summed: .summed
    case .perTask, .perHalf: .perTask(present)
    case .lastSharedPerTask: .perTaskAtRepresentation(present)
    }
  }

  /// Whether the slopes of logits and inputs are stacked by task.
  var isPerTask: Bool { pass == .perTask || pass == .perHalf }

  /// The gradient blocks of a workspace that this step uses.
  var gradientBlocks: [Int] {
    switch pass {
    case .summed: [0]
    case .perTask: present
    case .perHalf: present + present.map { $0 + known.count }
    case .lastSharedPerTask: [0] + present.filter { $0 > 0 }
    }
  }

  /// Stacked blocks of the slopes of input `index`, for one micro-batch.
  func inputRows(_ index: Int, network: Network) -> Int {
    isPerTask ? network.tasks(ofInput: index).filter(present.contains).count : 1
  }

  /// Which half of the rows a micro-batch belongs to.
  func half(ofMicroBatch index: Int) -> Int { pass == .perHalf ? index % 2 : 0 }
}
