public import Logging

/// What a job needs from whoever runs it: a log, a place to show progress, a way to be stopped.
public struct JobContext: Sendable {
  public var logger: Logger
  /// Told often; shows a bar on a terminal, or nothing.
  public var onProgress: @Sendable (JobProgress) -> Void
  /// Asked often; true ends the job with ``JobError/cancelled``.
  public var isCancelled: @Sendable () -> Bool

  public init(
    logger: Logger = Logger(label: "paretorank"),
    onProgress: @escaping @Sendable (JobProgress) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.logger = logger
    self.onProgress = onProgress
    self.isCancelled = isCancelled
  }

  func checkCancelled() throws(JobError) {
    if isCancelled() { throw .cancelled }
  }
}

/// How far a job is.
public struct JobProgress: Sendable {
  /// What is being done: `reading`, `training 2/3`.
  public var stage: String
  /// Rows or steps done.
  public var done: Int
  /// All of them; nil where nobody knows.
  public var total: Int?
  /// More to show, such as losses.
  public var detail: String

  public init(stage: String, done: Int, total: Int? = nil, detail: String = "") {
    self.stage = stage
    self.done = done
    self.total = total
    self.detail = detail
  }
}
