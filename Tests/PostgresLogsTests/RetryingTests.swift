import DatabaseTestSupport
import Foundation
import PostgresLogs
import Synchronization
import Testing

/// Work that is done again where waiting helps.
struct RetryingTests {
  private static let lost = PostgresError.connectionLost(afterRows: 0, reason: "cut")
  private static let nobody = PostgresError.noConnection(host: "db", reason: "refused")

  private static func state(_ state: SQLState) -> PostgresError {
    .server(state, message: "no", detail: nil, hint: nil)
  }

  /// Failures in turn, then success; answers the attempts that it took and what was told of.
  private func attempts(
    _ failures: [PostgresError], within limit: Duration = .seconds(60), waits: Bool = false,
    pause: Duration = .milliseconds(1), isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> (count: Int, told: [Int]) {
    let told = Told()
    let retrying = Retrying(
      within: limit, waitsForServer: waits, firstPause: pause, isCancelled: isCancelled
    ) { told.add($0.attempt) }
    let count = try retrying.run { attempt in
      if attempt <= failures.count { throw failures[attempt - 1] }
      return attempt
    }
    return (count, told.all)
  }

  /// A list that several threads may add to.
  private final class Told: Sendable {
    private let list = Mutex<[Int]>([])
    var all: [Int] { list.withLock { $0 } }
    func add(_ value: Int) { list.withLock { $0.append(value) } }
  }

  @Test(arguments: [
    lost, state(.serializationFailure), state(.deadlockDetected), state(.tooManyConnections),
  ])
  func `what passes is tried again, and each failure told once`(error: PostgresError) throws {
    let result = try attempts([error, error])
    #expect(result.count == 3)
    #expect(result.told == [1, 2])
  }

  @Test(arguments: [
    state(.undefinedTable), state(.insufficientPrivilege), state(.syntaxError),
    .notAuthenticated(user: "u", host: "db", reason: "no"),
    .notTrusted(host: "db", reason: "no"), .lockNotGot(limit: "1 s", holders: nil),
    .statementTooLong(limit: "1 s"), .cancelled, .missingColumns(["c"], source: "log"),
  ])
  func `what waiting doesn't change is thrown at once`(error: PostgresError) {
    #expect(throws: error) { try attempts([error]) }
  }

  @Test func `a server that never answered is waited for only where that is asked for`() throws {
    #expect(throws: Self.nobody) { try attempts([Self.nobody]) }
    #expect(try attempts([Self.nobody, Self.nobody], waits: true).count == 3)
    #expect(try attempts([Self.lost, Self.nobody]).count == 3)
  }

  @Test func `the last error is thrown when the time is over`() throws {
    let start = ContinuousClock.now
    let endless = [PostgresError](repeating: Self.lost, count: 100_000)
    #expect(throws: Self.lost) { try attempts(endless, within: .milliseconds(100)) }
    #expect(throws: Self.lost) { try attempts([Self.lost], within: .zero) }
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test(.timeLimit(.minutes(10)))
  func `a pause ends with a wish to stop`() {
    let start = ContinuousClock.now
    #expect(throws: PostgresError.cancelled) {
      try attempts(
        [Self.lost], within: .seconds(7_200), pause: .seconds(3_600), isCancelled: { true })
    }
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func `pauses double up to the longest, and differ`() throws {
    let pauses = Mutex<[Duration]>([])
    let retrying = Retrying(
      within: .seconds(60), firstPause: .milliseconds(8), longestPause: .milliseconds(32),
      onFailure: { failure in pauses.withLock { $0.append(failure.pause) } })
    try retrying.run { if $0 <= 6 { throw Self.lost } }
    let found = pauses.withLock { $0 }
    for (pause, longest) in zip(found, [8, 16, 32, 32, 32, 32]) {
      #expect(pause >= .milliseconds(longest) / 2 && pause <= .milliseconds(longest))
    }
    #expect(Set(found).count == found.count)
  }

  @Test func `after progress, time and pauses begin anew`() throws {
    let pauses = Mutex<[Duration]>([])
    let retrying = Retrying(
      within: .milliseconds(300), firstPause: .milliseconds(100),
      onFailure: { failure in pauses.withLock { $0.append(failure.pause) } })
    try retrying.run(hasProgressed: { true }) { if $0 <= 8 { throw Self.lost } }
    let found = pauses.withLock { $0 }
    #expect(found.count == 8 && found.allSatisfy { $0 <= .milliseconds(100) })
  }

  @Test func `other errors than the database's are nobody's to repeat`() {
    struct Other: Error {}
    var count = 0
    #expect(throws: Other.self) {
      try Retrying(within: .seconds(60)).run { _ in
        count += 1
        throw Other()
      }
    }
    #expect(count == 1)
  }
}
