public import Logging

/// What a job needs from whoever runs it: a log, a place to show progress, a way to be stopped.
public struct JobContext: Sendable {
  /// Takes what a person should know: warnings, and what was done.
  public var logger: Logger
  /// Told often; shows a bar on a terminal, or nothing.
  public var onProgress: @Sendable (JobProgress) -> Void
  /// Told the number of a nightly run in the notes, as soon as it has one.
  public var onRun: @Sendable (Int) -> Void
  /// Asked often; true ends the job with ``JobError/cancelled``.
  public var isCancelled: @Sendable () -> Bool

  /// Says to whom a job talks; left as it is, it logs through swift-log, shows nothing and never
  /// stops.
  public init(
    logger: Logger = Logger(label: "paretorank"),
    onProgress: @escaping @Sendable (JobProgress) -> Void = { _ in },
    onRun: @escaping @Sendable (Int) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.logger = logger
    self.onProgress = onProgress
    self.onRun = onRun
    self.isCancelled = isCancelled
  }

  func checkCancelled() throws(JobError) {
    if isCancelled() { throw .cancelled }
  }
}
