import DatabaseTestSupport
import Foundation
import Interactions
import Jobs
import PostgresLogs
import RunConfiguration
import Synchronization
import Testing

/// A log with three goals: `scarce` is known of few rows before the test part and decided by the row's
/// kind; `plenty` is decided by it in the same way and known of all; `other` by something else.
private final class PlantedLog {
  let schema: String
  let folder: String
  private let connection: PostgresConnection

  init(_ schema: String, positives: String = "true") throws {
    self.schema = schema
    folder = NSTemporaryDirectory() + "/paretorank-jobs-\(UUID().uuidString)"
    connection = try TestServer.connect()
    _ = try connection.execute("DROP SCHEMA IF EXISTS \(schema) CASCADE")
    _ = try connection.execute("CREATE SCHEMA \(schema)")
    try connection.run(
      script: """
        SELECT setseed(0.25);
        CREATE TABLE \(schema).log AS
        WITH drawn AS (
          SELECT row, timestamptz '2026-03-01' + row * interval '4 minutes' AS shown_at,
            (random() * 150)::int AS kind, (random() * 150)::int AS surface,
            random() AS chance, random() AS chance2, random() AS chance3
          FROM generate_series(1, 4000) AS row
        )
        SELECT shown_at, kind, surface,
          CASE WHEN row > 2500 OR row % 12 = 0 THEN
            chance < CASE WHEN kind * 7 % 3 = 0 THEN 0.8 ELSE 0.1 END AND \(positives)
          END AS scarce,
          chance2 < CASE WHEN kind * 7 % 3 = 0 THEN 0.8 ELSE 0.1 END AS plenty,
          chance3 < CASE WHEN surface * 5 % 3 = 0 THEN 0.8 ELSE 0.1 END AS other
        FROM drawn;
        ANALYZE \(schema).log;
        """)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
    _ = try? connection.execute("DROP SCHEMA \(schema) CASCADE")
  }

  func configuration(_ overrides: String...) throws -> RunConfiguration {
    try RunConfiguration(
      yaml: """
        database: "\(TestServer.url.get())"
        impressions: {from: \(schema).log, time: shown_at}
        tasks:
          - {name: scarce, label: scarce}
          - {name: plenty, label: plenty}
          - {name: other, label: other}
        features:
          - {category: kind, dimension: 4}
          - {category: surface, dimension: 4}
        split: {train: all, validation: 1 day, test: 3 days}
        network: {architecture: shared_bottom, bottom: [4], tower: []}
        optimizer: {kind: adam, learning_rate: 0.02}
        training: {batch: 128, epochs: 4}
        """, overrides: overrides)
  }

  func gains(
    _ configuration: RunConfiguration, mains: [String] = ["scarce"], auxiliaries: [String] = [],
    seeds: Int = 3, context: JobContext = JobContext()
  ) throws -> GainsJob.Report {
    var job = GainsJob(configuration: configuration)
    job.mains = mains
    job.auxiliaries = auxiliaries
    job.seeds = seeds
    job.columnDirectory = "\(folder)/columns"
    job.trialDirectory = "\(folder)/trials"
    return try job.run(context)
  }
}

