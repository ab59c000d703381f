import Jobs

/// How far a job is, in one line.
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

  /// A bar and numbers, cut to a terminal's width.
  func text(width: Int) -> String {
    let bar = share.map { share in
      let cells = 20
      let full = Int((share * Double(cells)).rounded(.down))
      return "[" + String(repeating: "█", count: full)
        + String(repeating: "·", count: cells - full) + "] "
    }
    return String(parts(bar: bar ?? "").joined(separator: "  ").prefix(max(width - 1, 1)))
  }

  /// Numbers alone, for a log.
  var line: String { parts(bar: "").joined(separator: "  ") }

  private var share: Double? {
    progress.total.flatMap {
      $0 > 0 ? min(max(Double(progress.done) / Double($0), 0), 1) : nil
    }
  }

  private func parts(bar: String) -> [String] {
    var parts = [progress.stage]
    parts.append(share.map { "\(bar)\(Int($0 * 100))%" } ?? "\(Text.count(progress.done)) rows")
    if let left { parts.append(left) }
    if !progress.detail.isEmpty {
      parts.append(progress.detail)
    } else if seconds >= 0.5 {
      parts.append("\(Text.count(Int(Double(done) / seconds))) rows/s")
    }
    return parts
  }

  /// How long it will take, once that can be told.
  private var left: String? {
    guard let total = progress.total, done > 0, seconds >= 1 else { return nil }
    let rest = Double(max(total - progress.done, 0)) * seconds / Double(done)
    return Text.duration(rest) + " left"
  }
}
