package import Interactions

/// Why a night found no row to train on, and what would change that.
package struct NothingNew {
  /// When labels are known, in the order of ``taskNames``.
  package var windows: NightWindows
  package var taskNames: [String]
  /// The times of the night's first and last row, in microseconds since 1970 UTC.
  package var oldest: Int64
  package var newest: Int64
  /// For each task, the time of the first row that still waits to train for it; nil without one.
  package var waiting: [Int64?]
  /// The latest clock of an earlier night; nil where none is known.
  package var formerClock: Int64?

  package init(
    windows: NightWindows, taskNames: [String], oldest: Int64, newest: Int64, waiting: [Int64?],
    formerClock: Int64? = nil
  ) {
    self.windows = windows
    self.taskNames = taskNames
    self.oldest = oldest
    self.newest = newest
    self.waiting = waiting
    self.formerClock = formerClock
  }

  /// In one line.
  package var reason: String { "nothing new: \(cause); \(next)" }

  private var cause: String {
    let clock = Timestamp.text(windows.clock)
    let last = Timestamp.text(newest)
    let stretch = Timestamp.lengthText(windows.evaluation)
    if let formerClock, windows.clock < formerClock {
      return """
        the log's clock went back to \(clock), an earlier night knew \(Timestamp.text(formerClock)): \
        see impressions.clock
        """
    }
    if oldest >= windows.trainingEnd {
      return """
        all rows, of \(Timestamp.text(oldest)) to \(last), lie in the evaluation window of \(stretch) \
        (the log's clock: \(clock)); lengthen the log or shorten nightly.evaluation
        """
    }
    let gap = windows.clock - newest
    if gap > max(windows.evaluation, Timestamp.microsecondsPerDay) {
      return """
        the newest row, of \(last), lies \(Timestamp.lengthText(gap - gap % unit(of: gap))) before \
        the log's clock, \(clock): see whether the log is still written
        """
    }
    return """
      all rows older than the evaluation window of \(stretch) were used before, are held for a \
      comparison or have no label (newest row: \(last), the log's clock: \(clock))
      """
  }

  /// A long time is told in days.
  private func unit(of length: Int64) -> Int64 {
    length >= 3 * Timestamp.microsecondsPerDay
      ? Timestamp.microsecondsPerDay : Timestamp.microsecondsPerHour
  }

  /// Which row trains next, and when.
  private var next: String {
    let candidates = waiting.indices.compactMap { task in
      waiting[task].map { time in
        let end = time.addingClamped(windows.evaluation)
        return (task, time, end, ready: end.addingClamped(windows.windows[task] ?? 0))
      }
    }
    guard let (task, time, end, ready) = candidates.min(by: { $0.ready < $1.ready }) else {
      return "only new rows train"
    }
    return """
      the row of \(Timestamp.text(time)) trains for \(taskNames[task]) once there are rows after \
      \(Timestamp.text(end)) and the clock has passed \(Timestamp.text(ready))
      """
  }
}
