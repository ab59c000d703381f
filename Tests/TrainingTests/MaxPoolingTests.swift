import Combiners
import Foundation
import Interactions
import Matrices
import Networks
import Optimizers
import TestSupport
import Testing
import Training

/// Lists that are pooled by the maximum of each column.
struct MaxPoolingTests {
  static let schema: InputSchema = {
    var schema = TinyLog.schema
    schema.lookups[2].pooling = .max
    return schema
  }()

  @Test(arguments: [Architecture.sharedBottom, .singleTask, .stem])
  func `gradients equal central differences`(architecture: Architecture) throws {
    try GradientTests.expectCentralDifferences(
      architecture, GradientTests.settings, TinyLog.funnel, schema: MaxPoolingTests.schema)
  }

  @Test func `gradients of the tasks by themselves add up to the sum's on any number of workers`()
    throws
  {
    let log = TinyLog.make(rows: 37, schema: MaxPoolingTests.schema)
    func change(_ combining: Combining, workers: Int) throws -> [String: [Double]] {
      try GradientTests.change(
        GradientTests.weights(.mmoe, GradientTests.settings, schema: log.schema), combining,
        log: log, workers: workers)
    }
    let summed = try change(.losses(try StaticWeights([1, 1, 1])), workers: 1)
    let apart = try (1...3).map { try change(.gradients(PlainSum()), workers: $0) }
    #expect(GradientTests.largestDifference(summed, apart[0]) < Tolerance.float32Gradient)
    let items = summed.keys.filter { $0.hasPrefix("item/") }
    #expect(items.count == 40)
    for name in items {
      #expect(apart[0][name] == apart[1][name] && apart[1][name] == apart[2][name])
    }
  }

  /// A log of a single list, of items 1 and 2, of none, and of item 2 twice.
  static let log = EncodedLog(
    schema: InputSchema(
      tables: [.init(name: "item", rowCount: 4, dimension: 2)],
      lookups: [.init(feature: "seen", table: 0, pooling: .max)], numbers: []),
    rowCount: 3,
    lookups: [.list(values: Column([1, 2, 2, 2]), ends: Column([2, 2, 4]))], numbers: [],
    taskNames: ["click"], labels: [Column([1, 0, 1])], times: Column([0, 1, 2]))

  /// One logit, the sum of the pooled columns.
  private static func weights(_ items: [[Float]]) -> Weights {
    let network = Architecture.sharedBottom.make(
      schema: log.schema, taskNames: log.taskNames, settings: NetworkSettings(bottom: [], tower: [])
    )
    let weights = Weights(network: network, momentCount: 0, seed: nil)
    for parameter in network.parameters where !parameter.isBias {
      for element in parameter.range { weights.dense.storage[element] = 1 }
    }
    for (row, values) in items.enumerated() {
      for (column, value) in values.enumerated() {
        weights.tables[0][0].values[row, column] = value
      }
    }
    return weights
  }

  @Test func `takes each column's highest number, and zeros of an empty list`() {
    let weights = MaxPoolingTests.weights([[9, 9], [1, -3], [-2, -1], [9, 9]])
    let scores = ScoringEngine(weights: weights, schema: MaxPoolingTests.log.schema)
      .scores(of: MaxPoolingTests.log, rows: .range(0..<3))[0]
    let expected: [Double] = [0, 0, -3].map { 1 / (1 + exp(-$0)) }
    for (score, expected) in zip(scores, expected) {
      #expect(abs(Double(score) - expected) < Tolerance.float32Exponential)
    }
    let broken = MaxPoolingTests.weights([[9, 9], [1, .nan], [-2, -1], [9, 9]])
    #expect(
      ScoringEngine(weights: broken, schema: MaxPoolingTests.log.schema)
        .scores(of: MaxPoolingTests.log, rows: .range(0..<1))[0][0].isNaN)
  }

  @Test func `trains the first of equal elements alone`() throws {
    let weights = MaxPoolingTests.weights([[0, 0], [1, -1], [1, -1], [0, 0]])
    let combining = Combining.losses(try StaticWeights([1]))
    let engine = TrainingEngine(
      weights: weights, schema: MaxPoolingTests.log.schema,
      optimizer: Optimizer(kind: .sgd, learningRate: 1, momentum: 0), combining: combining,
      batchCapacity: 1, microBatch: 1, seed: 1)
    _ = try engine.step(rows: 0..<1, of: MaxPoolingTests.log, step: 1, learningRate: 1)
    // A logit of 0: the slope of a positive's loss is -1/2.
    let items = weights.tables[0][0].values
    #expect((0..<2).map { items[1, $0] } == [1.5, -0.5])
    #expect((0..<2).map { items[2, $0] } == [1, -1])
  }
}
