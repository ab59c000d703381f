import Foundation
import Interactions
import Jobs
import RankingMetrics
import RunConfiguration
import Testing
import Training

/// Runs whose rows count differently: by a column of the log, and by samples of negatives.
struct WeightedRowsTests {
  /// A shop's configuration whose rows have the value of an SQL expression as `weight`.
  static func configuration(_ shop: Shop, weight: String) throws -> RunConfiguration {
    var configuration = try shop.configuration("training.epochs=1")
    configuration.impressions.rows = .query(
      """
      SELECT l.*, t.click AS click_truth, \(weight) AS weight
      FROM \(shop.schema).labelled_impressions l
        JOIN \(shop.schema).true_probabilities t USING (impression_id)
      """)
    configuration.impressions.weight = "weight"
    return configuration
  }

  @Test(.timeLimit(.minutes(10)))
  func `weights count by their shares, and evaluation does not look at them`() throws {
    let shop = try Shop("weighted", impressions: 1_000)
    let plain = try shop.train(shop.configuration("training.epochs=1"), to: "plain")
    func train(_ weight: String, to name: String) throws -> String {
      try shop.train(Self.configuration(shop, weight: weight), to: name).model
    }
    func bytes(_ model: String) throws -> Data {
      try shop.bytes("weights.safetensors", of: model)
    }
    let constant = try train("2.5::float8", to: "constant")
    #expect(try bytes(constant) == bytes(plain.model))
    let model = try train("1 + l.position", to: "weighted")
    #expect(try bytes(model) != bytes(plain.model))
    #expect(try bytes(train("4.0 * (1 + l.position)", to: "scaled")) == bytes(model))
    let unweighted = try shop.configuration("training.epochs=1")
    #expect(
      try shop.evaluate(constant, unweighted).tasks == shop.evaluate(plain.model, unweighted).tasks)
  }

  @Test(.timeLimit(.minutes(10)))
  func `weights that are none stop the run with the column and a row`() throws {
    let shop = try Shop("badly_weighted", impressions: 1_000)
    for (weight, found) in [
      ("nullif(l.impression_id, 30)::float8", "NULL"), ("-1", "-1.0"), ("'NaN'::float8", "nan"),
    ] {
      let error = #expect(throws: LogEncodingError.self) {
        try shop.train(Self.configuration(shop, weight: weight))
      }
      guard case .badValue("weight", row: _, let name, found: found, _)? = error else {
        Issue.record("\(String(describing: error)) for \(weight)")
        continue
      }
      #expect(name.hasPrefix("request_id ") && name.contains(", item_id "))
    }
    let weightless = try Self.configuration(shop, weight: "0")
    #expect(throws: TrainingError.noLabels(task: "click", areWeighted: true)) {
      try shop.train(weightless)
    }
    #expect(
      try CheckJob(configuration: weightless).run(JobContext()).problems.map(\.message)
        == ["weight is 0 in all training rows, so none of them would train"])
    let rare = try Self.configuration(shop, weight: "(l.impression_id % 50 = 0)::int")
    #expect(try CheckJob(configuration: rare).run(JobContext()).problems == [])
  }

  @Test(.timeLimit(.minutes(10)))
  func `a run that samples negatives is shorter and repeats to the last bit`() throws {
    let shop = try Shop("sampled")
    func train(negatives: Double?, to name: String) throws -> TrainJob.Report {
      var configuration = try shop.configuration(
        "training.batch=64", "training.weight_average=0.5",
        "optimizer={embeddings: {row_decay: 0.1}}")
      configuration.training.negatives = negatives
      return try shop.train(configuration, to: name)
    }
    let all = try train(negatives: nil, to: "all")
    let first = try train(negatives: 0.2, to: "first")
    let second = try train(negatives: 0.2, to: "second")
    #expect(first.rows == all.rows)
    #expect(
      try shop.bytes("weights.safetensors", of: first.model)
        == shop.bytes("weights.safetensors", of: second.model))
    let steps = [all, first].map { $0.combining.reduce(0) { $0 + $1.steps } }
    #expect(steps[1] < steps[0] / 2)
    for task in ["click", "purchase"] {
      let sampled = try #require(first.validation[task])
      #expect(sampled.rows == all.validation[task]?.rows)
    }
  }
}
