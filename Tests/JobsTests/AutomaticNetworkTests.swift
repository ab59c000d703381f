import Interactions
import Jobs
import Networks
import Optimizers
import RunConfiguration
import Testing

struct AutomaticNetworkTests {
  private static func choice(
    rows: Int = 100_000, rates: [Double], rowsPerID: Double? = nil
  ) -> AutomaticNetwork.Choice {
    AutomaticNetwork.choose(
      AutomaticNetwork.Facts(
        rows: rows,
        tasks: rates.enumerated().map { index, rate in
          AutomaticNetwork.Task(
            name: "task\(index)", positives: Int((rate * Double(rows)).rounded()), rate: rate)
        }, rowsPerID: rowsPerID))
  }

  @Test func `one task has a network of its own, however few rows there are`() {
    #expect(Self.choice(rates: [0.01]).architecture == .singleTask)
    #expect(Self.choice(rows: 100, rates: [0.5]).architecture == .singleTask)
  }

  @Test func `few rows or positives share a trunk`() {
    #expect(Self.choice(rows: 19_999, rates: [0.45, 0.018]).architecture == .sharedBottom)
    #expect(Self.choice(rows: 20_000, rates: [0.45, 0.018]).architecture == .stem)
    #expect(Self.choice(rows: 100_000, rates: [0.01, 0.009_99]).architecture == .sharedBottom)
    #expect(Self.choice(rows: 100_000, rates: [0.01, 0.01]).architecture == .stem)
    #expect(Self.choice(rows: 100_000, rates: [0, 0]).architecture == .sharedBottom)
  }

  @Test func `a rare task, or rates far apart, have embeddings of their own`() {
    for (rates, architecture, experts) in [
      ([0.5, 0.049], Architecture.stem, 2), ([0.5, 0.05], .mmoe, nil),
      ([0.51, 0.05], .stem, 2), ([0.3, 0.2, 0.25], .mmoe, nil), ([0.5, 0], .stem, 2),
      ([0.45, 0.32, 0.018, 0.019], .stem, 2),
    ] as [([Double], Architecture, Int?)] {
      let choice = Self.choice(rates: rates)
      #expect(choice.architecture == architecture, "\(rates)")
      #expect(choice.experts == experts, "\(rates)")
      #expect(choice.reasons.count == 1)
    }
    #expect(
      Self.choice(rates: [0.45, 0.018]).reasons
        == ["task1 is rare, positive in 1.8% of its rows"])
  }

  @Test func `what is said of gates and experts is kept`() {
    let facts = AutomaticNetwork.Facts(
      rows: 100, tasks: [.init(name: "click", positives: 40, rate: 0.4)], rowsPerID: nil)
    let choice = AutomaticNetwork.choose(facts, needsExperts: true)
    #expect(choice.architecture == .mmoe)
    #expect(choice.reasons.last == "gate or expert_normalization ask for experts")
    let rare = AutomaticNetwork.Facts(
      rows: 100_000,
      tasks: [0.4, 0.01].map { .init(name: "\($0)", positives: 50_000, rate: $0) }, rowsPerID: nil)
    #expect(
      AutomaticNetwork.choose(rare, needsExperts: true) == AutomaticNetwork.choose(rare))
  }

  @Test func `ids of few rows are spared`() {
    for (rows, isSpared) in [(99.9, true), (100, false), (nil, false)] as [(Double?, Bool)] {
      let choice = Self.choice(rates: [0.3, 0.3], rowsPerID: rows)
      #expect(choice.sparesEmbeddings == isSpared)
      #expect(choice.reasons.count == (isSpared ? 2 : 1))
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `the model holds what was chosen and why, and goes on without choosing`() throws {
    let shop = try Shop("automatic", impressions: 1_500)
    let configuration = try shop.configuration(
      "network={architecture: auto, experts: 3}", "training.batch=64")
    let report = try shop.train(configuration, to: "first")
    let model = try ModelDescription(opening: report.model)
    #expect(model.configuration.network.automatic == nil)
    #expect(model.configuration.network.architecture == .sharedBottom)
    #expect(model.configuration.network.settings.experts == 3)
    #expect(model.configuration.training.weightAverage == 0.25)
    #expect(model.configuration.optimizer.rule.embeddings.beta1 == 0)
    #expect(model.configuration.optimizer.rule.embeddings.rowDecay == 0.1)
    #expect(model.choice?.hasPrefix("network.architecture auto is shared_bottom, ") == true)
    #expect(model.choice?.contains("training rows are few") == true)
    #expect(try shop.evaluate(report.model, configuration).tasks.count == 2)
    // The same as by the configuration that it holds, to the bit.
    let plain = try shop.train(model.configuration, to: "plain").model
    let name = "weights.safetensors"
    #expect(try shop.bytes(name, of: report.model) == shop.bytes(name, of: plain))
    // A night would go on from it as it is, too.
    #expect(try StoredModel(opening: report.model).differenceForWarmStart(configuration) == nil)
    let more = try shop.configuration(
      "network={architecture: auto, experts: 5}", "training.batch=64")
    #expect(try StoredModel(opening: report.model).differenceForWarmStart(more) == "network")
    // A pass of four steps leaves nothing to average.
    let short = try shop.configuration("network.architecture=auto")
    let messages = Messages()
    let brief = try TrainJob(configuration: short).run(messages.context).model
    #expect(try ModelDescription(opening: brief).configuration.training.weightAverage == nil)
    #expect(!messages.all.contains { $0.contains("no effect") })
    var longer = configuration
    longer.training.epochs = 3
    let resumed = try shop.train(longer, resuming: report.model, to: "resumed")
    #expect(try ModelDescription(opening: resumed.model).choice == model.choice)
  }

  @Test(.timeLimit(.minutes(10)))
  func `what the configuration says stays`() throws {
    let shop = try Shop("automatic_said", impressions: 1_500)
    let configuration = try shop.configuration(
      "network.architecture=auto", "training.weight_average=2",
      "optimizer={embeddings: {beta1: 0.5, row_decay: 0.3}}")
    let model = try ModelDescription(opening: shop.train(configuration, to: "said").model)
    #expect(model.configuration.training.weightAverage == 2)
    #expect(model.configuration.optimizer.rule.embeddings.beta1 == 0.5)
    #expect(model.configuration.optimizer.rule.embeddings.rowDecay == 0.3)
    let other = try shop.configuration("network.architecture=auto", "optimizer={kind: sgd}")
    let second = try ModelDescription(opening: shop.train(other, to: "other").model)
    #expect(second.configuration.optimizer.rule.embeddings == Optimizer.Embeddings())
  }

  @Test(.timeLimit(.minutes(10)))
  func `trials choose as training does`() throws {
    let shop = try Shop("automatic_trial", impressions: 1_500)
    let configuration = try shop.configuration(
      "network.architecture=auto", "training.epochs=1", "training.workers=1",
      "training.batch=16")
    let report = try shop.train(configuration, to: "alone")
    let messages = Messages()
    let data = try TrainingData(
      configuration, context: messages.context, columnDirectory: "\(shop.folder)/columns")
    #expect(messages.all.contains { $0.hasPrefix("network.architecture auto is shared_bottom") })
    let trial = try data.trial(configuration) {}
    #expect(trial.validation == report.validation)
  }
}
