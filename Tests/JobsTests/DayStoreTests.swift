import ColumnFiles
import DatabaseTestSupport
import Foundation
import Interactions
import Jobs
import PostgresLogs
import RunConfiguration
import Synchronization
import Testing

/// What the nightly job reads, from one night to the next.
struct DayStoreTests {
  @Test(.timeLimit(.minutes(10)))
  func `later nights read the days that can still change, and new ones`() throws {
    let log = try GrowingLog("days_later", days: 0..<5)
    let first = try log.store().night()
    #expect(first.clock == GrowingLog.start + 5 * GrowingLog.day)
    #expect(first.days.map(\.wasKept) == [Bool](repeating: false, count: 5))
    #expect(first.days.map(\.isClosed) == [true, true, true, false, false])
    #expect(first.rows + first.inFuture == 60)

    try log.add(5..<6)
    let late = "INSERT INTO log SELECT 1000, 'r', 1, 'i1', timestamptz '2025-03-04 12:00+00'"
    try log.connection.execute(late)
    let second = try log.store().night()
    #expect(second.days.map(\.wasKept) == [true, true, true, false, false, false])
    #expect(second.days.map(\.isClosed) == [true, true, true, true, false, false])
    #expect(second.days[3].rows == first.days[3].rows + 1)
    #expect(second.rows + second.inFuture == 73)
    #expect(second.rowsRead == second.days[3...].reduce(0) { $0 + $1.rows })
    #expect(
      try log.files == [
        "2025-03-01.day", "2025-03-02.day", "2025-03-03.day", "2025-03-04.day",
        "2025-03-05.open.day", "2025-03-06.open.day",
      ])
  }

  @Test(.timeLimit(.minutes(10)))
  func `days put together hold each row once, with labels as they are now`() throws {
    let log = try GrowingLog("days_together", days: 0..<5)
    try log.connection.execute("UPDATE log SET purchased = NULL WHERE id = 48")
    func purchase(_ encoded: EncodedLog) throws -> UInt8 {
      let keys = try #require(encoded.keys)
      #expect(Set((0..<keys.count).map { keys[$0] }).count == keys.count)
      // The first of the fifth day; ids of whole numbers are told apart by a hash of themselves.
      let row = try #require(
        (0..<keys.count).first { UInt64(bitPattern: keys[$0]) == StableHash.integer(48) })
      return encoded.labels[1][row]
    }
    let first = try log.encode(log.store().night(), to: "first")
    #expect(try purchase(first) == Label.unknown.rawValue)
    try log.connection.execute("UPDATE log SET purchased = true WHERE id = 48")
    try log.add(5..<6)
    let night = try log.store().night()
    let second = try log.encode(night, to: "second")
    #expect(second.rowCount == night.rows)
    #expect(try purchase(second) == Label.positive.rawValue)

    // A store that keeps nothing reads the same.
    let fresh = DayStore(
      try log.configuration(), context: JobContext(), directory: "\(log.folder)/other")
    let anew = try fresh.night()
    #expect(anew.days.allSatisfy { !$0.wasKept })
    _ = try log.encode(anew, to: "third")
    let bytes = try ["second", "third"].map {
      try Data(contentsOf: URL(fileURLWithPath: "\(log.folder)/\($0)"))
    }
    #expect(bytes[0] == bytes[1])
  }

  @Test func `a closed day is not read again, whatever becomes of its rows`() throws {
    let log = try GrowingLog("days_closed", days: 0..<5)
    let first = try log.store().night()
    try log.connection.execute("DELETE FROM log WHERE shown_at < '2025-03-03 00:00+00'")
    try log.connection.execute(
      "UPDATE log SET clicked = NULL WHERE shown_at < '2025-03-04 00:00+00'")
    let second = try log.store().night()
    #expect(second.days.map(\.rows) == first.days.map(\.rows))
    #expect(second.days.map(\.wasKept) == [true, true, true, false, false])
    // Even where all between the days is gone.
    try log.connection.execute("DELETE FROM log WHERE shown_at < '2025-03-05 00:00+00'")
    let third = try log.store().night()
    #expect(third.days.map(\.start) == [0, 1, 2, 4].map { GrowingLog.start + $0 * GrowingLog.day })
  }

  @Test func `a damaged or missing file is read again`() throws {
    let log = try GrowingLog("days_damaged", days: 0..<6)
    let first = try log.store().night()
    let contents = try Data(contentsOf: URL(fileURLWithPath: first.days[1].path))
    var damaged = contents
    damaged[200] ^= 1
    try damaged.write(to: URL(fileURLWithPath: first.days[1].path))
    try FileManager.default.removeItem(atPath: first.days[0].path)
    try FileManager.default.removeItem(atPath: first.days[3].path)
    try FileManager.default.copyItem(atPath: first.days[2].path, toPath: first.days[3].path)
    let messages = Messages()
    let second = try log.store(nil, messages.context).night()
    #expect(second.days.map(\.wasKept) == [false, false, true, false, false, false])
    #expect(second.days.map(\.rows) == first.days.map(\.rows))
    let told = messages.all.filter { $0.contains(".day") }
    #expect(told.count == 2)
    #expect(told.first?.contains("2025-03-02.day is damaged") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: first.days[1].path)).count == contents.count)
    #expect(try log.store().night().days.map(\.wasKept) == [true, true, true, true, false, false])
  }

  @Test func `another configuration reads its own days, and another model's`() throws {
    let log = try GrowingLog("days_configurations", days: 0..<5)
    _ = try log.store().night()
    for override in ["features.0.hash=50", "output.name=other", "impressions.where=user_id > 1"] {
      let other = try log.store(log.configuration(override)).night()
      #expect(other.days.allSatisfy { !$0.wasKept }, "\(override)")
    }
    // What features learn, and what isn't about rows, changes nothing.
    for override in ["features.0.minimum_count=3", "features.0.dimension=9", "split.test=2 days"] {
      let other = try log.store(log.configuration(override)).night()
      #expect(other.days.contains { $0.wasKept }, "\(override)")
    }
  }

  @Test func `a night is one state of the database`() throws {
    let log = try GrowingLog("days_snapshot", days: 0..<5)
    let hasAdded = Atomic(false)
    let (schema, count) = (log.schema, try log.store().night().rows)
    try FileManager.default.removeItem(atPath: "\(log.folder)/days")
    let context = JobContext(onProgress: { _ in
      guard !hasAdded.exchange(true, ordering: .relaxed) else { return }
      let other = try? TestServer.connect()
      _ = try? other?.execute(
        """
        INSERT INTO \(schema).log SELECT id, 'r', 1, 'i1', timestamptz '2025-03-05 12:00+00'
        FROM generate_series(2000, 2009) AS id
        """)
    })
    #expect(try log.store(nil, context).night().rows == count)
    let wasAdded = hasAdded.load(ordering: .relaxed)
    #expect(wasAdded)
    #expect(try log.store().night().rows == count + 10)
  }

  @Test func `rows without a time, or younger than the clock, are told and not read`() throws {
    let log = try GrowingLog("days_unread", days: 0..<5)
    let usual = try log.store().night()
    try log.connection.execute(
      """
      INSERT INTO log (id, shown_at) VALUES (901, NULL), (902, 'infinity'), (903, '-infinity'),
        (904, '2025-03-06 00:00:00.000001+00'), (905, '2099-01-01')
      """)
    let messages = Messages()
    let night = try log.store(nil, messages.context).night()
    #expect(night.rows == usual.rows)
    #expect(night.withoutTime == 3)
    #expect(night.inFuture == usual.inFuture + 2)
    #expect(
      messages.all == [
        "3 rows are not read: they are without a time",
        """
        \(night.inFuture) rows are not read: they are younger than 2025-03-06 00:00:00Z, until when \
        the log is complete
        """,
      ])
  }

  @Test func `without a clock the newest impression is one, but none of the future`() throws {
    let log = try GrowingLog("days_clock", days: 0..<5)
    var configuration = try log.configuration()
    configuration.impressions.clock = nil
    try log.connection.execute("INSERT INTO log (id, shown_at) VALUES (905, '2099-01-01')")
    let newest = try log.store(configuration).night()
    #expect(newest.inFuture == 1)
    #expect(newest.rows == 60)
    configuration.impressions.clock = "SELECT timestamptz '2099-01-01'"
    let now = try log.store(configuration).night().clock
    #expect(abs(Double(now) / 1e6 - Date().timeIntervalSince1970) < 3_600)
    configuration.impressions.clock = "SELECT at FROM \(log.schema).clock WHERE false"
    #expect(
      throws: JobError.badData("impressions.clock answers no time, or several; one is needed")
    ) { try log.store(configuration).night() }
  }

  @Test func `a night without rows says so`() throws {
    let log = try GrowingLog("days_empty", days: 0..<5)
    #expect(
      throws: JobError.noRows(
        """
        the log's clock says 2025-03-06 00:00:00Z, which lies before 2025-03-10 00:00:00Z, the first \
        time whose rows are needed: see whether impressions.clock went back
        """)
    ) { try log.store().night { _ in GrowingLog.start + 9 * GrowingLog.day } }
    try log.connection.execute(
      "DELETE FROM log WHERE shown_at >= '2025-03-02' AND shown_at < '2025-03-05'")
    #expect(try log.store().night().days.count == 2)
    try log.connection.execute("DELETE FROM log")
    try FileManager.default.removeItem(atPath: "\(log.folder)/days")
    #expect(throws: JobError.noRows("days_empty.log has no rows up to 2025-03-06 00:00:00Z")) {
      try log.store().night()
    }
    #expect(try log.files == [])
  }

  @Test func `closed days are read again where lateness has grown`() throws {
    let log = try GrowingLog("days_late", days: 0..<6)
    #expect(try log.store().night().days.count { $0.isClosed } == 4)
    try log.add(6..<7)
    var patient = try log.configuration()
    patient.nightly.lateness += GrowingLog.day
    let night = try DayStore(
      patient, context: JobContext(), directory: "\(log.folder)/days"
    ).night()
    // The fourth was closed two days after its end; now it takes three. Some rows are of the eighth.
    #expect(night.days.map(\.isClosed) == [true, true, true, true, false, false, false, false])
    #expect(
      night.days.map(\.wasKept) == [true, true, true, false, false, false, false, false])
  }

  @Test func `days that are not wanted any more lose their files`() throws {
    let log = try GrowingLog("days_removed", days: 0..<6)
    _ = try log.store().night()
    let key = try #require(
      FileManager.default.contentsOfDirectory(atPath: "\(log.folder)/days/days_removed").first)
    try FileManager.default.createDirectory(
      atPath: "\(log.folder)/days/days_removed/\(key)/.2025-03-09.day.columns-building",
      withIntermediateDirectories: true)
    // In the middle of the third day: days are kept whole.
    let night = try log.store().night { _ in GrowingLog.start + 5 * GrowingLog.day / 2 }
    #expect(night.days.map(\.wasKept) == [true, true, false, false])
    #expect(
      try log.files == [
        "2025-03-03.day", "2025-03-04.day", "2025-03-05.open.day", "2025-03-06.open.day",
      ])
  }

  @Test(.timeLimit(.minutes(10)))
  func `a lost connection is made again, and closed days that were written stay`() throws {
    let log = try GrowingLog("days_lost", days: 0..<6)
    let progress = Mutex([String]())
    let schema = log.schema
    @Sendable func endConnection() {
      let other = try? TestServer.connect()
      _ = try? other?.query(
        """
        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE query LIKE 'COPY%' || $1 || '%' AND pid <> pg_backend_pid()
        """, [schema])
    }
    let lost = JobContext(onProgress: { update in
      let count = progress.withLock {
        $0.append(update.detail)
        return $0.count
      }
      if count == 2 || count == 6 { endConnection() }
    })
    let night = try log.store(nil, lost).night()
    let days = progress.withLock { $0 }.map { Int($0.suffix(2)) }
    #expect(days == [1, 2, 3, 4, 5, 6, 5, 6])
    #expect(night.days.map(\.wasKept) == [true, true, true, true, false, false])
    #expect(try log.encode(night).rowCount == night.rows)

    try FileManager.default.removeItem(atPath: "\(log.folder)/days")
    let alwaysLost = JobContext(onProgress: { if $0.detail == "2025-03-05" { endConnection() } })
    let impatient = try log.configuration("limits.retry=1 second")
    let slow = DayStore(
      impatient, context: alwaysLost, directory: "\(log.folder)/days", pause: .seconds(2))
    let problem = #expect(throws: PostgresError.self) { try slow.night() }
    guard case .connectionLost = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(try log.files.filter { !$0.hasSuffix(".open.day") }.count == 4)
    #expect(try log.files.allSatisfy { !$0.hasPrefix(".") })
  }

  @Test func `a stopped night, and one with a bad value, leave closed days alone`() throws {
    let log = try GrowingLog("days_stopped", days: 0..<5)
    let isStopped = Atomic(false)
    let stopped = JobContext(
      onProgress: { if $0.detail == "2025-03-03" { isStopped.store(true, ordering: .relaxed) } },
      isCancelled: { isStopped.load(ordering: .relaxed) })
    #expect(throws: (any Error).self) { try log.store(nil, stopped).night() }
    #expect(
      try log.files.filter { !$0.hasPrefix("2025-03-03") } == ["2025-03-01.day", "2025-03-02.day"])
    try log.connection.execute("UPDATE log SET id = NULL WHERE id = 50")
    let error = #expect(throws: JobError.self) { try log.store().night() }
    #expect(error?.description.hasPrefix("2025-03-0") == true)
    #expect(
      error?.description.hasSuffix("id is NULL, not a value that tells the row from all others")
        == true)
    #expect(try log.files.allSatisfy { !$0.hasPrefix(".") })
  }
}
