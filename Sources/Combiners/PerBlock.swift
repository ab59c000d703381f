/// Lets a gradient combiner act on each block of the shared parameters by itself.
///
/// Every weight matrix, bias and embedding table has a copy of the rule, which sees that block's
/// Gramian alone: per-layer PCGrad, MetaBalance as its paper has it.
public struct PerBlock<Rule: GradientCombiner>: ElementwiseCombiner {
  private let rule: Rule
  /// A copy of the rule for each block.
  private var rules: [Rule] = []
  private var losses: [Double?] = []
  /// The weights of this step, `[block][present task]`.
  private var weights: [[Float]] = []
  public private(set) var taskWeights: [Double?]?

  /// Creates the combiner; each block starts with `rule` as it is.
  public init(_ rule: Rule) {
    precondition(!rule.needsHalves, "halves are taken over the whole network")
    self.rule = rule
  }

  public mutating func begin(_ step: ElementwiseStep) { losses = step.losses }

  public mutating func prepare(for blocks: [BlockGramian], sums: [Double]) throws(CombinerError) {
    if rules.isEmpty { rules = Array(repeating: rule, count: blocks.count) }
    precondition(rules.count == blocks.count, "\(blocks.count) blocks after \(rules.count)")
    weights = []
    for (index, block) in blocks.enumerated() {
      let step = GradientStep(
        gramian: block.gramian, tasks: block.tasks, losses: block.tasks.map { losses[$0] ?? 0 })
      let found = try rules[index].weights(for: step)
      weights.append(found.map(Float.init))
      if blocks.count == 1 {
        taskWeights = losses.map { _ in nil }
        for (task, weight) in zip(block.tasks, found) { taskWeights?[task] = weight }
      }
    }
  }

  /// The sum over the blocks.
  public var unsolvedSteps: Int { rules.reduce(0) { $0 + $1.unsolvedSteps } }

  public func weights(ofBlock index: Int) -> [Float]? { weights[index] }
}
