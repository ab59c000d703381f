import Combiners
import Interactions
import Matrices
import Networks
import Optimizers
import TestSupport
import Testing
import Training
import Workers

/// Temperature, dropout and load balancing of mixtures of experts.
struct MixtureSettingsTests {
  static let mixtures = [Architecture.omoe, .mmoe, .cgc, .ple, .stem]

  static func settings(_ change: (inout NetworkSettings) -> Void) -> NetworkSettings {
    var settings = GradientTests.settings
    change(&settings)
    return settings
  }

  @Test(arguments: mixtures) func `gradients equal central differences`(
    architecture: Architecture
  ) throws {
    let settings = MixtureSettingsTests.settings {
      ($0.gateTemperature, $0.loadBalancing) = (0.4, 3)
    }
    try GradientTests.expectCentralDifferences(architecture, settings, TinyLog.funnel)
  }

  @Test(arguments: mixtures) func `gradients of the tasks by themselves add up to the sum's`(
    architecture: Architecture
  ) throws {
    let settings = MixtureSettingsTests.settings {
      ($0.gateTemperature, $0.loadBalancing, $0.expertDropout) = (2, 3, 0.4)
    }
    try PassTests.expectSum(architecture, settings)
  }

  @Test(arguments: mixtures) func `what a row loses depends on no micro-batch and no worker`(
    architecture: Architecture
  ) throws {
    let settings = MixtureSettingsTests.settings { $0.expertDropout = 0.5 }
    let log = TinyLog.make(rows: 37)
    let combining = Combining.losses(try StaticWeights([1, 1, 1]))
    func change(_ settings: NetworkSettings, microBatch: Int, workers: Int) throws
      -> [String: [Double]]
    {
      try GradientTests.change(
        GradientTests.weights(architecture, settings), combining, log: log,
        microBatch: microBatch, workers: workers)
    }
    let whole = try change(settings, microBatch: 64, workers: 1)
    let parts = try change(settings, microBatch: 5, workers: 3)
    #expect(GradientTests.largestDifference(whole, parts) < Tolerance.float32Gradient)
    let plain = try change(GradientTests.settings, microBatch: 64, workers: 1)
    #expect(GradientTests.largestDifference(whole, plain) > 100 * Tolerance.float32Gradient)
  }

  @Test func `gradients of a mixture that lost experts are of what is left`() throws {
    let settings = MixtureSettingsTests.settings { $0.expertDropout = 0.5 }
    let log = TinyLog.make(rows: 16)
    let combining = Combining.losses(try StaticWeights([1, 1, 1]))
    let moved = try GradientTests.change(
      GradientTests.weights(.mmoe, settings), combining, log: log)
    for name in ["click/gate/bias", "expert1/1/bias"] {
      for index in 0..<3 {
        func loss(_ shift: Float) throws -> Double {
          let weights = GradientTests.weights(.mmoe, settings)
          for entry in weights.network.parameters where entry.name == name {
            weights.dense.storage[entry.offset + index] += shift
          }
          let report = try GradientTests.engine(weights, combining)
            .step(rows: 0..<16, of: log, step: 1, learningRate: 1)
          return report.losses.reduce(0) { $0 + ($1 ?? 0) }
        }
        let slope = try (loss(1e-3) - loss(-1e-3)) / 2e-3
        // Losses of float32, 1e-3 apart.
        #expect(abs(slope + (moved[name]?[index] ?? 0)) < 5e-4, "\(name)[\(index)]")
      }
    }
  }

  @Test func `load balancing evens out the use of experts`() throws {
    let log = LearningTests.log()
    let largest = try [0.0, 1].map { weight in
      let optimizer = Optimizer(learningRate: 0.03)
      let network = Architecture.mmoe.make(
        schema: log.schema, taskNames: log.taskNames,
        settings: NetworkSettings(
          experts: 3, expert: [16], tower: [8], loadBalancing: weight))
      let weights = Weights(network: network, momentCount: optimizer.momentCount, seed: 2)
      // One expert has all but all to begin with.
      for parameter in network.parameters where parameter.name.hasSuffix("gate/bias") {
        weights.dense.storage[parameter.offset] = 3
      }
      let engine = TrainingEngine(
        weights: weights, schema: log.schema, optimizer: optimizer,
        combining: .losses(try StaticWeights([1, 1])), batchCapacity: 32, microBatch: 16,
        workers: WorkerGroup(workerCount: 2), seed: 1)
      let loop = try TrainingLoop(
        engine: engine, schedule: TrainingSchedule(batch: 32, epochs: 16), log: log,
        rows: .range(0..<256))
      let losses = try loop.run { _ in }.last?.losses.compactMap(\.self) ?? []
      #expect(losses.count == 2 && losses.allSatisfy { $0 < 0.1 }, "\(losses)")
      let use = ScoringEngine(weights: weights, schema: log.schema).gateUse(
        of: log, rows: .range(0..<256))
      return use.flatMap(\.shares).max() ?? 0
    }
    #expect(largest[0] > 0.7 && largest[1] < 0.5, "\(largest)")
  }
}
