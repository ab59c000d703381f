import Combiners
import Interactions
import Matrices
import Networks
import Optimizers
import TestSupport
import Testing
import Training
import Workers

/// Gates of DSelect-k, of rows and static ones, within networks.
struct DSelectKTests {
  /// Three experts leave a number over, but for those architectures that add some of the tasks'.
  static func settings(isStatic: Bool) -> NetworkSettings {
    var settings = GradientTests.settings
    settings.gate = .dselectK(
      DSelectK(selected: 2, smoothStep: 1.1, entropy: 0.05, isStatic: isStatic))
    settings.loadBalancing = 0.5
    return settings
  }

  @Test(arguments: MixtureSettingsTests.mixtures, [false, true])
  func `gradients equal central differences`(architecture: Architecture, isStatic: Bool) throws {
    try GradientTests.expectCentralDifferences(
      architecture, DSelectKTests.settings(isStatic: isStatic), TinyLog.funnel
    ) { weights in
      // From -0.49 to 0.71: some variables are decided.
      for parameter in weights.network.parameters where parameter.name.hasSuffix("gate/bias") {
        for element in parameter.range { weights.dense.storage[element] *= 10 }
      }
    }
  }

  @Test(arguments: [false, true])
  func `gradients of conditioned gates equal central differences`(isStatic: Bool) throws {
    try ConditionedGradientTests.expectCentralDifferences(
      .mmoe, DSelectKTests.settings(isStatic: isStatic))
  }

  @Test(arguments: MixtureSettingsTests.mixtures, [false, true])
  func `gradients of the tasks by themselves add up to the sum's`(
    architecture: Architecture, isStatic: Bool
  ) throws {
    try PassTests.expectSum(architecture, DSelectKTests.settings(isStatic: isStatic))
  }

  @Test func `of four selectors start nearly even`() {
    let network = Architecture.mmoe.make(
      schema: TinyLog.schema, taskNames: TinyLog.taskNames,
      settings: NetworkSettings(
        experts: 8, expert: [4], tower: [],
        gate: .dselectK(DSelectK(selected: 4, isStatic: true))))
    let weights = Weights(network: network, momentCount: 0, seed: 3)
    let gates = ScoringEngine(weights: weights, schema: TinyLog.schema)
      .gateUse(of: TinyLog.make(rows: 5), rows: .range(0..<5))
    #expect(gates.count == TinyLog.taskNames.count)
    for gate in gates {
      #expect(gate.shares.allSatisfy { abs($0 - 0.125) < 0.02 && $0 != 0.125 })
    }
  }

  /// Learns a log of which one expert in five is enough; the uses of all gates, row by row.
  private static func learnt(isStatic: Bool) throws -> [GateUse] {
    let log = LearningTests.log()
    let optimizer = Optimizer(learningRate: 0.02)
    let network = Architecture.mmoe.make(
      schema: log.schema, taskNames: log.taskNames,
      settings: NetworkSettings(
        experts: 5, expert: [16], tower: [8],
        gate: .dselectK(DSelectK(selected: 2, entropy: 0.1, isStatic: isStatic))))
    let engine = TrainingEngine(
      weights: Weights(network: network, momentCount: optimizer.momentCount, seed: 2),
      schema: log.schema, optimizer: optimizer,
      combining: .losses(try StaticWeights([1, 1])), batchCapacity: 32, microBatch: 16,
      workers: WorkerGroup(workerCount: 2), seed: 1)
    let loop = try TrainingLoop(
      engine: engine, schedule: TrainingSchedule(batch: 32, epochs: 40), log: log,
      rows: .range(0..<256))
    let losses = try loop.run { _ in }.last?.losses.compactMap(\.self) ?? []
    #expect(losses.count == 2 && losses.allSatisfy { $0 < 0.1 }, "\(losses)")
    let scoring = ScoringEngine(weights: engine.weights, schema: log.schema)
    return (0..<8).flatMap { scoring.gateUse(of: log, rows: .range($0..<$0 + 1)) }
  }

  @Test(arguments: [false, true])
  func `come to select two experts of five at most`(isStatic: Bool) throws {
    let uses = try DSelectKTests.learnt(isStatic: isStatic)
    #expect(uses.count == 16)
    for use in uses {
      #expect(use.shares.count { $0 > 0 } <= 2, "\(use.shares)")
      #expect(abs(use.shares.reduce(0, +) - 1) < 1e-6, "\(use.shares)")
    }
    if isStatic {
      let ofTasks = (0..<2).map { task in stride(from: task, to: 16, by: 2).map { uses[$0] } }
      for uses in ofTasks { #expect(uses.allSatisfy { $0 == uses[0] }) }
    }
  }
}
