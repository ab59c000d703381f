import Foundation
import Jobs
import Logging
import Synchronization

/// Standard error: lines of text or JSON, and how far a job is: a bar on a terminal, elsewhere a line
/// a minute.
final class Terminal: Sendable {
  static let shared = Terminal()

  private struct State {
    /// Whether a bar stands on the last line.
    var showsBar = false
    var lastDrawn: ContinuousClock.Instant?
    var stage = ""
    var stageStart = ContinuousClock.now
    var firstDone = 0
    /// The run whose messages these are; nil before it has a number.
    var run: Int?
    var lastDone = 0
  }

  private let state = Mutex(State())
  private let format = LogFormat.asked(in: CommandLine.arguments)
  private let isTerminal: Bool
  /// Between two drawings of the bar, and between two lines where there is no terminal.
  private var pause: Duration { isTerminal ? .milliseconds(100) : .seconds(60) }

  private init() { isTerminal = format == .text && isatty(STDERR_FILENO) == 1 }

  /// Whether messages and standard output are read on a terminal.
  var showsOutput: Bool { isTerminal && isatty(STDOUT_FILENO) == 1 }

  /// A logger that writes here.
  func logger(level: Logger.Level) -> Logger {
    Logger(label: "paretorank") { label in
      switch self.format {
      case .text: return TerminalLog(level: level)
      case .json:
        var log = JSONLog(label: label, level: level) { Terminal.shared.write($0) }
        log.metadataProvider = Logger.MetadataProvider {
          Terminal.shared.run.map { ["run": .stringConvertible($0)] } ?? [:]
        }
        return log
      }
    }
  }

  /// From now on, each line of JSON names the run.
  func note(run: Int) { state.withLock { $0.run = run } }

  private var run: Int? { state.withLock { $0.run } }

  /// Writes why the command ends; JSON has its exit status, too.
  func write(failure messages: [String], status: ExitStatus) {
    switch format {
    case .text: for message in messages { write("error: " + message) }
    case .json:
      let logger = logger(level: .error)
      for message in messages {
        logger.error("\(message)", metadata: ["exit": .stringConvertible(status.rawValue)])
      }
    }
  }

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

  /// Draws the bar, at most ten times a second; where there is no terminal, writes a line for each
  /// minute that a stage takes, so that the log of a night says where it was, unless `isQuiet`.
  func show(_ progress: JobProgress, isQuiet: Bool = false) {
    guard isTerminal || !isQuiet else { return }
    let now = ContinuousClock.now
    state.withLock { state in
      if state.stage != progress.stage || progress.done < state.lastDone {
        state.stage = progress.stage
        state.stageStart = now
        state.firstDone = progress.done
        state.lastDrawn = isTerminal ? nil : now
      }
      state.lastDone = progress.done
      if let last = state.lastDrawn, now - last < pause { return }
      state.lastDrawn = now
      let bar = ProgressBar(
        progress, done: progress.done - state.firstDone,
        seconds: (now - state.stageStart) / .seconds(1))
      guard isTerminal else { return put(progress, as: bar.line, of: state.run) }
      state.showsBar = true
      Self.put("\r" + bar.text(width: Self.width) + "\u{1B}[K")
    }
  }

  /// Writes how far a job is as a line of the log.
  private func put(_ progress: JobProgress, as line: String, of run: Int?) {
    guard format == .json else { return Self.put(line + "\n") }
    var metadata: Logger.Metadata = [
      "stage": "\(progress.stage)", "done": .stringConvertible(progress.done),
    ]
    if let run { metadata["run"] = .stringConvertible(run) }
    if let total = progress.total { metadata["total"] = .stringConvertible(total) }
    Logger(label: "paretorank") { JSONLog(label: $0) { Self.put($0 + "\n") } }
      .info("\(line)", metadata: metadata)
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
