/// Holds a combiner to given task gradients, step after step, without a network.
///
/// What `paretorank combine` runs, and the tests: one block of shared parameters that every task
/// reaches, `[taskCount, parameterCount]`.
public struct CombinerTrial {
  /// What a step came to.
  public struct Answer: Sendable, Equatable {
    /// Weights of the present tasks, with which the gradients sum to ``combined``; nil where a rule
    /// combines element by element or changes the gradients before.
    public var weights: [Double]?
    /// The combined gradient, `[parameterCount]`.
    public var combined: [Double]
  }

  /// The combiner with what it has learnt from the steps so far.
  public package(set) var combining: Combining
  public let taskCount: Int
  /// Numbers that an element-wise rule keeps, made when the first step says how many.
  private var state: [Float] = []
  private var steps = 0
  /// The last step of a loss weighting that waits for the losses after its update.
  private var waiting: WeighedStep?

  /// Creates a trial of a combiner for so many tasks.
  public init(_ combining: Combining, taskCount: Int) {
    self.combining = combining
    self.taskCount = taskCount
  }

  /// Combines one step's gradients.
  ///
  /// - Parameters:
  ///   - jacobian: Gradients of the present tasks, a row each.
  ///   - secondHalf: For rules that compare two halves of a batch, the gradients over the other half;
  ///     nil takes the same once more.
  ///   - tasks: The run's tasks that the rows stand for, ascending; nil for all.
  ///   - losses: The losses of the present tasks, above zero where the method needs it.
  /// - Returns: The weights, where there are such, and the combined gradient.
  /// - Throws: ``CombinerError`` where the method can't use the losses.
  public mutating func step(
    _ jacobian: [[Double]], secondHalf: [[Double]]? = nil, tasks: [Int]? = nil, losses: [Double]
  ) throws(CombinerError) -> Answer {
    let tasks = tasks ?? Array(0..<taskCount)
    precondition(jacobian.count == tasks.count && losses.count == tasks.count)
    steps += 1
    var byTask = [Double?](repeating: nil, count: taskCount)
    for (task, loss) in zip(tasks, losses) { byTask[task] = loss }
    switch combining {
    case .losses(let weighting):
      let weights = try weigh(weighting, jacobian, tasks: tasks, losses: byTask)
      return Answer(weights: weights, combined: Self.sum(jacobian, weights: weights))
    case .preferences(var rule):
      guard !tasks.isEmpty else { return Answer(weights: [], combined: []) }
      let all = rule.weights(of: rule.drawShares())
      combining = .preferences(rule)
      let weights = tasks.map { all[$0] }
      return Answer(weights: weights, combined: Self.sum(jacobian, weights: weights))
    case .gradients(var combiner, let use):
      let gramian = Gramian(of: jacobian)
      let other = secondHalf ?? jacobian
      let products = jacobian.flatMap { row in other.map { Self.product(row, $0) } }
      let weights = try combiner.weights(
        for: GradientStep(
          gramian: gramian, tasks: tasks, losses: losses,
          crossProducts: combiner.needsHalves ? products : nil))
      combining = .gradients(combiner, use)
      return Answer(weights: weights, combined: Self.sum(jacobian, weights: weights))
    case .elements(let combiner, let scope):
      return try combine(combiner, scope: scope, jacobian, tasks: tasks, losses: byTask)
    }
  }

  private mutating func weigh(
    _ weighting: any LossWeighting, _ jacobian: [[Double]], tasks: [Int], losses: [Double?]
  ) throws(CombinerError) -> [Double] {
    var weighting = weighting
    if var step = waiting {
      step.lossesAfterUpdate = zip(step.losses, losses).map { $0 == nil ? nil : $1 }
      step.lossesBeforeUpdate = zip(step.losses, losses).map { $1 == nil ? nil : $0 }
      try weighting.observe(step)
      waiting = nil
    }
    let weights = try weighting.weights(for: losses)
    var step = WeighedStep(losses: losses)
    if weighting.needs.contains(.lastLayerNorms) {
      step.lastLayerNorms = Array(repeating: nil, count: taskCount)
      for (row, task) in zip(jacobian, tasks) {
        step.lastLayerNorms[task] = Self.product(row, row).squareRoot()
      }
    }
    if weighting.needs.contains(.residuals) {
      // Without scores and labels the losses stand for squared errors.
      step.squaredResiduals = losses
    }
    if weighting.needs.contains(.lossesAfterUpdate) {
      waiting = step
    } else {
      try weighting.observe(step)
    }
    combining = .losses(weighting)
    return tasks.map { weights[$0] }
  }

  private mutating func combine(
    _ combiner: any ElementwiseCombiner, scope: GradientScope, _ jacobian: [[Double]],
    tasks: [Int], losses: [Double?]
  ) throws(CombinerError) -> Answer {
    var combiner = combiner
    let count = jacobian.first?.count ?? 0
    var gradients = jacobian.flatMap { $0.map(Float.init) }
    if state.isEmpty {
      state = Array(repeating: 0, count: combiner.stateCount * taskCount * count)
    }
    let place = Stretch(
      block: 0, tasks: tasks, count: count, firstElement: 0, stride: count, stateStride: count)
    try combiner.begin(ElementwiseStep(number: steps, losses: losses))
    var sums = [Double](repeating: 0, count: taskCount)
    if combiner.absorbs {
      var target = gradients.mutableSpan
      var kept = state.mutableSpan
      combiner.absorb(&target, state: &kept, at: place, sums: &sums)
    }
    let rows = tasks.indices.map { gradients[$0 * count..<($0 + 1) * count].map(Double.init) }
    try combiner.prepare(
      for: [BlockGramian(gramian: Gramian(of: rows), tasks: tasks)], sums: sums)
    var weights: [Double]?
    let combined: [Double]
    if let summed = combiner.weights(ofBlock: 0) {
      // The tasks' weights are known to more digits than the block's.
      let factors =
        combiner.taskWeights.map { weights in tasks.map { weights[$0] ?? 0 } }
        ?? summed.map(Double.init)
      // Of gradients that were changed before, they are no weights of those given.
      if !combiner.absorbs { weights = factors }
      combined = Self.sum(combiner.absorbs ? rows : jacobian, weights: factors)
    } else {
      var found = [Float](repeating: 0, count: count)
      var target = found.mutableSpan
      var kept = state.mutableSpan
      combiner.combine(gradients.span, state: &kept, at: place, into: &target)
      combined = found.map(Double.init)
    }
    combining = .elements(combiner, scope: scope)
    return Answer(weights: weights, combined: combined)
  }

  private static func product(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func sum(_ jacobian: [[Double]], weights: [Double]) -> [Double] {
    (jacobian.first ?? []).indices.map { column in
      zip(jacobian, weights).reduce(0) { $0 + $1.0[column] * $1.1 }
    }
  }
}
