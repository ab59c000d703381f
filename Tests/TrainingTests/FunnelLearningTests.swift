import Combiners
import Glibc
import Interactions
import Networks
import Optimizers
import Randomness
import RankingMetrics
import TestSupport
import Testing
import Training
import Workers

/// Architectures that know which task comes after which learn planted funnels better.
struct FunnelLearningTests {
  static let itemCount = 100

  /// Items decide over clicks, kinds over what becomes of the clicked ones: a purchase is rare.
  static func funnel(rows: Int, seed: UInt64) -> EncodedLog {
    var world = SplitMix64(seed: 4)
    let tastes = (0..<itemCount).map { _ in 1.5 * world.normal() }
    let worths = (0..<8).map { _ in 1.2 * world.normal() }
    var generator = SplitMix64(seed: seed)
    func happens(_ logit: Double) -> Bool { generator.uniform() < 1 / (1 + exp(-logit)) }
    var (items, kinds): ([Int32], [Int32]) = ([], [])
    var (clicks, purchases): ([UInt8], [UInt8]) = ([], [])
    for _ in 0..<rows {
      let item = Int.random(in: 0..<itemCount, using: &generator)
      let kind = Int.random(in: 0..<8, using: &generator)
      items.append(Int32(item))
      kinds.append(Int32(kind))
      let isClicked = happens(tastes[item] - 0.5)
      clicks.append(isClicked ? 1 : 0)
      purchases.append(isClicked && happens(worths[kind] - 2.5) ? 1 : 0)
    }
    return EncodedLog(
      schema: InputSchema(
        tables: [
          .init(name: "item", rowCount: itemCount, dimension: 4),
          .init(name: "kind", rowCount: 8, dimension: 4),
        ],
        lookups: [.init(feature: "item", table: 0), .init(feature: "kind", table: 1)], numbers: []),
      rowCount: rows, lookups: [.single(Column(items)), .single(Column(kinds))], numbers: [],
      taskNames: ["click", "purchase"], labels: [Column(clicks), Column(purchases)],
      times: Column((0..<rows).map { Int64($0) }))
  }

  static func trained(
    _ architecture: Architecture, on log: EncodedLog, _ settings: NetworkSettings, epochs: Int,
    learningRate: Double, batch: Int = 64, seed: UInt64 = 2
  ) throws -> ScoringEngine {
    let optimizer = Optimizer(learningRate: learningRate)
    let network = architecture.make(
      schema: log.schema, taskNames: log.taskNames, settings: settings,
      funnel: Funnel(predecessors: [nil, 0]))
    let weights = Weights(network: network, momentCount: optimizer.momentCount, seed: seed)
    weights.setBaseRates(
      log.labels.map { labels in
        Double((0..<labels.count).reduce(0) { $0 + Int(labels[$1]) }) / Double(labels.count)
      })
    let engine = TrainingEngine(
      weights: weights, schema: log.schema, optimizer: optimizer,
      combining: .losses(try StaticWeights([1, 1])), batchCapacity: batch, microBatch: 64,
      workers: WorkerGroup(workerCount: 2), seed: seed)
    let loop = try TrainingLoop(
      engine: engine, schedule: TrainingSchedule(batch: batch, epochs: epochs, seed: seed),
      log: log, rows: .range(0..<log.rowCount))
    _ = try loop.run { _ in }
    return ScoringEngine(weights: weights, schema: log.schema)
  }

  @Test(arguments: [Architecture.asymmetric, .esmm, .aitm])
  func `rank the rare last task better than a shared bottom`(architecture: Architecture) throws {
    let log = FunnelLearningTests.funnel(rows: 4_000, seed: 1)
    let later = FunnelLearningTests.funnel(rows: 12_000, seed: 2)
    let labels = (0..<later.rowCount).map { later.labels[1][$0] }
    // One hidden value has no room for both what is clicked and what is bought.
    let settings = NetworkSettings(bottom: [1], tower: [4], activation: .gelu)
    let areas = try [architecture, .sharedBottom].map {
      let scores = try FunnelLearningTests.trained(
        $0, on: log, settings, epochs: 3, learningRate: 0.02
      ).scores(of: later, rows: .range(0..<later.rowCount))
      return try AUC(scores: scores[1], labels: labels).value
    }
    // From seed to seed areas differ by 0.02.
    #expect(areas[0] > areas[1] + 0.05, "\(areas)")
  }

  /// How often an impression is clicked, and how often a clicked one is bought, by what sways both.
  static let clickLogits = [-2.0, 0, 2]
  static let conversions = [0.9, 0.3, 0.2]

  /// 300 rows of each in exact proportions: where clicks are rare, the clicked ones are often
  /// bought.
  static func confounded() -> EncodedLog {
    var (numbers, clicks, purchases): ([Float], [UInt8], [UInt8]) = ([], [], [])
    for (place, logit) in clickLogits.enumerated() {
      let clicked = 300 / (1 + exp(-logit))
      for row in 0..<300 {
        numbers.append(Float(place - 1))
        clicks.append(Double(row) < clicked ? 1 : 0)
        purchases.append(Double(row) < clicked * conversions[place] ? 1 : 0)
      }
    }
    return EncodedLog(
      schema: InputSchema(tables: [], lookups: [], numbers: ["confounder"]),
      rowCount: numbers.count, lookups: [], numbers: [Column(numbers)],
      taskNames: ["click", "purchase"], labels: [Column(clicks), Column(purchases)],
      times: Column(numbers.indices.map { Int64($0) }))
  }

  /// What conditional conversions cost over all rows above the least that is possible, in nats,
  /// where a network has room for a line alone.
  static func excess(
    _ architecture: Architecture, _ counterfactual: Counterfactual = .inversePropensity
  ) throws -> Double {
    let rows = confounded()
    let scores = try trained(
      architecture, on: rows,
      NetworkSettings(
        bottom: [], tower: [], counterfactual: counterfactual, counterfactualWeight: 4),
      epochs: 150, learningRate: 0.05, batch: 900
    ).scores(of: rows, rows: .list(Column([0, 300, 600])))
    return zip(conversions, zip(scores[1], scores[0])).reduce(0) { sum, entry in
      let (rate, found) = (entry.0, Double(entry.1.0 / entry.1.1))
      return sum + (rate * log(rate / found) + (1 - rate) * log((1 - rate) / (1 - found))) / 3
    }
  }

  @Test(arguments: Counterfactual.allCases)
  func `learn conversions over all rows although a confounder selects the clicks`(
    counterfactual: Counterfactual
  ) throws {
    let plain = try FunnelLearningTests.excess(.esmm)
    let weighted = try FunnelLearningTests.excess(.escm2, counterfactual)
    #expect(weighted < 0.6 * plain, "\(weighted) \(plain)")
  }
}
