/// How a run combines its tasks: by weighing losses, or by combining gradients.
public enum Combining: Sendable {
  /// One backward pass of the weighted sum of the losses.
  case losses(any LossWeighting)
  /// A gradient for each task, summed with weights that their inner products give.
  case gradients(any GradientCombiner)
  /// A gradient for each task, combined block by block of the shared parameters.
  case elements(any ElementwiseCombiner)

  /// Whether each task's gradient is needed by itself.
  package var isPerTask: Bool {
    if case .losses = self { false } else { true }
  }
}
