import Interactions
import Jobs
import PostgresLogs
import RankingMetrics
import RunConfiguration
import Testing

/// Two models on the same rows of a real server's log.
struct CompareJobTests {
  private func compare(
    _ shop: Shop, _ first: String, _ second: String, _ configuration: RunConfiguration?,
    on window: EvaluateJob.Window = .part(.test), by cuts: SegmentCuts = []
  ) throws -> CompareJob.Report {
    var job = CompareJob(
      first: first, second: second, window: window, configuration: configuration)
    job.cuts = cuts
    job.columnDirectory = "\(shop.folder)/columns"
    return try job.run(JobContext())
  }

  @Test(.timeLimit(.minutes(10)))
  func `models of other features and tasks are compared row by row`() throws {
    let shop = try Shop("compare")
    let full = try shop.configuration("training.epochs=2")
    // The true probability as the only feature, one task less, and rows in another order.
    var knowing = try shop.configuration(
      "training.epochs=4", "optimizer.learning_rate=0.01",
      "features=[{number: click_truth}]",
      "tasks=[{name: click, label: clicked}]")
    guard case .query(let query) = knowing.impressions.rows else {
      Issue.record("the rows of knowing are no query")
      return
    }
    knowing.impressions.rows = .query(query + " ORDER BY md5(l.item_id::text)")
    let first = try shop.train(full, to: "full").model
    let second = try shop.train(knowing, to: "knowing").model
    let report = try compare(shop, first, second, nil, by: [["surface"]])
    #expect(report.taskNames == ["click"])
    #expect(report.onlyFirst == ["purchase"])
    #expect(report.onlySecond == [])
    let click = try #require(report.tasks["click"])
    let alone = try shop.evaluate(first, full).tasks["click"]
    let other = try shop.evaluate(second, knowing).tasks["click"]
    #expect(click.first == alone)
    let gain = try #require(click.aucGain)
    #expect(abs(try #require(other?.auc) - #require(alone?.auc) - gain) < 1e-12)
    #expect(try #require(click.aucGainLow) <= gain && gain <= #require(click.aucGainHigh))
    #expect(click.verdict == .better)
    let table = try #require(report.by?.first)
    #expect(table.segments.reduce(0) { $0 + $1.rows } == report.rows)
    let back = try #require(try compare(shop, second, first, nil).tasks["click"])
    #expect(back.verdict == .worse)
    #expect(abs(try #require(back.aucGain) + gain) < 1e-12)
    #expect(try abs(#require(back.logLossGain) + #require(click.logLossGain)) < 1e-12)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a model is no better than itself`() throws {
    let shop = try Shop("compare_same", impressions: 1_500)
    let configuration = try shop.configuration("training.epochs=1")
    let model = try shop.train(configuration).model
    let report = try compare(shop, model, model, configuration)
    for task in report.taskNames {
      #expect(report.tasks[task]?.verdict == .noEvidence)
      #expect(report.tasks[task]?.logLossGain == 0)
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `rows that a model was trained on are refused`() throws {
    let shop = try Shop("compare_trained", impressions: 1_500)
    let early = try shop.configuration("training.epochs=1")
    let late = try shop.configuration(
      "training.epochs=1", "split={train: all, validation: 6 hours, test: 6 hours}")
    let random = try shop.configuration(
      "training.epochs=1", "split={by: random, train: 0.6, validation: 0.2, test: 0.2}")
    let models = try [early, late, random].enumerated().map { index, configuration in
      try shop.train(configuration, to: "model\(index)").model
    }
    for (first, second) in [(0, 1), (0, 2)] {
      do {
        _ = try compare(shop, models[first], models[second], nil)
        Issue.record("training rows were not refused")
      } catch JobError.badData(let text) {
        #expect(text.contains("rows are among those that \(models[second]) was trained on"))
      }
    }
    #expect(try compare(shop, models[1], models[0], nil).rows > 0)
    #expect(try compare(shop, models[2], models[2], nil).rows > 0)
    #expect(throws: JobError.self) {
      try compare(shop, models[0], models[0], nil, on: .times(from: nil, to: nil))
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `later rows are new to a model of a random split, too`() throws {
    let shop = try Shop("compare_later", impressions: 1_500)
    let all = try shop.configuration(
      "training.epochs=1", "split={by: random, train: 0.6, validation: 0.2, test: 0.2}")
    var early = all
    early.impressions.condition = "shown_at < '2026-03-08T00:00:00Z'"
    let model = try shop.train(early, to: "early").model
    let later = try #require(Timestamp.time("2026-03-09"))
    #expect(try compare(shop, model, model, all, on: .times(from: later, to: nil)).rows > 0)
    let before = try #require(Timestamp.time("2026-03-05"))
    #expect(throws: JobError.self) {
      try compare(shop, model, model, all, on: .times(from: before, to: nil))
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `other rows or labels are refused`() throws {
    let shop = try Shop("compare_other", impressions: 1_500)
    let plain = try shop.configuration("training.epochs=1")
    guard case .query(let query) = plain.impressions.rows else {
      Issue.record("the rows of plain are no query")
      return
    }
    var fewer = plain
    fewer.impressions.condition = "item_id <> 1"
    var flipped = plain
    flipped.impressions.rows = .query("SELECT l.*, NOT clicked AS other FROM (\(query)) AS l")
    flipped.tasks[0].label = "other"
    let models = try [plain, fewer, flipped].enumerated().map { index, configuration in
      try shop.train(configuration, to: "model\(index)").model
    }
    do {
      _ = try compare(shop, models[0], models[1], nil)
      Issue.record("other rows were not refused")
    } catch JobError.badData(let text) {
      #expect(text.hasPrefix("the models don't read the same rows in test: "))
    }
    do {
      _ = try compare(shop, models[0], models[2], nil)
      Issue.record("other labels were not refused")
    } catch JobError.badData(let text) {
      #expect(text.hasPrefix("the models don't read the same labels of task click: "))
    }
  }
}