struct GainsJobTests {
  @Test(.timeLimit(.minutes(10)))
  func `a task that knows the same of more rows helps`() throws {
    let log = try PlantedLog("gains_helpful")
    let report = try log.gains(try log.configuration(), auxiliaries: ["plenty", "scarce"])
    #expect(report.gains.count == 1)
    let gain = try #require(report.gains.first)
    #expect(gain.main == "scarce" && gain.auxiliary == "plenty")
    #expect(gain.alone.verdict == .helps)
    #expect(gain.amongAll == nil)
    let (low, high) = (try #require(gain.alone.low), try #require(gain.alone.high))
    let value = try #require(gain.alone.aucGain)
    #expect(low > 0 && low < value && value < high)
    #expect(try #require(gain.alone.logLossGain) > 0)
    #expect(try #require(gain.cosine) > 0)
    #expect(gain.alone.bySeed.count == 3)
    #expect(report.runs == 6)
    let main = try #require(report.mains.first)
    #expect(main.together == gain.alone)
    let difference = try #require(main.aucTogether) - (try #require(main.aucAlone))
    #expect(abs(difference - value) < 1e-9)
  }

  @Test(.timeLimit(.minutes(10)))
  func `an unrelated task that outweighs the main one in a narrow network hurts`() throws {
    let log = try PlantedLog("gains_harmful")
    let configuration = try log.configuration("network.bottom=[1]", "tasks.2.weight=30")
    let report = try log.gains(configuration, mains: ["plenty"], auxiliaries: ["other"])
    #expect(report.gains.map(\.alone.verdict) == [.hurts])
  }

  @Test(.timeLimit(.minutes(10)))
  func `every set of tasks is trained once, and all gains are told`() throws {
    let log = try PlantedLog("gains_all")
    let report = try log.gains(
      try log.configuration("training.epochs=1"), mains: [], seeds: 2)
    // Three alone, three pairs, one of all; all but one is a pair.
    #expect(report.runs == 14)
    #expect(
      report.gains.map { "\($0.main) \($0.auxiliary)" } == [
        "scarce plenty", "scarce other", "plenty scarce", "plenty other", "other scarce",
        "other plenty",
      ])
    #expect(report.gains.allSatisfy { $0.amongAll != nil })
    #expect(report.mains.map(\.task) == ["scarce", "plenty", "other"])
    // With every other task in its set, "among all" holds the same sets against each other.
    let first = report.gains[0]
    #expect(first.amongAll?.aucGain != first.alone.aucGain)
    // Asked again, nothing is left to train.
    let steps = Mutex(0)
    let counting = JobContext(onProgress: { progress in
      if progress.stage == "training" { steps.withLock { $0 = max($0, progress.done) } }
    })
    let again = try log.gains(
      try log.configuration("training.epochs=1"), mains: [], seeds: 2, context: counting)
    #expect(again.gains == report.gains)
    #expect(steps.withLock { $0 } == 0)
    // One seed more trains seven runs more.
    let more = try log.gains(
      try log.configuration("training.epochs=1"), mains: [], seeds: 3, context: counting)
    let stepsOfOne = (more.data.rows["train", default: 0] + 127) / 128
    #expect(steps.withLock { $0 } == 7 * stepsOfOne)
  }

  @Test(.timeLimit(.minutes(10)))
  func `one seed has no interval and no verdict, and the report says why`() throws {
    let log = try PlantedLog("gains_seed")
    let report = try log.gains(
      try log.configuration("training.epochs=1"), auxiliaries: ["plenty"], seeds: 1)
    let gain = try #require(report.gains.first)
    #expect(gain.alone.aucGain != nil)
    #expect(gain.alone.low == nil && gain.alone.high == nil && gain.alone.verdict == .noEvidence)
    #expect(report.mains.first?.note?.contains("one seed") == true)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a test part with too few positives says how many it would need`() throws {
    let log = try PlantedLog("gains_few", positives: "row % 31 = 0")
    let report = try log.gains(try log.configuration("training.epochs=1"), auxiliaries: ["plenty"])
    let main = try #require(report.mains.first)
    #expect(main.positives < 20)
    #expect(try #require(main.positivesNeeded) > main.positives)
    #expect(main.note?.contains("would be needed") == true)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a test part without any positive is told, not guessed`() throws {
    let log = try PlantedLog("gains_none", positives: "row < 2500")
    let report = try log.gains(try log.configuration("training.epochs=1"), auxiliaries: ["plenty"])
    let main = try #require(report.mains.first)
    #expect(report.gains.map(\.alone.verdict) == [.noEvidence])
    #expect(report.gains.first?.alone.aucGain == nil)
    #expect(main.note?.contains("no positive") == true)
  }

  @Test func `an unknown main task, a single task and a split without a test part are refused`()
    throws
  {
    let log = try PlantedLog("gains_refused")
    let configuration = try log.configuration()
    let unknown = #expect(throws: JobError.self) {
      try log.gains(configuration, mains: ["scarse"])
    }
    #expect(unknown?.description.contains("did you mean scarce?") == true)
    #expect(throws: JobError.self) {
      try log.gains(configuration, mains: ["scarce"], auxiliaries: ["scarce"])
    }
    var untested = configuration
    untested.split = .lengths(train: nil, validation: 86_400_000_000, test: 0)
    let refused = #expect(throws: JobError.self) { try log.gains(untested) }
    #expect(refused?.description.contains("split.test") == true)
  }
}
