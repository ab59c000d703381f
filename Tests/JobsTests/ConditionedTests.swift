import Foundation
import Jobs
import RankingMetrics
import RunConfiguration
import Testing

/// Models that are told the weights of the tasks when they score.
struct ConditionedTests {
  @Test(.timeLimit(.minutes(10)))
  func `a conditioned model goes by the weights that it is asked for`() throws {
    let shop = try Shop("conditioned", impressions: 1_500)
    let configuration = try shop.configuration("combiner={kind: conditioned, draws: 2}")
    let model = try shop.train(configuration).model
    func evaluate(_ weights: [String: Double]?) throws -> EvaluateJob.Report {
      var job = EvaluateJob(model: model, configuration: configuration)
      job.columnDirectory = "\(shop.folder)/columns"
      job.weights = weights
      return try job.run(JobContext())
    }
    let equal = try evaluate(nil)
    #expect(equal.weights == ["click": 0.5, "purchase": 0.5])
    #expect(
      try evaluate(["click": 3, "purchase": 3]).tasks["click"]?.auc == equal.tasks["click"]?.auc)
    let click = try evaluate(["click": 2])
    #expect(click.weights == ["click": 1, "purchase": 0])
    #expect(click.tasks["click"]?.logLoss != equal.tasks["click"]?.logLoss)
    for (weights, problem) in [
      (["clik": 1.0], "weights: there is no task \"clik\"; the tasks are click, purchase"),
      (["click": -1], "weights: click: -1.0 is not a number ≥ 0"),
      (["click": .nan], "weights: click: nan is not a number ≥ 0"),
      (["click": 0], "weights: one of them must be above 0"),
      ([:], "weights: one of them must be above 0"),
    ] {
      #expect(throws: JobError.badWeights(problem)) { try evaluate(weights) }
    }
    var scoring = ScoreJob(configuration: configuration, model: model)
    scoring.weights = ["purchase": 1]
    #expect(try scoring.run(JobContext()).weights == ["click": 0, "purchase": 1])
  }

  @Test(.timeLimit(.minutes(10)))
  func `a model of one trade-off takes no weights`() throws {
    let shop = try Shop("unconditioned", impressions: 1_000)
    let configuration = try shop.configuration("training.epochs=1")
    let model = try shop.train(configuration).model
    #expect(try shop.evaluate(model, configuration).weights == nil)
    var job = EvaluateJob(model: model, configuration: configuration)
    job.weights = ["click": 1]
    let expected =
      "\(model) was trained for one trade-off, so it takes no weights; "
      + "train with combiner.kind=conditioned to choose them later"
    #expect(throws: JobError.badWeights(expected)) { try job.run(JobContext()) }
  }

  @Test(.timeLimit(.minutes(10)))
  func `training that goes on equals training without a stop`() throws {
    let shop = try Shop("conditioned_resumed", impressions: 1_000)
    let whole = try shop.configuration("combiner={kind: conditioned, draws: 2}")
    let half = try shop.configuration("combiner={kind: conditioned, draws: 2}", "training.epochs=1")
    let first = try shop.train(half, to: "half").model
    let resumed = try shop.train(whole, resuming: first, to: "resumed").model
    let straight = try shop.train(whole, to: "straight").model
    #expect(
      try shop.bytes("weights.safetensors", of: resumed)
        == shop.bytes("weights.safetensors", of: straight))
  }
}
