/// A rule that needs more than one Gramian: the gradients themselves, or each block's by itself.
///
/// The shared parameters come in blocks: weight matrices, biases and the touched rows of embedding
/// tables. In each step the rule first sees all blocks' Gramians, then combines the gradients piece
/// by piece, on several threads at once.
public protocol ElementwiseCombiner: Sendable, Codable {
  /// Learns from the Gramians of all shared blocks, the same blocks in every step.
  mutating func prepare(for blocks: [BlockGramian]) throws(CombinerError)
  /// Combines one stretch of the gradients of block number `block`.
  ///
  /// The gradient of the block's `i`-th present task begins at `i * stride`; the result's count says
  /// how many elements the stretch has.
  func combine(
    _ gradients: Span<Float>, stride: Int, block: Int, into combined: inout MutableSpan<Float>)
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
