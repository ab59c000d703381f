/// A rule that turns one gradient per task into one gradient for the shared parameters.
///
/// Stack the task gradients as the rows of `J`, `[taskCount, parameterCount]`. A combiner sees
/// their ``Gramian`` alone and answers with `w`, `[taskCount]`; the trainer then applies `Jᵀ w`.
/// Its cost therefore depends on the number of tasks, never on the number of parameters. Parameters
/// that a single task uses get that task's plain gradient.
public protocol GradientCombiner: Sendable, Codable {
  /// The weights of the tasks' gradients; `tasks` says which of the run's tasks the rows stand for,
  /// because a task without labelled rows in a step is absent, not zero.
  mutating func weights(for gramian: Gramian, tasks: [Int]) throws(CombinerError) -> [Double]
}
