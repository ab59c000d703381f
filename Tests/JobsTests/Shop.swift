import DatabaseTestSupport
import Foundation
import Interactions
import Jobs
import PostgresLogs
import RunConfiguration
import ShopSimulation

/// A small simulated shop in a schema of its own, and a folder for what jobs write.
final class Shop {
  let schema: String
  let folder: String
  let connection: PostgresConnection

  init(_ schema: String, impressions: Int = 3_000) throws {
    self.schema = schema
    folder = NSTemporaryDirectory() + "/paretorank-jobs-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    connection = try TestServer.connect()
    var settings = ShopSettings()
    settings.impressions = impressions
    settings.users = 300
    settings.items = 100
    settings.days = 10
    _ = try SimulateJob(settings: settings, schema: schema, replaces: true)
      .run(on: connection, context: JobContext())
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
    _ = try? connection.execute("DROP SCHEMA \(schema) CASCADE")
  }

  /// A configuration for the shop with a small network.
  func configuration(_ overrides: String...) throws -> RunConfiguration {
    try configuration(overrides)
  }

  func configuration(_ overrides: [String]) throws -> RunConfiguration {
    try RunConfiguration(
      yaml: """
        database: "\(TestServer.url.get())"
        impressions:
          query: |
            SELECT l.*, t.click AS click_truth
            FROM \(schema).labelled_impressions l JOIN \(schema).true_probabilities t
              USING (impression_id)
          time: shown_at
          request: request_id
          user: user_id
          item: item_id
        tasks:
          - {name: click, label: clicked, truth: click_truth}
          - {name: purchase, label: purchased, after: click}
        features:
          - {id: user_id, dimension: 4}
          - {id: item_id, dimension: 4}
          - {category: category, dimension: 2}
          - {number: price, transform: log1p}
          - {list: recent_items, shares: item_id, pooling: mean, longest: 5}
        split: {train: all, validation: 2 days, test: 2 days}
        network: {experts: 2, expert: [8], tower: [4]}
        training: {batch: 256, epochs: 2, workers: 2}
        output: {models: "\(folder)/models", name: \(schema)}
        scoring:
          candidates: {from: \(schema).candidate_features}
          user: user_id
          item: item_id
          value: click * price
          top: 5
          to: {table: \(schema).scores}
        """, overrides: overrides)
  }

  /// Trains, keeping encoded logs in the shop's folder.
  func train(
    _ configuration: RunConfiguration, fresh: Bool = false, resuming: String? = nil,
    to name: String? = nil
  ) throws -> TrainJob.Report {
    var job = TrainJob(configuration: configuration)
    job.fresh = fresh
    job.resuming = resuming
    job.destination = name.map { "\(folder)/models/\($0)" }
    job.columnDirectory = "\(folder)/columns"
    return try job.run(JobContext())
  }

  func evaluate(
    _ model: String, _ configuration: RunConfiguration,
    on window: EvaluateJob.Window = .part(.test)
  ) throws -> EvaluateJob.Report {
    var job = EvaluateJob(model: model, window: window, configuration: configuration)
    job.columnDirectory = "\(folder)/columns"
    return try job.run(JobContext())
  }

  /// The bytes of a file of a model.
  func bytes(_ name: String, of model: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(model)/\(name)"))
  }
}
