import DatabaseTestSupport
import Foundation
import Jobs
import Logging
import PostgresLogs
import RankingMetrics
import RunConfiguration
import Synchronization
import Testing

/// The documented rights are enough for a night, and each of them is needed.
@Suite(.serialized) struct GrantsTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("schemas/grants.sql").path

  /// A shop, and a role with the rights of `schemas/grants.sql` on it.
  private final class Night {
    let shop: Shop
    let role: String
    let serving: String
    let scores: String

    init(_ name: String) throws {
      shop = try Shop(name, impressions: 1_500)
      role = "\(name)_nightly"
      serving = "\(name)_website"
      scores = "\(name)_scores"
      try Migrations.apply(on: shop.connection)
      try shop.connection.run(
        script: "CREATE ROLE \(role) LOGIN; CREATE ROLE \(serving) LOGIN;")
      let relations = ["labelled_impressions", "true_probabilities", "candidate_features"]
        .map { "\(name).\($0)" }.joined(separator: ", ")
      let result = try run(
        "psql", "-X", "-q", try TestServer.url.get(), "-v", "role=\(role)", "-v", "logs=\(name)",
        "-v", "relations=\(relations)", "-v", "scores=\(scores)", "-v", "serving=\(serving)",
        "-f", GrantsTests.file)
      #expect(result.status == 0)
      #expect(result.output == "")
    }

    deinit {
      _ = try? shop.connection.run(
        script: """
          DROP SCHEMA IF EXISTS \(scores) CASCADE; DROP OWNED BY \(role), \(serving);
          DROP ROLE \(role), \(serving);
          """)
    }

    /// The configuration as the role runs it.
    func configuration() throws -> RunConfiguration {
      try shop.configuration(
        "training.epochs=1", "database=\(url(of: role))",
        "scoring.to={table: \(scores).recommendations}")
    }

    func url(of role: String) throws -> String {
      try TestServer.url.get().replacing("//postgres@", with: "//\(role)@")
    }

    func train(_ context: JobContext = JobContext()) throws -> String {
      var job = TrainJob(configuration: try configuration())
      job.columnDirectory = "\(shop.folder)/columns"
      job.fresh = true
      return try job.run(context).model
    }

    func score(_ model: String, _ context: JobContext = JobContext()) throws -> ScoreJob.Report {
      try ScoreJob(configuration: configuration(), model: model).run(context)
    }

    private func run(_ arguments: String...) throws -> (status: Int32, output: String) {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = arguments
      let output = Pipe()
      process.standardOutput = output
      process.standardError = output
      process.standardInput = FileHandle.nullDevice
      try process.run()
      let text = String(
        decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, text)
    }
  }

  /// A context that keeps warnings.
  private final class Warnings: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }

    func context(onProgress: @escaping @Sendable (JobProgress) -> Void = { _ in }) -> JobContext {
      let logger = Logger(label: "test") { label in
        JSONLog(label: label, level: .warning) { line in self.list.withLock { $0.append(line) } }
      }
      return JobContext(logger: logger, onProgress: onProgress)
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `a night works with the documented rights, beside whoever writes the logs`() throws {
    let night = try Night("granted")
    let warnings = Warnings()
    let open = Mutex<[String?]>([])
    let role = night.role
    let context = warnings.context(onProgress: { progress in
      guard progress.stage.hasPrefix("epoch") else { return }
      let count = try? TestServer.connect().value(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND xact_start IS NOT NULL",
        [role])
      open.withLock { $0.append(count) }
    })
    // EXCLUSIVE goes together with ACCESS SHARE alone: whoever wanted more would wait, and fail.
    let tables = try night.shop.connection.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'granted'"
    ).rows.compactMap { $0[0].map { "granted.\($0)" } }
    #expect(tables.count >= 4)
    try night.shop.connection.withTransaction {
      try night.shop.connection.execute(
        "LOCK TABLE \(tables.joined(separator: ", ")) IN EXCLUSIVE MODE")
      var configuration = try night.configuration()
      configuration.limits.lock = 2_000_000
      #expect(try CheckJob(configuration: configuration).run(context).problems.isEmpty)
      let model = try night.train(context)
      let evaluation = EvaluateJob(model: model, configuration: configuration)
      #expect(try evaluation.run(context).tasks["click"]?.auc != nil)
      #expect(try night.score(model, context).version != nil)
      // A second version: the first one's view stays, and needs no right to make one.
      try TestServer.connect().execute("REVOKE CREATE ON SCHEMA granted_scores FROM \(role)")
      for _ in 0..<4 { #expect(try night.score(model, context).written > 0) }
    }
    #expect(warnings.all == [])
    // No transaction is open while the network trains.
    let found = open.withLock { $0 }
    #expect(!found.isEmpty && found.allSatisfy { $0 == "0" })
    let website = try PostgresConnection(night.url(of: night.serving))
    #expect(try website.value("SELECT count(*) > 0 FROM granted_scores.recommendations") == "t")
    #expect(throws: PostgresError.self) {
      try website.execute("SELECT 1 FROM paretorank.scored_candidates")
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `the nightly job publishes night after night with the documented rights alone`() throws {
    let night = try Night("nightlygranted")
    var configuration = try night.configuration()
    configuration.impressions.key = "impression_id"
    configuration.impressions.weight = "position"
    configuration.training.negatives = 0.5
    configuration.nightly.keep = 1
    configuration.nightly.evaluation = 48 * 3_600_000_000
    configuration.nightly.start = .scratch
    var job = NightlyJob(configuration: configuration)
    job.directory = "\(night.shop.folder)/nights"
    // There are too few purchases for the gate.
    job.forceReason = "a test of rights"
    let warnings = Warnings()
    // The second night prunes the first one's model, and drops its scores.
    for number in 1...2 {
      let report = try job.run(warnings.context())
      #expect(report.state == .published, "\(warnings.all)")
      #expect(report.version == number)
      #expect(report.scores?.version != nil)
    }
    #expect(!warnings.all.contains { $0.contains("needs") }, "\(warnings.all)")
    #expect(
      try night.shop.connection.value(
        "SELECT count(*) FROM paretorank.stages s JOIN paretorank.runs r ON r.id = s.run_id "
          + "WHERE r.database_user = $1 AND s.state = 'finished'", [night.role]) == "16")
  }

  @Test(.timeLimit(.minutes(10)))
  func `one right less is told with its name`() throws {
    let night = try Night("ungranted")
    let model = try night.train()
    let role = night.role
    let missing: [(right: String, says: String)] = [
      // The view is there once scores were written.
      (
        "CREATE ON SCHEMA ungranted_scores",
        "schema ungranted_scores: role \(role) needs USAGE and CREATE;"
      ),
      ("USAGE ON SCHEMA ungranted", "schema ungranted: role \(role) needs USAGE;"),
      (
        "SELECT ON ungranted.candidate_features",
        "candidate_features: role \(role) needs SELECT;"
      ),
      ("USAGE ON SCHEMA paretorank", "schema paretorank: role \(role) needs USAGE;"),
      ("SELECT ON paretorank.schema_migrations", "role \(role) needs SELECT;"),
      ("INSERT ON paretorank.runs", "runs: role \(role) needs INSERT and SELECT;"),
      ("UPDATE ON paretorank.runs", "runs: role \(role) needs UPDATE and SELECT;"),
      ("INSERT ON paretorank.score_versions", "score_versions: role \(role) needs INSERT"),
      ("UPDATE ON paretorank.score_versions", "UPDATE and SELECT;"),
      ("DELETE ON paretorank.score_versions", "role \(role) needs DELETE and SELECT;"),
      ("INSERT ON paretorank.scored_candidates", "role \(role) needs INSERT;"),
    ]
    for (right, says) in missing {
      let warnings = Warnings()
      try night.shop.connection.execute("REVOKE \(right) FROM \(role)")
      var text = ""
      do { _ = try night.score(model, warnings.context()) } catch { text = "\(error)" }
      text += warnings.all.joined()
      #expect(text.contains(says), "\(right): \(text)")
      try night.shop.connection.execute("GRANT \(right) TO \(role)")
    }
    try night.shop.connection.execute(
      "REVOKE SELECT ON ungranted.labelled_impressions FROM \(role)")
    let error = #expect(throws: PostgresError.self) { try night.train() }
    #expect(
      error?.description
        == "permission denied for view labelled_impressions: role \(role) needs SELECT; "
        + "see schemas/grants.sql")
  }
}
