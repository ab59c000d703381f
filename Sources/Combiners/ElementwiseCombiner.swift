/// A rule that needs the gradients themselves, element by element, and may remember some.
///
/// The shared parameters come in blocks: weight matrices, biases and the touched rows of embedding
/// tables. In each step the trainer calls ``begin(_:)``; if ``absorbs``, ``absorb(_:state:at:sums:)``
/// for every stretch of every block, on several threads at once; then ``prepare(for:sums:)``; then
/// ``combine(_:state:at:into:)`` for every stretch, again on several threads, or, where that is a
/// weighted sum, it sums by ``weights(ofBlock:)`` itself.
public protocol ElementwiseCombiner: Sendable, Codable {
  /// Numbers that the trainer keeps for each element and each of the run's tasks, zero at first; none,
  /// unless a rule says otherwise. Those of an embedding row change only in steps that touch it.
  var stateCount: Int { get }
  /// Whether gradients are changed or summed up before ``prepare(for:)``.
  var absorbs: Bool { get }
  /// Whether what ``combine(_:state:at:into:)`` gives is the way that the parameters go, times the
  /// learning rate, instead of a gradient for the optimizer.
  var replacesOptimizer: Bool { get }
  /// Starts a step.
  mutating func begin(_ step: ElementwiseStep) throws(CombinerError)
  /// Sees one stretch of the gradients before they are combined, may change them and the state, and
  /// adds to `sums`, `[taskCount]`, what it wants summed over all stretches.
  ///
  /// The gradient of the stretch's `i`-th present task begins at `i * place.stride`; number `n` of the
  /// state of the run's task `t` begins at `(t * stateCount + n) * place.stateStride`.
  func absorb(
    _ gradients: inout MutableSpan<Float>, state: inout MutableSpan<Float>, at place: Stretch,
    sums: inout [Double])
  /// Learns from the Gramians of all shared blocks, the same blocks in every step; they are those of
  /// the gradients as ``absorb(_:state:at:sums:)`` left them.
  mutating func prepare(for blocks: [BlockGramian], sums: [Double]) throws(CombinerError)
  /// The weights of a block's present tasks, where combining is to sum its gradients with them; nil
  /// where ``combine(_:state:at:into:)`` must be asked.
  func weights(ofBlock index: Int) -> [Float]?
  /// Combines one stretch of the gradients, laid out as in ``absorb(_:state:at:sums:)``; asked only
  /// where there are no weights.
  func combine(
    _ gradients: Span<Float>, state: inout MutableSpan<Float>, at place: Stretch,
    into combined: inout MutableSpan<Float>)
  /// The weights of the run's tasks in this step, where there is one number a task; for reports.
  var taskWeights: [Double?]? { get }
  /// As ``GradientCombiner/unsolvedSteps``.
  var unsolvedSteps: Int { get }
}

extension ElementwiseCombiner {
  public var stateCount: Int { 0 }
  public var absorbs: Bool { false }
  public var replacesOptimizer: Bool { false }
  public mutating func begin(_ step: ElementwiseStep) {}
  public func absorb(
    _ gradients: inout MutableSpan<Float>, state: inout MutableSpan<Float>, at place: Stretch,
    sums: inout [Double]
  ) {}
  public func weights(ofBlock index: Int) -> [Float]? { nil }
  public func combine(
    _ gradients: Span<Float>, state: inout MutableSpan<Float>, at place: Stretch,
    into combined: inout MutableSpan<Float>
  ) {
    preconditionFailure("a rule without weights and without a way to combine")
  }
  public var taskWeights: [Double?]? { nil }
  public var unsolvedSteps: Int { 0 }
}

/// What is known of a step before its gradients are combined.
public struct ElementwiseStep: Sendable, Equatable {
  /// Counted from 1 over the whole run.
  public var number: Int
  /// Mean losses of the run's tasks in nats, nil for absent ones.
  public var losses: [Double?]

  public init(number: Int, losses: [Double?]) {
    self.number = number
    self.losses = losses
  }
}

/// Where a stretch of gradients lies.
public struct Stretch: Sendable, Equatable {
  /// The block's number among the shared blocks.
  public var block: Int
  /// The block's present tasks, ascending, a row of gradients each.
  public var tasks: [Int]
  /// Elements of the stretch.
  public var count: Int
  /// The number of the first element in its block, the same in every step.
  public var firstElement: Int
  /// Elements from one row of gradients to the next.
  public var stride: Int
  /// Elements from one row of state to the next.
  public var stateStride: Int

  public init(
    block: Int, tasks: [Int], count: Int, firstElement: Int, stride: Int, stateStride: Int
  ) {
    self.block = block
    self.tasks = tasks
    self.count = count
    self.firstElement = firstElement
    self.stride = stride
    self.stateStride = stateStride
  }
}

/// The Gramian of one block of shared parameters, over the tasks that reach it in this step.
public struct BlockGramian: Sendable, Equatable {
  public var gramian: Gramian
  /// The run's tasks that the rows stand for, ascending; a task without labelled rows is absent.
  public var tasks: [Int]

  public init(gramian: Gramian, tasks: [Int]) {
    precondition(gramian.taskCount == tasks.count)
    self.gramian = gramian
    self.tasks = tasks
  }
}
