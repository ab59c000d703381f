import DatabaseTestSupport
import Foundation
import Interactions
import Jobs
import PostgresLogs
import RankingMetrics
import RunConfiguration
import Testing

/// Vectors, crosses, bins and lists, from the database to the scores.
struct FeatureKindTests {
  /// Ten days of 40 users and 40 items, a row an hour for each of 12 pairs.
  ///
  /// Whether a user likes an item's kind is told by the pair alone: by the cross of both, or by the
  /// item's vector together with the user. A price between 40 and 60 is clicked on most.
  private final class Log {
    let connection: PostgresConnection
    let schema: String
    let folder: String

    init(_ schema: String) throws {
      self.schema = schema
      folder = NSTemporaryDirectory() + "/paretorank-kinds-\(UUID().uuidString)"
      connection = try TestServer.connect(schema: schema)
      try connection.run(
        script: """
          CREATE TYPE vector;
          CREATE FUNCTION vector_in(cstring) RETURNS vector AS 'textin'
            LANGUAGE internal IMMUTABLE STRICT;
          CREATE FUNCTION vector_out(vector) RETURNS cstring AS 'textout'
            LANGUAGE internal IMMUTABLE STRICT;
          CREATE TYPE vector (INPUT = vector_in, OUTPUT = vector_out, LIKE = text);
          CREATE TABLE log AS SELECT i AS id, u AS user_id, v AS item_id, price,
            timestamptz '2026-03-01 00:00Z' + i / 12 * interval '1 hour' AS shown_at,
            CASE WHEN v % 10 = 9 THEN NULL ELSE ARRAY[cos(v), sin(v), v % 4]::float4[] END AS image,
            ('[' || cos(v) || ',' || sin(v) || ',' || v % 4 || ']')::vector AS image_text,
            ARRAY[v, v + 1, v + 2] AS recent,
            abs(hashint8extended(i, 7) % 1000) <
              CASE WHEN (u + v) % 2 = 0 THEN 700 ELSE 50 END AS clicked,
            abs(hashint8extended(i, 8) % 1000) <
              CASE WHEN price BETWEEN 40 AND 60 THEN 700 ELSE 50 END AS bought
          FROM (SELECT i, abs(hashint8extended(i, 1) % 12) AS u, abs(hashint8extended(i, 2) % 12) AS v,
              abs(hashint8extended(i, 3) % 100)::float8 AS price
            FROM generate_series(0, 10 * 24 * 12 - 1) AS i) AS rows
          """)
    }

    deinit {
      try? FileManager.default.removeItem(atPath: folder)
      _ = try? connection.execute("DROP SCHEMA \(schema) CASCADE")
    }

    func configuration(_ features: String, _ overrides: String...) throws -> RunConfiguration {
      try RunConfiguration(
        yaml: """
          database: "\(TestServer.url.get())"
          impressions: {from: \(schema).log, time: shown_at, user: user_id, item: item_id}
          tasks: [{name: click, label: clicked}, {name: purchase, label: bought}]
          features: [\(features)]
          split: {train: all, validation: 1 day, test: 2 days}
          network: {architecture: shared_bottom, bottom: [8], tower: [4]}
          optimizer: {kind: adam, learning_rate: 0.02}
          training: {batch: 128, epochs: 6, workers: 2}
          output: {models: "\(folder)/models", name: \(schema)}
          scoring:
            candidates: {query: "SELECT DISTINCT ON (user_id, item_id) * FROM \(schema).log"}
            user: user_id
            item: item_id
            value: click
            to: {file: "\(folder)/scores.csv"}
          """, overrides: overrides)
    }

    func train(
      _ configuration: RunConfiguration, _ context: JobContext = JobContext()
    ) throws -> String {
      var job = TrainJob(configuration: configuration)
      job.columnDirectory = folder + "/columns"
      return try job.run(context).model
    }

    /// The AUC on the test rows.
    func auc(_ task: String, _ configuration: RunConfiguration) throws -> Double {
      var job = EvaluateJob(model: try train(configuration), configuration: configuration)
      job.columnDirectory = folder + "/columns"
      return try #require(try job.run(JobContext()).tasks[task]?.auc)
    }
  }

  private static let ids = "{id: user_id, dimension: 2}, {id: item_id, dimension: 2}"

  @Test(.timeLimit(.minutes(10)))
  func `a cross finds what only the pair tells, and bins what no line tells`() throws {
    let log = try Log("kinds_learnt")
    let cross = "\(Self.ids), {cross: [user_id, item_id], dimension: 4}"
    #expect(try log.auc("click", log.configuration(cross)) > 0.8)
    #expect(try log.auc("click", log.configuration("{hour: shown_at, dimension: 2}")) < 0.6)
    let bins = "{number: price, encoding: piecewise_linear, bins: 10}"
    #expect(try log.auc("purchase", log.configuration(bins)) > 0.8)
  }

