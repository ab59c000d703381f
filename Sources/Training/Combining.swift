public import Combiners

/// How a run combines its tasks: by weighing losses, or by combining gradients.
public enum Combining: Sendable {
  case losses(any LossWeighting)
  case gradients(any GradientCombiner)
  case elements(any ElementwiseCombiner)

  /// Whether each task's gradient is needed by itself.
  var isPerTask: Bool {
    if case .losses = self { false } else { true }
  }
}
