package import ColumnFiles
import Foundation
package import Interactions
internal import Logging
internal import PostgresLogs
package import RunConfiguration

/// The log of the nightly job, kept on disk day by day, so that only days that can still change are
/// read again.
///
/// A day is a UTC day of the impressions' time. It is closed once the log's clock has passed its end
/// by the longest window of a task and `nightly.lateness`: then its rows and labels can change no
/// more, and its file serves all later nights, also where the database loses the rows. Days are kept
/// for each model name apart, whose lock lets one job at a time work on them.
package struct DayStore {
  private let configuration: RunConfiguration
  private let context: JobContext
  private let directory: String
  private let pause: Duration
  private let location: DatabaseLocation

  /// Days of a configuration's log in a folder; `pause` is the time before the first new attempt
  /// where the connection is lost, and doubles after it.
  package init(
    _ configuration: RunConfiguration, context: JobContext, directory: String = ".paretorank/days",
    pause: Duration = .seconds(1)
  ) {
    self.configuration = configuration
    self.context = context
    self.directory = directory
    self.pause = pause
    location = DatabaseLocation(configuration: configuration.database?.connectionString)
  }

  /// Reads the days that are not kept, all in one snapshot, and takes the others.
  ///
  /// Where the connection is lost, all is read again in a new snapshot, up to `limits.retry` after
  /// the loss; files of closed days that were written stay.
  ///
  /// - Parameter from: Earlier days are not wanted and their files are removed, in microseconds since
  ///   1970 UTC; nil wants all.
  /// - Returns: The days with rows, up to the log's clock.
  /// - Throws: ``JobError/noRows(_:)`` where no day has any, and the errors of reading and encoding.
  package func night(from: Int64? = nil) throws -> Night {
    let start = ContinuousClock.now
    var retries = Retries(limit: .microseconds(configuration.limits.retry), pause: pause)
    while true {
      let reading = NightReading(configuration, from: from, directory, context)
      do {
        var night = try reading.read(
          from: location.connect(isCancelled: context.isCancelled))
        night.seconds = start.duration(to: .now) / .seconds(1)
        tellUnread(night)
        return night
      } catch let error as PostgresError where Self.isLoss(error) {
        if reading.hasKeptMore { retries.restart() }
        guard let wait = retries.next() else { throw error }
        context.logger.warning("\(error); trying again in \(wait)")
        try sleep(wait)
      }
    }
  }

  /// Makes a column file of a night's days, or of some of them, in their order.
  ///
  /// - Parameters:
  ///   - days: The days, of a night of this store.
  ///   - make: Starts the encoder with the columns of the days and their roles.
  /// - Returns: The file, opened.
  /// - Throws: The errors of encoding, and ``JobError/cancelled``.
  package func encode(
    _ days: some Collection<Night.Day>,
    with make: (_ columns: [ColumnDescription], _ roles: LogRoles) throws -> LogEncoder
  ) throws -> ColumnFile {
    guard let first = days.first else { throw JobError.noRows("no day is to be encoded") }
    let columns = try RawDay.open(first.path, verifying: false).columns
    var encoder = try make(columns, configuration.identifyingRoles)
    let total = days.reduce(0) { $0 + $1.rows }
    var done = 0
    for day in days {
      try context.checkCancelled()
      try encoder.append(RawDay.open(day.path))
      done += day.rows
      context.onProgress(JobProgress(stage: "encoding", done: done, total: total))
    }
    return try encoder.finish()
  }

  /// A server that refuses or doesn't let in is not waited for.
  private static func isLoss(_ error: PostgresError) -> Bool {
    switch error {
    case .connectionLost, .noConnection: true
    default: false
    }
  }

  private func tellUnread(_ night: Night) {
    let kinds = [
      (night.withoutTime, "without a time"),
      (
        night.inFuture,
        "younger than \(Timestamp.text(night.clock)), until when the log is complete"
      ),
    ]
    for (count, kind) in kinds where count > 0 {
      context.logger.warning("\(count) rows are not read: they are \(kind)")
    }
  }

  private func sleep(_ duration: Duration) throws {
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end {
      try context.checkCancelled()
      Thread.sleep(forTimeInterval: 0.02)
    }
  }
}

/// How long to wait before each new attempt, the pauses doubling up to half a minute.
private struct Retries {
  private let limit: Duration
  private let firstPause: Duration
  private var pause: Duration
  private var start: ContinuousClock.Instant?

  init(limit: Duration, pause: Duration) {
    self.limit = limit
    firstPause = pause
    self.pause = pause
  }

  /// Starts anew, as after the first loss.
  mutating func restart() { self = Retries(limit: limit, pause: firstPause) }

  /// The next pause; nil where it would end later than the limit after the first loss.
  mutating func next() -> Duration? {
    let now = ContinuousClock.now
    let start = start ?? now
    self.start = start
    guard now + pause <= start + limit else { return nil }
    defer { pause = min(pause * 2, .seconds(30)) }
    return pause
  }
}
