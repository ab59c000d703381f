internal import Combiners
internal import Interactions
internal import Networks

/// What is settled about a step before its first row goes through the network.
struct StepPlan: Sendable {
  /// One block of parameters: a weight matrix, a bias or the touched rows of a table.
  struct Block: Sendable {
    /// The present tasks that reach it, ascending.
    let tasks: [Int]
    /// Where workspaces keep its gradients: a block for each task, or block 0 for the sum.
    let gradientBlocks: [Int]
    /// Its number among the shared blocks, which combiners act on; nil where a single task reaches it.
    let sharedIndex: Int?

    var rows: Int { gradientBlocks.count }
  }

  /// Rows of the batch.
  let count: Int
  /// Labelled rows of each task.
  let known: [Int]
  /// The tasks with a labelled row, ascending.
  let present: [Int]
  let isPerTask: Bool
  let step: Int
  let dropoutKey: UInt64
  /// What each task's loss weighs.
  let lossWeights: [Double]
  /// What a row's loss counts for in its task's slopes: `weight / labelled rows`.
  let slopeScales: [Float]
  /// The parameters' blocks in order, then the tables', input by input.
  let blocks: [Block]
  /// The first table's block of each input.
  let firstTableBlocks: [Int]

  init(
    network: Network, count: Int, known: [Int], isPerTask: Bool, lossWeights: [Double],
    step: Int, dropoutKey: UInt64
  ) {
    let present = known.indices.filter { known[$0] > 0 }
    var sharedCount = 0
    func block(_ tasks: [Int]) -> Block {
      if tasks.count > 1 { sharedCount += 1 }
      let here = tasks.filter(present.contains)
      return Block(
        tasks: here, gradientBlocks: isPerTask ? here : here.isEmpty ? [] : [0],
        sharedIndex: tasks.count > 1 ? sharedCount - 1 : nil)
    }
    var blocks = network.parameters.map { block($0.tasks) }
    var firstTableBlocks: [Int] = []
    for (index, input) in network.inputs.enumerated() {
      firstTableBlocks.append(blocks.count)
      blocks += input.schema.tables.map { _ in block(network.tasks(ofInput: index)) }
    }
    self.count = count
    self.known = known
    self.present = present
    self.isPerTask = isPerTask
    self.step = step
    self.dropoutKey = dropoutKey
    self.blocks = blocks
    self.firstTableBlocks = firstTableBlocks
    self.lossWeights = lossWeights
    slopeScales = known.indices.map {
      known[$0] > 0 ? Float(lossWeights[$0] / Double(known[$0])) : 0
    }
  }

  var mode: Workspace.Mode { isPerTask ? .perTask(present) : .summed }
  /// The gradient blocks of a workspace that this step uses.
  var gradientBlocks: [Int] { isPerTask ? present : [0] }

  /// Stacked blocks of the slopes of input `index`.
  func inputRows(_ index: Int, network: Network) -> Int {
    isPerTask ? network.tasks(ofInput: index).filter(present.contains).count : 1
  }
}
