/// When the labels of each task are known, and which rows of a night train and which evaluate.
///
/// A row's label of a task is *matured* once the task's attribution window after the row has closed
/// at the data's own clock. Of the matured rows the newest, a stretch of ``evaluation``, evaluate;
/// the older ones train.
public struct NightWindows: Codable, Sendable, Equatable {
  /// The data's own time, in microseconds since 1970 UTC, as are all times here.
  public var clock: Int64
  /// How long after a row each task's outcome may still come, in the order of the log's tasks; nil
  /// where labels are known at once.
  public var windows: [Int64?]
  /// Length of the newest matured stretch, which evaluates.
  public var evaluation: Int64
  /// How long after it was shown a row may still arrive.
  public var lateness: Int64

  public init(clock: Int64, windows: [Int64?], evaluation: Int64, lateness: Int64) {
    self.clock = clock
    self.windows = windows
    self.evaluation = evaluation
    self.lateness = lateness
  }

  /// The newest time at which a task's rows are matured.
  public func newestMatured(ofTask task: Int) -> Int64 {
    clock.addingClamped(-(windows[task] ?? 0))
  }

  /// Where a task's training rows end and its evaluation rows start: its watermark.
  public func evaluationStart(ofTask task: Int) -> Int64 {
    newestMatured(ofTask: task).addingClamped(-evaluation)
  }

  /// Rows shown before this time train for some task, unless they did so already.
  public var trainingEnd: Int64 {
    windows.indices.map(evaluationStart).max() ?? clock.addingClamped(-evaluation)
  }

  /// The start of the UTC day before which rows are too late for the nights to come.
  package var nextHorizon: Int64 {
    let oldest = windows.indices.map(evaluationStart).min() ?? clock.addingClamped(-evaluation)
    let time = oldest.addingClamped(-lateness)
    return Timestamp.start(ofDay: Timestamp.day(time))
  }
}
