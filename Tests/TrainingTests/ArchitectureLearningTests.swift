import Combiners
import Foundation
import Interactions
import Networks
import Optimizers
import Randomness
import Testing
import Training

/// Each architecture on a planted log of the kind that it was made for.
struct ArchitectureLearningTests {
  static let trainRows = 6_144
  static let testRows = 3_072

  static func log(
    schema: InputSchema, lookups: [[Int32]], numbers: [[Float]], logits: [[Double]],
    generator: inout SplitMix64
  ) -> EncodedLog {
    let labels = logits.map { logits in
      logits.map { UInt8(generator.uniform() < 1 / (1 + exp(-$0)) ? 1 : 0) }
    }
    return EncodedLog(
      schema: schema, rowCount: trainRows + testRows,
      lookups: lookups.map { .single(Column($0)) }, numbers: numbers.map { Column($0) },
      taskNames: labels.indices.map { "task\($0)" }, labels: labels.map { Column($0) },
      times: Column((0..<trainRows + testRows).map { Int64($0) }))
  }

  /// Users and items with a taste of each task's own: embeddings that serve both must compromise.
  static func tastes() -> EncodedLog {
    var generator = SplitMix64(seed: 23)
    let idCount = 48
    let ids = (0..<2).map { _ in
      (0..<trainRows + testRows).map { _ in
        Int32.random(in: 0..<Int32(idCount), using: &generator)
      }
    }
    let logits = (0..<2).map { _ in
      let hidden = (0..<2).map { _ in
        (0..<idCount).map { _ in (0..<2).map { _ in generator.normal() } }
      }
      return zip(ids[0], ids[1]).map { user, item in
        2 * zip(hidden[0][Int(user)], hidden[1][Int(item)]).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    return log(
      schema: InputSchema(
        tables: ["user", "item"].map { .init(name: $0, rowCount: idCount, dimension: 2) },
        lookups: [.init(feature: "user", table: 0), .init(feature: "item", table: 1)],
        numbers: []),
      lookups: ids, numbers: [], logits: logits, generator: &generator)
  }

  /// Numbers with linear weights that a kind chooses among four, for each task in another way.
  static func regimes() -> EncodedLog {
    var generator = SplitMix64(seed: 29)
    let rows = trainRows + testRows
    let kinds = (0..<rows).map { _ in Int32.random(in: 0..<16, using: &generator) }
    let numbers = (0..<6).map { _ in (0..<rows).map { _ in Float(generator.normal()) } }
    let slopes = (0..<4).map { _ in (0..<6).map { _ in 1.5 * generator.normal() } }
    let logits = (0..<2).map { task in
      (0..<rows).map { row in
        let regime = task == 0 ? Int(kinds[row]) % 4 : Int(kinds[row]) / 4
        return (0..<6).reduce(0) { $0 + slopes[regime][$1] * Double(numbers[$1][row]) }
      }
    }
    return log(
      schema: InputSchema(
        tables: [.init(name: "kind", rowCount: 16, dimension: 4)],
        lookups: [.init(feature: "kind", table: 0)], numbers: (0..<6).map { "number\($0)" }),
      lookups: [kinds], numbers: numbers, logits: logits, generator: &generator)
  }

  /// Numbers through hidden curves, each task's own.
  static func curves() -> EncodedLog {
    var generator = SplitMix64(seed: 37)
    let rows = trainRows + testRows
    let numbers = (0..<8).map { _ in (0..<rows).map { _ in Float(generator.normal()) } }
    let logits = (0..<2).map { _ -> [Double] in
      let curves = (0..<3).map { _ in (0..<8).map { _ in generator.normal() } }
      return (0..<rows).map { row in
        curves.reduce(0) { total, curve in
          total + abs((0..<8).reduce(0) { $0 + curve[$1] * Double(numbers[$1][row]) }) - 2.2
        }
      }
    }
    return log(
      schema: InputSchema(tables: [], lookups: [], numbers: (0..<8).map { "number\($0)" }),
      lookups: [], numbers: numbers, logits: logits, generator: &generator)
  }

  /// The AUC of the worse task on the rows that were not trained on.
  static func worseAUC(
    _ architecture: Architecture, _ settings: NetworkSettings, on log: EncodedLog, seed: UInt64,
    learningRate: Double, taskWeights: [Double] = [1, 1]
  ) throws -> Double {
    let optimizer = Optimizer(learningRate: learningRate)
    let network = architecture.make(
      schema: log.schema, taskNames: log.taskNames, settings: settings)
    let engine = TrainingEngine(
      weights: Weights(network: network, momentCount: optimizer.momentCount, seed: seed),
      schema: log.schema, optimizer: optimizer,
      combining: .losses(try StaticWeights(taskWeights)), batchCapacity: 128,
      seed: seed)
    let loop = try TrainingLoop(
      engine: engine, schedule: TrainingSchedule(batch: 128, epochs: 6, seed: seed), log: log,
      rows: .range(0..<trainRows))
    _ = try loop.run { _ in }
    let test = trainRows..<trainRows + testRows
    let scores = ScoringEngine(weights: engine.weights, schema: log.schema)
      .scores(of: log, rows: .range(test))
    return log.taskNames.indices.map { task in
      InteractionLearningTests.auc(
        Array(test).enumerated().map { (scores[task][$0], log.labels[task][$1] == 1) })
    }.min() ?? 0
  }

  /// Holds the worst of four seeds of an architecture against the best of another.
  static func expect(
    _ better: Architecture, above other: Architecture, by margin: Double,
    _ settings: NetworkSettings, against otherSettings: NetworkSettings? = nil,
    on log: EncodedLog, learningRate: Double, taskWeights: [Double] = [1, 1]
  ) throws {
    func aucs(_ architecture: Architecture, _ settings: NetworkSettings) throws -> [Double] {
      try [1, 2, 3, 4].map {
        try worseAUC(
          architecture, settings, on: log, seed: $0, learningRate: learningRate,
          taskWeights: taskWeights)
      }
    }
    let upper = try aucs(better, settings)
    let lower = try aucs(other, otherSettings ?? settings)
    #expect((upper.min() ?? 0) > (lower.max() ?? 1) + margin, "\(better) \(upper), \(lower)")
  }

  /// Both have room for two products of tastes in a table; STEM has tables of each task's own.
  @Test(arguments: [Architecture.mmoe, .sharedBottom])
  func `STEM serves tasks whose tastes differ`(other: Architecture) throws {
    let settings = NetworkSettings(
      experts: 2, expert: [8], bottom: [16], tower: [], interactions: [.fm])
    try Self.expect(
      .stem, above: other, by: 0.05, settings, on: Self.tastes(), learningRate: 0.02)
  }

  /// Eight hidden values each, for MMoE behind gates of each task's own.
  @Test(arguments: [Architecture.sharedBottom, .omoe])
  func `MMoE mixes experts for each task in another way`(other: Architecture) throws {
    let settings = NetworkSettings(experts: 4, expert: [2], bottom: [8], tower: [])
    try Self.expect(
      .mmoe, above: other, by: 0.01, settings, on: Self.regimes(), learningRate: 0.01)
  }

  /// A bottom as wide for each task, of which the other may use what serves it.
  @Test func `cross-stitched bottoms serve unrelated tasks better than one of their width`() throws
  {
    let settings = NetworkSettings(bottom: [4], tower: [])
    try Self.expect(
      .crossStitch, above: .sharedBottom, by: 0.01, settings, on: Self.curves(), learningRate: 0.02)
  }

  /// A task of much loss takes all experts that it trains.
  ///
  /// As many, but one of each task's own, leave the other one its own. Levels of experts are held against
  /// experts of as many layers.
  @Test(arguments: [(Architecture.cgc, [6], [6]), (.ple, [16], [16, 16])])
  func `experts of a task's own spare it what a louder task does to shared ones`(
    better: Architecture, expert: [Int], layers: [Int]
  ) throws {
    try Self.expect(
      better, above: .mmoe, by: 0.01, NetworkSettings(experts: 1, expert: expert, tower: []),
      against: NetworkSettings(experts: 3, expert: layers, tower: []), on: Self.curves(),
      learningRate: 0.02, taskWeights: [1, 0.01])
  }
}
