import Glibc

/// Does work on the database again where a lost connection, or the like, stopped it.
///
/// The pause before the second attempt is about a second, and doubles with every further one up to half a
/// minute; a random half of it keeps several programs from coming back all at once. The time for
/// all that is limited and counts from the first failure, however long the work went well before.
/// What isn't passing (see ``PostgresError/isPassing``) is thrown at once. Inside of another one's work,
/// each has a time of its own.
///
///     try Retrying(within: .seconds(300)).run { _ in try read() }
public struct Retrying: Sendable {
  /// One failure after which the work is to be done again.
  public struct Failure: Sendable {
    public var error: PostgresError
    /// Counted from 1.
    public var attempt: Int
    /// Until the next attempt.
    public var pause: Duration
  }

  /// How long after the first failure an attempt may still begin.
  public var limit: Duration
  /// Whether a server that doesn't answer the very first time is waited for, too.
  public var waitsForServer: Bool
  public var firstPause: Duration
  public var longestPause: Duration
  /// Asked often while pausing; true ends it with ``PostgresError/cancelled``.
  public var isCancelled: @Sendable () -> Bool
  /// Told of every failure that isn't the last.
  public var onFailure: @Sendable (Failure) -> Void

  public init(
    within limit: Duration, waitsForServer: Bool = false, firstPause: Duration = .seconds(1),
    longestPause: Duration = .seconds(30),
    isCancelled: @escaping @Sendable () -> Bool = { false },
    onFailure: @escaping @Sendable (Failure) -> Void = { _ in }
  ) {
    self.limit = limit
    self.waitsForServer = waitsForServer
    self.firstPause = firstPause
    self.longestPause = longestPause
    self.isCancelled = isCancelled
    self.onFailure = onFailure
  }

  /// Calls `work` until it succeeds, with the number of the attempt, from 1.
  ///
  /// It must begin anew each time, on a new connection. The last attempt's error is thrown.
  public func run<R>(_ work: (_ attempt: Int) throws -> R) throws -> R {
    var attempt = 1
    var firstFailure: ContinuousClock.Instant?
    var wasReached = waitsForServer
    while true {
      do {
        return try work(attempt)
      } catch let error as PostgresError where error.isPassing {
        if case .noConnection = error, !wasReached { throw error }
        wasReached = true
        let start = firstFailure ?? .now
        firstFailure = start
        let pause = self.pause(after: attempt)
        guard ContinuousClock.now + pause - start <= limit else { throw error }
        onFailure(Failure(error: error, attempt: attempt, pause: pause))
        try sleep(pause)
        attempt += 1
      }
    }
  }

  /// Between half and all of the doubled pause.
  func pause(after attempt: Int) -> Duration {
    let doubled = firstPause * (1 << min(attempt - 1, 20))
    return min(doubled, longestPause) * Double.random(in: 0.5...1)
  }

  private func sleep(_ duration: Duration) throws(PostgresError) {
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end {
      if isCancelled() { throw .cancelled }
      Files.pause(milliseconds: 20)
    }
    if isCancelled() { throw .cancelled }
  }
}
