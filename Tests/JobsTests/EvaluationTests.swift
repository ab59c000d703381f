import Foundation
import Interactions
import Jobs
import PostgresLogs
import RankingMetrics
import RunConfiguration
import Testing

/// Evaluation on parts of a split, and beside what is possible.
struct EvaluationTests {
  private static let random = "split={by: random, train: 0.6, validation: 0.2, test: 0.2}"

  @Test(.timeLimit(.minutes(10)))
  func `a random split's test rows stay test rows when others go`() throws {
    let shop = try Shop("random_rows")
    let configuration = try shop.configuration("training.epochs=1", Self.random)
    let model = try shop.train(configuration).model
    let check = try CheckJob(configuration: configuration).run(JobContext())
    let before = try shop.evaluate(model, configuration)
    #expect(abs(before.rows - 600) < 100)
    // The same cut of the rows that are left: none of another part takes a place among them.
    try shop.connection.run(
      script: """
        CREATE TABLE random_rows.gone AS SELECT impression_id FROM random_rows.impressions
        WHERE request_id % 5 = 0;
        DELETE FROM random_rows.true_probabilities WHERE impression_id IN
          (SELECT impression_id FROM random_rows.gone);
        SELECT pg_stat_force_next_flush();
        """)
    let counted = try SplitPart.allCases.map {
      try shop.evaluate(model, configuration, on: .part($0)).rows
    }
    let left = try CheckJob(configuration: configuration).run(JobContext()).rows
    #expect(left < check.rows)
    #expect(counted.reduce(0, +) == left)
    let after = try shop.evaluate(model, configuration)
    #expect(after.rows < before.rows)
    let best = try #require(after.bestPossibleAUC["click"])
    #expect(best > 0.55 && best < 1)
  }

  @Test(
    .timeLimit(.minutes(10)),
    arguments: [
      ("t.click + 1", "are no probabilities"),
      ("nullif(t.click, t.click)", "are no probabilities"),
      ("t.click::text", "a number column"), ("point(1, 1)", "can't be used"),
    ])
  func `a column without probabilities is a warning, in check and evaluation alike`(
    column: String, problem: String
  ) throws {
    let schema = "truth_\(column.utf8.count)"
    let shop = try Shop(schema, impressions: 1_000)
    var configuration = try shop.configuration("training.epochs=1")
    guard case .query(let query) = configuration.impressions.rows else {
      Issue.record("the rows of configuration are no query")
      return
    }
    configuration.impressions.rows = .query(
      query.replacing("t.click AS", with: column + " AS"))
    let model = try shop.train(configuration).model
    let report = try shop.evaluate(model, configuration)
    #expect(report.bestPossibleAUC == [:])
    #expect(report.tasks["click"]?.auc != nil)
    let check = try CheckJob(configuration: configuration).run(JobContext())
    #expect(check.problems == [])
    let warning = check.warnings.first { $0.hasPrefix("task click has no best possible AUC: ") }
    #expect(warning?.contains(problem) == true)
  }

  @Test(arguments: ["platt", "isotonic"])
  func `calibrated scores add up to what happened, and keep their order`(kind: String) throws {
    let shop = try Shop("calibrated_\(kind)", impressions: 12_000)
    // A high rate leaves the scores far from what happens.
    let rate = "optimizer.learning_rate=0.01"
    let plain = try shop.configuration(rate)
    let calibrated = try shop.configuration(rate, "training.calibration=\(kind)")
    let models = [try shop.train(plain, to: "plain"), try shop.train(calibrated, to: "calibrated")]
    let reports = try models.map { try shop.evaluate($0.model, plain, on: .part(.validation)) }
    for task in ["click", "purchase"] {
      let before = try #require(reports[0].tasks[task])
      let after = try #require(reports[1].tasks[task])
      #expect(abs(try #require(after.calibration) - 1) < 0.03)
      #expect(abs(try #require(before.calibration) - 1) > 0.03)
      // Scores that know nothing of purchases are made flat.
      if task == "click" {
        #expect(abs(try #require(after.auc) - #require(before.auc)) < 1e-3)
      }
      // What training told is what evaluation finds.
      #expect(models[1].validation[task]?.calibration == after.calibration)
    }
    let weights = try models.map { try shop.bytes("weights.safetensors", of: $0.model) }
    #expect(weights[0] == weights[1])
  }

  @Test(.timeLimit(.minutes(10)))
  func `requests are ordered, and a later task is measured where the one before happened`() throws {
    let shop = try Shop("funnel")
    let configuration = try shop.configuration("training.epochs=1")
    var job = EvaluateJob(
      model: try shop.train(configuration).model, configuration: configuration)
    job.columnDirectory = "\(shop.folder)/columns"
    job.measuresRequests = true
    let report = try job.run(JobContext())
    let requests = try #require(report.tasks["click"]?.byRequest)
    #expect(requests.requestsUsed > 0 && requests.requestsUsed < requests.requests)
    #expect(requests.ndcg > 0 && requests.ndcg <= 1)
    #expect(Array(report.funnel.keys) == ["purchase"])
    let step = try #require(report.funnel["purchase"])
    #expect(step.after == "click")
    // Some clicks are too late for the purchase to be known.
    let clicks = try #require(report.tasks["click"]?.positives)
    #expect(step.given.rows > 0 && step.given.rows <= clicks)
    #expect(step.given.positives == report.tasks["purchase"]?.positives)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a truth that isn't there is a warning`() throws {
    let shop = try Shop("truth_missing", impressions: 1_000)
    let configuration = try shop.configuration("training.epochs=1", "tasks.click.truth=nothing")
    let report = try shop.evaluate(shop.train(configuration).model, configuration)
    #expect(report.bestPossibleAUC == [:])
    #expect(
      try CheckJob(configuration: configuration).run(JobContext()).warnings.contains {
        $0.contains("there is no column nothing")
      })
  }

  @Test(.timeLimit(.minutes(10)), arguments: ["infinity", "-infinity"])
  func `a row of no finite time keeps nobody from training`(time: String) throws {
    let shop = try Shop(time.hasPrefix("-") ? "before_all" : "after_all", impressions: 1_000)
    try shop.connection.execute(
      """
      UPDATE \(shop.schema).impressions SET shown_at = '\(time)'
      WHERE impression_id = (SELECT min(impression_id) FROM \(shop.schema).impressions)
      """)
    let configuration = try shop.configuration(
      "training.epochs=1", "split={train: 5 days, validation: 1 day, test: 1 day}")
    let check = try CheckJob(configuration: configuration).run(JobContext())
    #expect(check.problems == [])
    #expect(try shop.train(configuration).rows == check.parts.first?.rows)
  }
}
