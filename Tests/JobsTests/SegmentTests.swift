import Interactions
import Jobs
import PostgresLogs
import RankingMetrics
import RunConfiguration
import Testing

/// Evaluation cut by columns of the log, a real server's.
struct SegmentTests {
  private func report(
    _ shop: Shop, _ model: String, _ configuration: RunConfiguration, by cuts: SegmentCuts
  ) throws -> EvaluateJob.Report {
    var job = EvaluateJob(model: model, configuration: configuration)
    job.cuts = cuts
    job.columnDirectory = "\(shop.folder)/columns"
    return try job.run(JobContext())
  }

  /// The same configuration with more columns to read, and rows in no order.
  private func shuffled(
    _ configuration: RunConfiguration, adding columns: String
  ) throws -> RunConfiguration {
    var changed = configuration
    guard case .query(let query) = configuration.impressions.rows else { return changed }
    changed.impressions.rows = .query(
      query.replacing("SELECT l.*", with: "SELECT l.*, \(columns)")
        + " ORDER BY md5(l.item_id::text)")
    return changed
  }

  @Test(.timeLimit(.minutes(10)))
  func `segments hold the rows of their value, in whatever order rows come`() throws {
    let shop = try Shop("segments")
    let plain = try shop.configuration("training.epochs=1")
    let model = try shop.train(plain).model
    let whole = try shop.evaluate(model, plain)
    // Segments by the label itself: all rows of one have it, all rows of the other don't.
    let configuration = try shuffled(
      plain, adding: "nullif(l.clicked::text, 'false') AS fate, l.item_id % 2 = 0 AS is_even")
    let report = try report(
      shop, model, configuration, by: [["fate"], ["is_even"], ["price"], ["fate", "is_even"]])
    let tables = try #require(report.by)
    #expect(tables.map(\.column) == ["fate", "is_even", "price", "fate+is_even"])
    for table in tables {
      #expect(table.segments.reduce(0) { $0 + $1.rows } == report.rows)
      let positives = table.segments.compactMap { $0.tasks["click"]?.positives }
      #expect(positives.reduce(0, +) == whole.tasks["click"]?.positives)
    }
    let clicked = try #require(tables[0].segments.first { $0.value != "NULL" }?.tasks["click"])
    let others = try #require(tables[0].segments.first { $0.value == "NULL" }?.tasks["click"])
    #expect(clicked.positives == clicked.rows && clicked.positives > 0)
    #expect(others.positives == 0)
    #expect(tables[0].segments.allSatisfy { $0.tooSmall["click"] != nil })
    #expect(Set(tables[1].segments.map(\.value)) == ["true", "false"])
    #expect(tables[2].segments.count == 10)
    #expect(tables[2].segments.allSatisfy { abs($0.rows - report.rows / 10) <= report.rows / 20 })
    #expect(tables[3].segments.count == 4)
  }

  @Test(.timeLimit(.minutes(10)))
  func `all but the largest segments are pooled`() throws {
    let shop = try Shop("segments_pooled")
    let plain = try shop.configuration("training.epochs=1")
    let configuration = try shuffled(plain, adding: "'u' || l.user_id AS user_text")
    let model = try shop.train(plain).model
    let report = try report(shop, model, configuration, by: [["user_text"]])
    let table = try #require(report.by?.first)
    #expect(table.segments.reduce(0) { $0 + $1.rows } == report.rows)
    #expect(table.segments.count == 51)
    #expect(table.segments.last?.value == "other")
    #expect(try #require(table.segments.last?.pooled) > 0)
    let sizes = table.segments.dropLast().map(\.rows)
    #expect(sizes == sizes.sorted(by: >))
  }

  @Test(.timeLimit(.minutes(10)))
  func `columns that aren't there or hold lists are named`() throws {
    let shop = try Shop("segments_bad", impressions: 1_000)
    let configuration = try shop.configuration("training.epochs=1")
    let model = try shop.train(configuration).model
    #expect(throws: PostgresError.self) {
      try report(shop, model, configuration, by: [["nothing"]])
    }
    do {
      _ = try report(shop, model, configuration, by: [["recent_items"]])
      Issue.record("a list can't cut rows")
    } catch {
      #expect("\(error)".hasPrefix("column recent_items is "))
    }
    // The kept log is whole all the same.
    #expect(try shop.evaluate(model, configuration).rows > 0)
  }
}
