import Foundation
import Jobs
import PostgresLogs
import RankingMetrics
import RunConfiguration
import Testing

struct RepeatedTrainingTests {
  @Test(.timeLimit(.minutes(10)))
  func `the encoded log is kept until the data, the settings or a wish change that`() throws {
    let shop = try Shop("kept")
    let configuration = try shop.configuration("training.epochs=1")
    let first = try shop.train(configuration, to: "first")
    #expect(!first.reusedLog)
    let second = try shop.train(configuration, to: "second")
    #expect(second.reusedLog)
    #expect(second.readingSeconds == 0)
    #expect(
      try shop.bytes("weights.safetensors", of: first.model)
        == shop.bytes("weights.safetensors", of: second.model))

    #expect(try !shop.train(configuration, fresh: true, to: "third").reusedLog)

    try shop.connection.execute("UPDATE kept.items SET price = price + 1 WHERE item_id = 3")
    // The server counts a session's changes when it is idle for a while, or when it is asked to.
    try shop.connection.execute("SELECT pg_stat_force_next_flush()")
    #expect(try !shop.train(configuration, to: "fourth").reusedLog)
    #expect(try shop.train(configuration, to: "fifth").reusedLog)

    let other = try shop.configuration("training.epochs=1", "features.3.transform=none")
    #expect(try !shop.train(other, to: "sixth").reusedLog)
  }

  @Test(.timeLimit(.minutes(10)))
  func `encoded logs of other nights and models take the place of older ones`() throws {
    let shop = try Shop("nights", impressions: 1_000)
    let configuration = try shop.configuration(
      "training.epochs=1", "split={train: 5 days, validation: 1 day, test: 1 day}")
    func files() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "\(shop.folder)/columns")
        .count { $0.hasSuffix(".columns") }
    }
    var models: [String] = []
    for night in 1...6 {
      try shop.connection.execute(
        "UPDATE nights.impressions SET shown_at = shown_at + interval '1 hour'")
      try shop.connection.execute("SELECT pg_stat_force_next_flush()")
      let report = try shop.train(configuration, to: "night\(night)")
      #expect(!report.reusedLog)
      #expect(try files() == 1)
      models.append(report.model)
    }
    let first = try shop.evaluate(models[0], configuration).tasks
    for model in models { _ = try shop.evaluate(model, configuration) }
    #expect(try files() == 1 + 4)
    #expect(try shop.train(configuration, to: "again").reusedLog)
    #expect(try shop.evaluate(models[0], configuration).tasks == first)
  }

  @Test(
    .timeLimit(.minutes(10)),
    arguments: [
      "{kind: static}", "{kind: pcgrad}", "{kind: uncertainty}", "{kind: moco}", "{kind: mtadam}",
      "{kind: gradnorm}",
      "{kind: mgda, every: 3}",
    ])
  func `a resumed run gives the same bytes as an uninterrupted one`(combiner: String) throws {
    try expectSameBytes("resumed_\(combiner.filter(\.isLetter))", "combiner=\(combiner)")
  }

  @Test(.timeLimit(.minutes(10)))
  func `a resumed run with an average of the weights gives the same bytes, too`() throws {
    try expectSameBytes("averaged", "training.weight_average=0.5")
  }

  private func expectSameBytes(_ name: String, _ setting: String) throws {
    let shop = try Shop(name, impressions: 1_500)
    let short = try shop.train(try shop.configuration(setting, "training.epochs=1"), to: "short")
    let whole = try shop.train(try shop.configuration(setting, "training.epochs=3"), to: "whole")
    let resumed = try shop.train(
      try shop.configuration(setting, "training.epochs=3"), resuming: short.model, to: "resumed")
    #expect(resumed.epochs == 3)
    for file in ["weights.safetensors", "state.safetensors"] {
      #expect(try shop.bytes(file, of: whole.model) == shop.bytes(file, of: resumed.model))
    }
    #expect(
      try shop.bytes("weights.safetensors", of: short.model)
        != shop.bytes("weights.safetensors", of: whole.model))
  }

  @Test(.timeLimit(.minutes(10)))
  func `a resumed run keeps the passes and the best pass of its former part`() throws {
    let shop = try Shop("patient", impressions: 2_000)
    func configuration(_ epochs: Int) throws -> RunConfiguration {
      try shop.configuration(
        "training.epochs=\(epochs)", "training.early_stopping={patience: 4}",
        "optimizer.learning_rate=0.02", "training.weight_average=0.1")
    }
    let whole = try shop.train(try configuration(7), to: "whole")
    let best = whole.bestEpoch
    #expect(best > 1 && best < 7 && whole.epochs > best)
    let short = try shop.train(try configuration(best), to: "short")
    let resumed = try shop.train(try configuration(7), resuming: short.model, to: "resumed")
    #expect(resumed.bestEpoch == best)
    #expect(resumed.summaries == whole.summaries)
    #expect(resumed.validation == whole.validation)
    for file in ["weights.safetensors", "state.safetensors"] {
      #expect(try shop.bytes(file, of: whole.model) == shop.bytes(file, of: resumed.model))
    }
    #expect(whole.summaries.count == whole.epochs)
    #expect(try StoredModel(opening: resumed.model).description.epochs == whole.summaries)
  }

  @Test func `a model of other features isn't resumed`() throws {
    let shop = try Shop("other_features", impressions: 1_000)
    let configuration = try shop.configuration("training.epochs=1")
    let model = try shop.train(configuration, to: "first").model
    let other = try shop.configuration("training.epochs=2", "features.3.transform=none")
    #expect(throws: JobError.self) { try shop.train(other, resuming: model, to: "second") }
  }

  @Test func `a model of other settings isn't resumed, and the setting is named`() throws {
    let shop = try Shop("other_settings", impressions: 1_000)
    let model = try shop.train(try shop.configuration("training.epochs=1"), to: "first").model
    for (override, setting) in [
      ("training.batch=7", "training.batch"), ("training.seed=99", "training.seed"),
      ("optimizer={kind: adagrad}", "optimizer"), ("network.experts=5", "network"),
      ("combiner={kind: pcgrad}", "combiner"),
      ("training.weight_average=1", "training.weight_average"),
      ("training.negatives=0.5", "training.negatives"),
      ("impressions.weight=position", "impressions.weight"),
    ] {
      let other = try shop.configuration("training.epochs=2", override)
      let error = #expect(throws: JobError.self) {
        try shop.train(other, resuming: model, to: "second")
      }
      #expect(error?.description.contains("another \(setting),") == true, "\(override)")
    }
  }
}
