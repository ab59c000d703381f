/// When the labels of each task are known, and which rows of a night train and which evaluate.
///
/// A row's label of a task is *matured* once the task's attribution window after the row has closed
/// at the data's own clock. Of the matured rows those of the newest stretch of ``evaluation``, which
/// ends with the newest row whose label is known, evaluate; the older ones train.
///
/// Tasks whose windows close early train on rows long before others evaluate on them, and what a
/// network learns of clicks tells it of purchases. So a share of the requests, ``holdout``, trains
/// for no task until every task has evaluated it.
public struct NightWindows: Codable, Sendable, Equatable {
  /// The data's own time, in microseconds since 1970 UTC, as are all times here.
  public var clock: Int64
  /// How long after a row each task's outcome may still come, in the order of the log's tasks; nil
  /// where labels are known at once.
  public var windows: [Int64?]
  /// The time of each task's newest row with a known label; nil where no row has one.
  public var newestKnown: [Int64?]
  /// Length of the newest matured stretch, which evaluates.
  public var evaluation: Int64
  /// How long after it was shown a row may still arrive.
  public var lateness: Int64
  /// Share of the requests that no task trains on before all have evaluated, from 0 to 1.
  public var holdout: Double

  /// Describes a night; without `newestKnown`, the newest rows are taken to be as young as the clock.
  public init(
    clock: Int64, windows: [Int64?], newestKnown: [Int64?]? = nil, evaluation: Int64,
    lateness: Int64, holdout: Double = 0
  ) {
    precondition(newestKnown.map { $0.count == windows.count } ?? true, "a time for each task")
    self.clock = clock
    self.windows = windows
    self.newestKnown = newestKnown ?? windows.map { _ in nil }
    self.evaluation = evaluation
    self.lateness = lateness
    self.holdout = holdout
  }

  /// The newest time at which a task's rows are matured.
  public func newestMatured(ofTask task: Int) -> Int64 {
    min(clock.addingClamped(-(windows[task] ?? 0)), newestKnown[task] ?? .max)
  }

  /// Where a task's training rows end and its evaluation rows start: its watermark.
  public func evaluationStart(ofTask task: Int) -> Int64 {
    newestMatured(ofTask: task).addingClamped(-evaluation)
  }

  /// Rows shown before this time train for some task, unless they did so already.
  public var trainingEnd: Int64 {
    windows.indices.map(evaluationStart).max() ?? clock.addingClamped(-evaluation)
  }

  /// Rows shown before this time have been evaluated by every task: held ones train.
  var release: Int64 {
    windows.indices.map(evaluationStart).min() ?? clock.addingClamped(-evaluation)
  }

  /// The start of the UTC day before which rows are too late for the nights to come.
  package var nextHorizon: Int64 {
    Timestamp.start(ofDay: Timestamp.day(release.addingClamped(-lateness)))
  }

  /// Whether a row is kept from training until ``release``.
  ///
  /// `group` is the row's request, or its key where requests are unknown: rows of one request are much
  /// alike, so they are held together.
  package func isHeld(_ group: Int64, at time: Int64) -> Bool {
    guard time >= release else { return false }
    // Another mix than that of the keys and of random splits.
    let number = StableHash.integer(group ^ 0x6e69_6768_745f_6f75)
    return Double(number >> 11) * 0x1p-53 < holdout
  }
}
