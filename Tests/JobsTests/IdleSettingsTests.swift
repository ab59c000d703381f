import Jobs
import Testing

@Suite(.serialized)
struct IdleSettingsTests {
  private func warnings(
    _ network: String, reads: String = "null", _ more: String...
  ) throws -> [String] {
    let shop = try Shop("idle", impressions: 300)
    let configuration = try shop.configuration(
      ["network=\(network)", "tasks.1.reads=\(reads)"] + more)
    return try CheckJob(configuration: configuration).run(JobContext()).warnings
      .filter { $0.contains("has no effect") }
  }

  @Test func `settings that another architecture has are told`() throws {
    #expect(
      try warnings(
        "{architecture: mmoe, levels: 3, task_experts: 2, calibrator: 0.5}", reads: "[click]")
        == [
          "tasks.reads has no effect with architecture mmoe: it is a setting of asymmetric",
          "network.task_experts has no effect with architecture mmoe: it is a setting of cgc, ple, stem",
          "network.levels has no effect with architecture mmoe: it is a setting of ple",
          "network.calibrator has no effect with architecture mmoe: it is a setting of aitm",
        ])
    #expect(
      try warnings("{architecture: shared_bottom, gate_temperature: 2}") == [
        "network.gate_temperature has no effect with architecture shared_bottom: "
          + "it is a setting of omoe, mmoe, cgc, ple, stem"
      ])
  }

  @Test func `what an architecture uses, widths and what is to be chosen are not`() throws {
    #expect(
      try warnings(
        "{architecture: ple, levels: 3, task_experts: 2, bottom: [8], load_balancing: 0.1}")
        == [])
    #expect(try warnings("{architecture: auto, levels: 3}") == [])
  }

  @Test func `weights of tasks that the combiner does not take are told`() throws {
    let weight = "tasks.1.weight=20"
    #expect(try warnings("{}", weight) == [])
    #expect(try warnings("{}", weight, "combiner.kind=conditioned") == [])
    #expect(
      try warnings("{}", weight, "combiner.kind=pcgrad") == [
        "tasks.purchase.weight has no effect with combiner pcgrad: "
          + "it is a setting of static, conditioned"
      ])
    #expect(
      try warnings("{}", weight, "combiner={kind: static, weights: {purchase: 3}}") == [
        "tasks.purchase.weight has no effect: combiner.weights has another for it"
      ])
  }

  @Test func `what an optimizer is told beside MTAdam is told`() throws {
    let mtadam = "combiner={kind: mtadam, main: click}"
    #expect(try warnings("{}", mtadam) == [])
    let told = try warnings(
      "{}", mtadam, "optimizer={kind: adam, clip_norm: 1, embeddings: {beta1: 0}}")
    #expect(
      told
        == ["clip_norm", "embeddings.beta1"].map {
          "optimizer.\($0) has no effect on what tasks share with combiner mtadam, "
            + "which is an optimizer itself"
        })
  }

  @Test func `learning rates of what no task trains alone are told`() throws {
    for (network, isTold) in [
      ("{architecture: esmm}", true), ("{architecture: escm2}", true),
      ("{architecture: escm2, counterfactual: dr}", false), ("{architecture: aitm}", true),
      ("{architecture: aitm, calibrator: 0}", false), ("{architecture: mmoe}", false),
    ] {
      let told = try warnings(
        network, "tasks.click.learning_rate=0.5", "tasks.purchase.learning_rate=0.5")
      #expect(told.contains { $0.contains("tasks.click.learning_rate has no effect") } == isTold)
      #expect(!told.contains { $0.contains("tasks.purchase.learning_rate") })
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `an average over less than two steps is told`() throws {
    let shop = try Shop("idle_average", impressions: 300)
    for (passes, isTold) in [(0.01, true), (2, false)] {
      let messages = Messages()
      _ = try TrainJob(
        configuration: shop.configuration(
          "training.weight_average=\(passes)", "training.epochs=1", "output.name=average\(isTold)")
      ).run(messages.context)
      let told = messages.all.contains { $0.contains("training.weight_average has no effect") }
      #expect(told == isTold)
    }
  }
}
