import Jobs

/// One line that says how far a job is.
struct ProgressBar {
  private let progress: JobProgress
  private let done: Int
  private let seconds: Double

  /// `done` and `seconds` count from when the stage was first seen.
  init(_ progress: JobProgress, done: Int, seconds: Double) {
    self.progress = progress
    self.done = done
    self.seconds = seconds
  }

  /// The line, cut to a terminal's width.
  func text(width: Int) -> String {
    var parts = [progress.stage]
    if let total = progress.total, total > 0 {
      let share = min(max(Double(progress.done) / Double(total), 0), 1)
      let cells = 20
      let full = Int((share * Double(cells)).rounded(.down))
      parts.append(
        "[" + String(repeating: "█", count: full) + String(repeating: "·", count: cells - full)
          + "] \(Int(share * 100))%")
    } else {
      parts.append("\(Text.count(progress.done)) rows")
    }
    if let left { parts.append(left) }
    if !progress.detail.isEmpty {
      parts.append(progress.detail)
    } else if seconds >= 0.5 {
      parts.append("\(Text.count(Int(Double(done) / seconds))) rows/s")
    }
    return String(parts.joined(separator: "  ").prefix(max(width - 1, 1)))
  }

  /// How long it will take, once that can be told.
  private var left: String? {
    guard let total = progress.total, done > 0, seconds >= 1 else { return nil }
    let rest = Double(max(total - progress.done, 0)) * seconds / Double(done)
    return Text.duration(rest) + " left"
  }
}