  @Test(.timeLimit(.minutes(10)))
  func `vectors of either form are checked, trained on, evaluated and scored`() throws {
    let log = try Log("kinds_vectors")
    for column in ["image", "image_text"] {
      let configuration = try log.configuration(
        "{id: user_id, dimension: 2}, {vector: \(column), length: 3}",
        "scoring.candidates.query=\"SELECT DISTINCT ON (user_id, item_id) user_id, item_id, \(column) "
          + "FROM kinds_vectors.log\"")
      let check = try CheckJob(configuration: configuration).run(JobContext())
      #expect(check.problems == [] && check.warnings == [])
      let found = try #require(check.columns.first { $0.name == column })
      #expect(found.roles == ["feature \(column)"])
      // Of twelve items one has no image.
      #expect((try #require(found.missing) > 0.05) == (column == "image"))
      let model = try log.train(configuration)
      let score = try ScoreJob(configuration: configuration, model: model).run(JobContext())
      #expect(score.written > 100)
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `a history that attention weighs is trained on, evaluated and scored`() throws {
    let log = try Log("kinds_attention")
    let configuration = try log.configuration(
      "\(Self.ids), {list: recent, shares: item_id, pooling: attention, longest: 3}",
      "network.attention=[8]",
      "scoring.candidates.query=\"SELECT DISTINCT ON (user_id, item_id) user_id, item_id, recent "
        + "FROM kinds_attention.log\"")
    let check = try CheckJob(configuration: configuration).run(JobContext())
    #expect(check.problems == [] && check.warnings == [])
    let model = try log.train(configuration)
    var evaluation = EvaluateJob(model: model, configuration: configuration)
    evaluation.columnDirectory = log.folder + "/columns"
    // Whether user and item are both even or odd.
    #expect(try #require(try evaluation.run(JobContext()).tasks["click"]?.auc) > 0.7)
    let score = try ScoreJob(configuration: configuration, model: model).run(JobContext())
    #expect(score.written > 100)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a wrong vector or a list too long is found by the check and stops the reading`() throws {
    let log = try Log("kinds_bad")
    try log.connection.execute("UPDATE log SET image = '{1,2}' WHERE id = 20")
    try log.connection.execute("UPDATE log SET image = '{1,2,NaN}' WHERE id = 21")
    try log.connection.execute("UPDATE log SET image_text = '[1,2]' WHERE id IN (22, 23, 24)")
    try log.connection.execute("UPDATE log SET image_text = '1,2,3' WHERE id = 25")
    try log.connection.execute("UPDATE log SET image_text = '[1,2,NaN]' WHERE id = 26")
    try log.connection.execute("UPDATE log SET recent = '{1,2,3,4}' WHERE id IN (27, 28)")
    func problems(_ feature: String) throws -> [String] {
      try CheckJob(configuration: log.configuration(feature)).run(JobContext()).problems
        .map(\.message)
    }
    let advice = "make them NULL in the query if they mean missing"
    #expect(
      try problems("{vector: image, length: 3}") == [
        "column image: 2 values are no vectors of 3 finite numbers; \(advice)"
      ])
    #expect(
      try problems("{vector: image_text, length: 3}") == [
        "column image_text: 5 values are no vectors of 3 finite numbers; \(advice)"
      ])
    #expect(
      try problems("{list: recent, longest: 3, strict: true}") == [
        "column recent: 2 lists have more than 3 elements, which strict refuses"
      ])
    #expect(try problems("{list: recent, longest: 3, keep: last}") == [])
    #expect(
      try problems("{vector: user_id, length: 3}") == [
        "column user_id is int8 and can't be vector user_id; what fits: a list of numbers, "
          + "a list of whole numbers, a text"
      ])
    for feature in [
      "{vector: image, length: 3}", "{vector: image_text, length: 3}",
      "{list: recent, longest: 3, strict: true}",
    ] {
      let error = #expect(throws: LogEncodingError.self) {
        try log.train(log.configuration(feature))
      }
      guard case .badValue(_, _, let name, _, _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(name.hasPrefix("user_id ") && name.contains(", item_id "))
    }
  }

  @Test func `lists that were cut are told`() throws {
    let log = try Log("kinds_cut")
    let messages = Messages()
    _ = try log.train(
      log.configuration("{list: recent, longest: 2, keep: last}", "training.epochs=1"),
      messages.context)
    #expect(messages.all.contains("lists of recent that were cut, being longer than longest: 2880"))
  }

  @Test func `constant vectors and rates that know nothing are warned of`() throws {
    let log = try Log("kinds_dull")
    try log.connection.execute("UPDATE log SET image = '{1,2,3}'")
    let dull = try CheckJob(configuration: log.configuration("{vector: image, length: 3}"))
      .run(JobContext())
    #expect(dull.warnings == ["column image is the same in every training row"])
    let blind = try log.configuration(
      "{rate: user_id, tasks: [purchase], name: habit}", "split.train=1 day",
      "tasks.1.window=1 day")
    let warnings = try CheckJob(configuration: blind).run(JobContext()).warnings
    #expect(
      warnings.contains(
        "feature habit: the training rows are of 2 days, so none knows an earlier outcome of "
          + "purchase"), "\(warnings)")
  }
}
