public import Logging

/// A command of the user's that is told of a run that failed or was refused, such as one that sends a
/// mail.
///
/// `/bin/sh -c` runs it, with the reason on its standard input and in its environment. It has a
/// time limit, and whatever becomes of it only ever is a warning: a night's outcome is the night's.
public struct FailureCommand: Sendable {
  /// What the command is told.
  public struct Occasion: Sendable {
    /// The exit status of the run, `PARETORANK_EXIT`.
    public var exitStatus: Int32
    /// The number of the run in `paretorank.runs`, `PARETORANK_RUN`; nil, and then empty, where it has none.
    public var run: Int?
    /// What the run was doing, `PARETORANK_STAGE`.
    public var stage: String
    /// Why it ended, without secrets: whole on standard input, as one line in `PARETORANK_REASON`.
    public var reason: String

    public init(exitStatus: Int32, run: Int?, stage: String, reason: String) {
      self.exitStatus = exitStatus
      self.run = run
      self.stage = stage
      self.reason = reason
    }
  }

  /// What the shell is to run.
  public var command: String
  public var limit: Duration

  /// Bytes of the command's output that the log takes.
  private static let loggedOutput = 4_096
  /// Characters of a reason that the environment takes, whose size is limited.
  private static let longestReason = 2_000

  public init(_ command: String, limit: Duration = .seconds(60)) {
    self.command = command
    self.limit = limit
  }

  /// Runs the command to its end, or to the end of its time, and logs what it wrote.
  public func run(on occasion: Occasion, logger: Logger) {
    do {
      let child = try ShellProcess(
        command, input: occasion.reason + "\n", environment: Self.environment(of: occasion))
      let (outcome, output) = child.finish(within: limit, keeping: Self.loggedOutput)
      switch outcome {
      case .exited(0): if !output.isEmpty { logger.info("--on-failure: \(output)") }
      case .exited(let status): Self.warn("it exited with \(status)", output, logger)
      case .killed(let signal): Self.warn("signal \(signal) ended it", output, logger)
      case .tookTooLong:
        Self.warn("it was stopped after \(Int(limit / .seconds(1))) s", output, logger)
      }
    } catch {
      Self.warn("it can't be run: \(error)", "", logger)
    }
  }

  private static func warn(_ what: String, _ output: String, _ logger: Logger) {
    logger.warning("--on-failure: \(what)\(output.isEmpty ? "" : ": \(output)")")
  }

  private static func environment(of occasion: Occasion) -> [(name: String, value: String)] {
    let words = occasion.reason.split { $0.isWhitespace || $0.isNewline }
    return [
      ("PARETORANK_EXIT", "\(occasion.exitStatus)"),
      ("PARETORANK_RUN", occasion.run.map { "\($0)" } ?? ""),
      ("PARETORANK_STAGE", occasion.stage),
      ("PARETORANK_REASON", String(words.joined(separator: " ").prefix(longestReason))),
    ]
  }
}
