import Combiners
import Foundation
import Interactions
import Networks
import Optimizers
import TestSupport
import Testing
import Training
import Workers

/// One conditioned model holds the trade-off between two tasks that pull against each other.
struct ConditionedLearningTests {
  /// Two numbers, of which one decides the first task, the other the second.
  ///
  /// A linear bottom of one hidden value has no room for both. A fifth of the labels are wrong, so that
  /// no large weights help.
  static func log() -> EncodedLog {
    let bits = [0, 1].map { place in (0..<512).map { $0 >> place & 1 } }
    return EncodedLog(
      schema: InputSchema(tables: [], lookups: [], numbers: ["first", "second"]),
      rowCount: 512, lookups: [], numbers: bits.map { Column($0.map { Float(2 * $0 - 1) }) },
      taskNames: ["first", "second"],
      labels: bits.map { bits in
        Column(bits.enumerated().map { UInt8($0 / 4 % 5 == 0 ? 1 - $1 : $1) })
      },
      times: Column((0..<512).map { Int64($0) }))
  }

  /// Mean loss of each task in nats, by what the scores are told.
  static func losses(_ engine: TrainingEngine, _ log: EncodedLog, _ shares: [Double]) -> [Double] {
    let scores = ScoringEngine(weights: engine.weights, schema: log.schema)
      .scores(of: log, rows: .range(0..<512), preference: Preference(shares))
    return zip(scores, log.labels).map { scores, labels in
      (0..<512).reduce(0) { sum, row in
        sum - Double(log1p(-abs(Float(labels[row]) - scores[row]))) / 512
      }
    }
  }

  @Test func `each task is better served where it counts more`() throws {
    let log = ConditionedLearningTests.log()
    let optimizer = Optimizer(learningRate: 0.02)
    let network = Architecture.sharedBottom.make(
      schema: log.schema, taskNames: log.taskNames,
      settings: NetworkSettings(bottom: [1], tower: [], activation: .linear), conditioned: true)
    let engine = TrainingEngine(
      weights: Weights(network: network, momentCount: optimizer.momentCount, seed: 1),
      schema: log.schema, optimizer: optimizer,
      combining: try CombinerKind.conditioned.make(taskNames: log.taskNames, seed: 1),
      batchCapacity: 64, microBatch: 8, workers: WorkerGroup(workerCount: 2), seed: 1)
    let loop = try TrainingLoop(
      engine: engine, schedule: TrainingSchedule(batch: 64, epochs: 60), log: log,
      rows: .range(0..<512))
    _ = try loop.run { _ in }
    let first = ConditionedLearningTests.losses(engine, log, [0.9, 0.1])
    let second = ConditionedLearningTests.losses(engine, log, [0.1, 0.9])
    #expect(first[0] < second[0] - 0.05 && second[1] < first[1] - 0.05, "\(first) \(second)")
  }
}
