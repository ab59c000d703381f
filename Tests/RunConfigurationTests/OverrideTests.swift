import Networks
import Optimizers
import RunConfiguration
import Testing

/// Settings given beside the file.
struct OverrideTests {
  private func load(_ overrides: String...) throws -> RunConfiguration {
    try RunConfiguration(yaml: Fixtures.text("good/readme.yaml"), overrides: overrides)
  }

  private func messages(_ overrides: String...) throws -> String {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: Fixtures.text("good/readme.yaml"), overrides: overrides)
    }
    return try #require(error).description
  }

  @Test func `values of any shape replace those of the file`() throws {
    let run = try load(
      "network.experts=8", "tasks.0.weight=2", "training.epochs=1", "network.expert=[32, 16]",
      "optimizer={kind: sgd, momentum: 0.9}", "impressions.where=surface = 'home'")
    #expect(run.network.settings.experts == 8)
    #expect(run.tasks[0].weight == 2)
    #expect(run.training.epochs == 1)
    #expect(run.network.settings.expert == [32, 16])
    #expect(run.optimizer.rule == Optimizer(kind: .sgd, momentum: 0.9))
    #expect(run.impressions.condition == "surface = 'home'")
  }

  @Test func `list entries go by name too, and sections that the file lacks appear`() throws {
    let run = try load("tasks.purchase.weight=5", "training.early_stopping.patience=4")
    #expect(run.taskWeights == [1, 1, 5])
    #expect(run.training.earlyStopping == .init(patience: 4))
  }

  @Test func `features go by the names that are made from their columns, too`() throws {
    let features = try Fixtures.text("good/features.yaml")
    let run = try RunConfiguration(
      yaml: features,
      overrides: [
        "features.user_id.dimension=9", "features.user_id_rate.prior=7", "features.taste.prior=2",
        "features.user_id_x_hour.hash=50", "features.price.bins=5",
      ])
    let byPosition = try RunConfiguration(
      yaml: features,
      overrides: [
        "features.0.dimension=9", "features.3.prior=7", "features.4.prior=2",
        "features.5.hash=50", "features.10.bins=5",
      ])
    #expect(run.features == byPosition.features)
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: features, overrides: ["features.user_id_rates.prior=7"])
    }
    #expect(try #require(error).description.contains("did you mean features.user_id_rate?"))
  }

  @Test func `null takes a key away, and the last of two wins`() throws {
    let run = try load("impressions.request=null", "training.seed=1", "training.seed=2")
    #expect(run.impressions.request == nil)
    #expect(run.training.seed == 2)
  }

  @Test func `mistakes name their setting`() throws {
    #expect(
      try messages("combiner.kind=")
        == "--set combiner.kind: there is no value; combiner.kind=null takes the key out")
    #expect(
      try messages("network.architecture=mmoee")
        == """
        --set network.architecture: "mmoee" is not one of single_task, \
        shared_bottom, cross_stitch, asymmetric, omoe, mmoe, cgc, ple, stem, esmm, escm2, aitm, auto; did you mean "mmoe"?
        """)
    #expect(
      try messages("epochs") == "--set epochs: not path=value, as in network.experts=8")
    #expect(
      try messages("a..b=1") == "--set a..b: not path=value, as in network.experts=8")
    #expect(
      try messages("tasks[2].weight=1")
        == """
        --set tasks[2].weight: what is in a list comes after a point; did you mean tasks.2.weight?
        """)
    #expect(
      try messages("network.expert[0]=8")
        == "--set network.expert[0]: a list is set as a whole; did you mean network.expert=[…]?")
    #expect(
      try messages("tasks.9.weight=1")
        == "--set tasks.9.weight: tasks: no entry 9; tasks has 3, counted from 0")
    #expect(
      try messages("tasks.purchse.weight=1")
        == """
        --set tasks.purchse.weight: tasks: no entry purchse; tasks has 3, counted from 0; \
        did you mean tasks.purchase?
        """)
    #expect(
      try messages("training.seed.low=1")
        == "--set training.seed.low: training.seed: a single value; there is no low in it")
    #expect(
      try messages("training.seed=[1")
        .hasPrefix("--set training.seed: not readable as YAML: while parsing a flow sequence"))
    #expect(
      try messages("network.layers=2", "training.batch=0").split(separator: "\n").count == 2)
  }

  @Test func `a password in a setting stays out of the messages`() throws {
    for setting in [
      "databse=postgresql://me:hunter2@db/shop", "database.url=postgresql://me:hunter2@db/shop",
      "training.batch=postgresql://me:hunter2@db/shop", "database=[postgresql://me:hunter2@db/x",
    ] {
      #expect(!(try messages(setting)).contains("hunter2"))
    }
  }
}
