/// How a run combines its tasks: by weighing losses, or by combining gradients.
public enum Combining: Sendable {
  /// One backward pass of the weighted sum of the losses.
  case losses(any LossWeighting)
  /// One backward pass of losses that every few rows weigh by a preference of their own, which the
  /// network is told.
  case preferences(PreferenceWeights)
  /// A gradient for each task, summed with weights that their inner products give.
  case gradients(any GradientCombiner, GradientUse = GradientUse())
  /// A gradient for each task, combined element by element of the shared parameters.
  case elements(any ElementwiseCombiner, scope: GradientScope = .all)
}

/// The shared parameters over which the tasks' gradients are taken.
public enum GradientScope: String, Codable, Sendable, CaseIterable {
  /// All: weights, biases and the embedding rows that the batch touched.
  case all
  /// Weights and biases. Weights found so are applied to embedding rows too; element-wise rules leave
  /// embedding rows the plain sum.
  case dense
  /// The shared representation instead of parameters: the activations that single-task layers read
  /// from shared ones. Weights come from a pass that goes back no further, and one weighted backward
  /// pass follows. What single-task layers read of the inputs, as gates and a task's own experts do,
  /// is left out.
  case representation
}

/// Over which parameters and how often a gradient combiner finds its weights.
public struct GradientUse: Codable, Sendable, Equatable {
  public var scope: GradientScope
  /// Weights are found in every so many-th step, counting from the first; the steps in between make
  /// one weighted backward pass.
  public var every: Int

  public init(scope: GradientScope = .all, every: Int = 1) {
    precondition(every > 0)
    self.scope = scope
    self.every = every
  }
}
