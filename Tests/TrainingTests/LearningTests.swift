import Combiners
import Interactions
import Networks
import Optimizers
import TestSupport
import Testing
import Training
import Workers

/// Planted logs whose outcomes hang on single ids can be learned.
struct LearningTests {
  /// One id of 8, whose bits decide over two tasks; every fifth label of the second is unknown.
  static func log() -> EncodedLog {
    let ids = (0..<256).map { Int32($0 * 5 % 8) }
    return EncodedLog(
      schema: InputSchema(
        tables: [.init(name: "item", rowCount: 8, dimension: 4)],
        lookups: [.init(feature: "item", table: 0)], numbers: []),
      rowCount: 256, lookups: [.single(Column(ids))], numbers: [], taskNames: ["odd", "high"],
      labels: [
        Column(ids.map { UInt8($0 & 1) }),
        Column(ids.enumerated().map { $0 % 5 == 3 ? Label.unknown.rawValue : UInt8($1 >> 2) }),
      ],
      times: Column((0..<256).map { Int64($0) }))
  }

  @Test(arguments: Architecture.allCases, CombinerKind.allCases)
  func `a planted log is learned`(
    architecture: Architecture, kind: CombinerKind
  ) throws {
    let log = LearningTests.log()
    // Normalised gradients never shrink: a log without noise is soon learned until a loss is zero.
    let optimizer = Optimizer(learningRate: kind == .dbMTL && architecture == .ple ? 0.01 : 0.03)
    let network = architecture.make(
      schema: log.schema, taskNames: log.taskNames,
      settings: NetworkSettings(experts: 2, expert: [16], bottom: [16], tower: [8]))
    let engine = TrainingEngine(
      weights: Weights(network: network, momentCount: optimizer.momentCount, seed: 2),
      schema: log.schema, optimizer: optimizer,
      combining: try kind.make(
        settings: Runs.settings(kind, main: "odd"),
        taskNames: log.taskNames, seed: 1),
      batchCapacity: 32, microBatch: 16, workers: WorkerGroup(workerCount: 2), seed: 1)
    let loop = try TrainingLoop(
      engine: engine, schedule: TrainingSchedule(batch: 32, epochs: 16), log: log,
      rows: .range(0..<256))
    let summaries = try loop.run { _ in }
    let first = summaries.first?.losses.compactMap(\.self) ?? []
    let last = summaries.last?.losses.compactMap(\.self) ?? []
    #expect(first.count == 2 && first.allSatisfy { $0 > 0.3 })
    // Rules that may give a task up for a while learn the rest of it later or from another start.
    let sum = last.reduce(0, +)
    #expect(last.count == 2 && sum < 0.6 * first.reduce(0, +), "\(last)")
    guard [.staticWeights, .uncertainty, .pcgrad, .metabalance].contains(kind) else { return }
    #expect(last.allSatisfy { $0 < 0.05 }, "\(last)")
    let scores = ScoringEngine(weights: engine.weights, schema: log.schema).scores(
      of: log, rows: .range(0..<8))
    for row in 0..<8 {
      let id = row * 5 % 8
      #expect((scores[0][row] > 0.5) == (id & 1 == 1))
      #expect((scores[1][row] > 0.5) == (id >= 4))
    }
  }
}
