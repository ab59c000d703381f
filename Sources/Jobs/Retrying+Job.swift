internal import Logging
public import PostgresLogs
public import RunConfiguration

extension Retrying {
  /// Tries again as long as a configuration's `limits.retry` says, logs each failure once, and stops
  /// with the job.
  ///
  /// `waitsForServer` is for jobs that run alone: whoever sits before the command rather hears at once
  /// that no server is there.
  public init(
    _ limits: RunConfiguration.Limits, waitsForServer: Bool = false, context: JobContext
  ) {
    let logger = context.logger
    self.init(
      within: .microseconds(limits.retry), waitsForServer: waitsForServer,
      isCancelled: context.isCancelled
    ) { failure in
      let seconds = failure.pause / .seconds(1)
      logger.warning(
        """
        attempt \(failure.attempt) failed and is made again in \
        \(Int(seconds.rounded(.up))) s: \(failure.error)
        """)
    }
  }
}
