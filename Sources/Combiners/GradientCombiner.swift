/// A rule that turns one gradient per task into one gradient for the shared parameters.
///
/// Stack the task gradients as the rows of `J`, `[taskCount, parameterCount]`. A combiner sees
/// their ``Gramian`` alone and answers with `w`, `[taskCount]`; the trainer then applies `Jᵀ w`.
/// Its cost therefore depends on the number of tasks, never on the number of parameters. Parameters
/// that a single task uses get that task's plain gradient.
public protocol GradientCombiner: Sendable, Codable {
  /// Whether a step must tell ``GradientStep/crossProducts``; no, unless a rule says otherwise.
  var needsHalves: Bool { get }
  /// Steps whose small convex problem was not solved to its tolerance, so far; the best weights found
  /// were used there. Rules that solve none have 0.
  var unsolvedSteps: Int { get }
  /// The weights of the gradients of the step's present tasks, `[step.tasks.count]`.
  mutating func weights(for step: GradientStep) throws(CombinerError) -> [Double]
}

extension GradientCombiner {
  public var needsHalves: Bool { false }
  public var unsolvedSteps: Int { 0 }
}

/// What a gradient combiner sees of a step: its present tasks, their gradients' products, their losses.
public struct GradientStep: Sendable, Equatable {
  /// Inner products of the present tasks' gradients.
  public var gramian: Gramian
  /// The run's tasks that the rows stand for, ascending; a task without labelled rows is absent, not
  /// zero.
  public var tasks: [Int]
  /// Mean losses of those tasks, in nats.
  public var losses: [Double]
  /// `J₁ J₂ᵀ`, row-major: products of the gradients over one half of the rows with those over the
  /// other; nil unless the combiner needs halves.
  public var crossProducts: [Double]?

  public init(
    gramian: Gramian, tasks: [Int], losses: [Double], crossProducts: [Double]? = nil
  ) {
    precondition(gramian.taskCount == tasks.count && losses.count == tasks.count)
    precondition((crossProducts?.count).map { $0 == tasks.count * tasks.count } ?? true)
    self.gramian = gramian
    self.tasks = tasks
    self.losses = losses
    self.crossProducts = crossProducts
  }
}
