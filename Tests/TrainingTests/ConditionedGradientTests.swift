import Combiners
import Interactions
import Matrices
import Networks
import Randomness
import TestSupport
import Testing
import Training

/// Gradients of networks that take a preference, every micro-batch one of its own.
struct ConditionedGradientTests {
  static let taskWeights = [0.5, 2, 0.5]

  /// Weights whose modulation is no longer the one that they start from.
  static func weights(
    _ architecture: Architecture, _ settings: NetworkSettings = GradientTests.settings,
    schema: InputSchema = TinyLog.schema
  ) -> Weights {
    let weights = GradientTests.weights(
      architecture, settings, conditioned: true, schema: schema)
    var generator = SplitMix64(seed: 9)
    for parameter in weights.network.parameters
    where parameter.isConditioning && !parameter.isBias {
      for element in parameter.range {
        weights.dense.storage[element] = Float(0.3 * generator.normal())
      }
    }
    return weights
  }

  static func rule() throws -> PreferenceWeights {
    try PreferenceWeights(taskWeights, concentration: 0.7, draws: 2, seed: 6)
  }

  @Test(arguments: Architecture.allCases, [ActivationFunction.relu, .gelu])
  func `equal central differences of a double-precision reference`(
    architecture: Architecture, function: ActivationFunction
  ) throws {
    var settings = GradientTests.settings
    settings.activation = function
    try ConditionedGradientTests.expectCentralDifferences(architecture, settings)
  }

  /// Holds gradients, some of each parameter, against the reference's.
  static func expectCentralDifferences(
    _ architecture: Architecture, _ settings: NetworkSettings
  ) throws {
    let log = TinyLog.make(rows: 11)
    let weights = ConditionedGradientTests.weights(architecture, settings)
    var reference = ReferenceNetwork(architecture, settings, copying: weights)
    var rule = try ConditionedGradientTests.rule()
    let moved = try GradientTests.change(weights, .preferences(rule), log: log)
    // Twice the rows, four at a time.
    let groups = stride(from: 0, to: 22, by: 4).map { first in
      (rows: (first..<min(first + 4, 22)).map { $0 % 11 }, preference: Optional(rule.drawShares()))
    }
    let step = 1e-5
    #expect(rule.draws == 2)
    let seen = GradientTests.seenRows(log)
    for (name, changes) in moved {
      if let row = GradientTests.tableRow(name), !seen.contains(row) { continue }
      // Some of each, because they are many alike.
      let stride = name.hasSuffix("film/weight") ? 149 : 3
      for index in Swift.stride(from: changes.count / 2 % stride, to: changes.count, by: stride) {
        let value = reference.numbers[name]?[index] ?? 0
        func loss(_ shift: Double) -> Double {
          reference.numbers[name]?[index] = value + shift
          return reference.loss(
            log, groups: groups,
            weights: GradientTests.counted(rule.weights, for: name, architecture))
        }
        let slope = (loss(step) - loss(-step)) / (2 * step)
        reference.numbers[name]?[index] = value
        #expect(abs(slope + changes[index]) < Tolerance.float32Gradient, "\(name)[\(index)]")
      }
    }
  }

  @Test(arguments: Architecture.allCases)
  func `of the tasks by themselves add up to the gradient of the sum`(architecture: Architecture)
    throws
  {
    let log = TinyLog.make(rows: 23)
    let changes = try [nil, 1].map { measureEvery in
      let weights = ConditionedGradientTests.weights(architecture)
      let before = GradientTests.numbers(weights)
      _ = try GradientTests.engine(
        weights, .preferences(ConditionedGradientTests.rule()), measureEvery: measureEvery
      ).step(rows: 0..<23, of: log, step: 1, learningRate: 1)
      return GradientTests.numbers(weights).merging(before) { after, before in
        zip(after, before).map { $0 - $1 }
      }
    }
    #expect(
      GradientTests.largestDifference(changes[0], changes[1]) < Tolerance.float32Gradient)
  }

  @Test(arguments: Architecture.allCases) func `do not depend on workers`(
    architecture: Architecture
  ) throws {
    let log = TinyLog.make(rows: 37)
    let changes = try [1, 3].map {
      try GradientTests.change(
        ConditionedGradientTests.weights(architecture),
        .preferences(ConditionedGradientTests.rule()), log: log, workers: $0)
    }
    #expect(
      GradientTests.largestDifference(changes[0], changes[1]) < Tolerance.float32Gradient)
  }
}
