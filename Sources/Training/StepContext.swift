internal import Interactions

/// What a step is given.
struct StepContext {
  let log: EncodedLog
  /// Rows of the batch.
  let count: Int
  /// Labelled rows of each task, those of weight 0 left out.
  let known: [Int]
  /// Counted from 1 over the whole run.
  let number: Int
  /// Counted from 1 over all runs that led to the weights.
  let totalNumber: Int
  let learningRate: Double
  let dropoutKey: UInt64
  /// Whether each task's gradient is wanted even where the combiner needs none.
  let isMeasured: Bool

  /// The tasks with a labelled row, ascending.
  var present: [Int] { known.indices.filter { known[$0] > 0 } }
}
