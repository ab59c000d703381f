import Foundation
import Jobs
import Logging
import Synchronization

/// Standard error: lines of text, and on a terminal a bar that shows how far a job is.
final class Terminal: Sendable {
  static let shared = Terminal()

  private struct State {
    /// Whether a bar stands on the last line.
    var showsBar = false
    var lastDrawn: ContinuousClock.Instant?
    var stage = ""
    var stageStart = ContinuousClock.now
    var firstDone = 0
  }

  private let state = Mutex(State())
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private static let pause: Duration = .milliseconds(100)

  /// Writes a line.
  func write(_ line: String) {
    state.withLock { state in
      Self.put((Self.clearing(&state)) + line + "\n")
    }
  }

  /// Removes the bar.
  func clearBar() {
    state.withLock { state in Self.put(Self.clearing(&state)) }
  }

  /// Draws the bar, at most ten times a second, and nothing where there is no terminal.
  func show(_ progress: JobProgress) {
    guard isTerminal else { return }
    let now = ContinuousClock.now
    state.withLock { state in
      if state.stage != progress.stage {
        state.stage = progress.stage
        state.stageStart = now
        state.firstDone = progress.done
        state.lastDrawn = nil
      }
      if let last = state.lastDrawn, now - last < Self.pause { return }
      state.lastDrawn = now
      state.showsBar = true
      let bar = ProgressBar(
        progress, done: progress.done - state.firstDone,
        seconds: (now - state.stageStart) / .seconds(1))
      Self.put("\r" + bar.text(width: Self.width) + "\u{1B}[K")
    }
  }

  private static func clearing(_ state: inout State) -> String {
    guard state.showsBar else { return "" }
    state.showsBar = false
    state.lastDrawn = nil
    return "\r\u{1B}[K"
  }

  private static var width: Int {
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }

  private static func put(_ text: String) {
    guard !text.isEmpty else { return }
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}

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

/// Writes log messages to standard error: `warning: …`, and plain text for information.
struct TerminalLog: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  init(level: Logger.Level) { logLevel = level }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let prefix: String =
      switch event.level {
      case .info, .notice: ""
      case .critical: "error: "
      default: "\(event.level.rawValue): "
      }
    for line in event.message.description.split(whereSeparator: \.isNewline) {
      Terminal.shared.write(prefix + line)
    }
  }
}
