/// How often a run is saved, and how.
public struct Checkpoints {
  /// Least time from one checkpoint to the next; a checkpoint is taken after a step.
  public var interval: Duration
  /// Saves ``TrainingLoop/progress``, the engine's numbers and those of ``TrainingLoop/best``; may
  /// throw to end the run.
  public var save: (TrainingLoop) throws -> Void

  /// Saves a run every `interval`; after each step where that is zero.
  public init(every interval: Duration, save: @escaping (TrainingLoop) throws -> Void) {
    self.interval = interval
    self.save = save
  }
}
