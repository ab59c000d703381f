import Combiners
import Interactions
import Matrices
import Networks
import Optimizers
import TestSupport
import Testing
import Training
import Workers

/// The engine's gradients against central differences of ``ReferenceNetwork``.
///
/// One step of plain SGD at learning rate 1 changes every number by minus its gradient.
struct GradientTests {
  static let settings = NetworkSettings(experts: 3, expert: [6, 4], bottom: [6, 4], tower: [3])

  static func weights(
    _ architecture: Architecture, _ settings: NetworkSettings, funnel: Funnel = TinyLog.funnel,
    conditioned: Bool = false, schema: InputSchema = TinyLog.schema
  ) -> Weights {
    let network = architecture.make(
      schema: schema, taskNames: TinyLog.taskNames, settings: settings,
      funnel: funnel, conditioned: conditioned)
    let weights = Weights(network: network, momentCount: 0, seed: 3, embeddingDeviation: 0.5)
    moveBiases(of: weights)
    return weights
  }

  /// Moves biases away from zero, where a dead ReLU has no slope to compare.
  static func moveBiases(of weights: Weights) {
    for parameter in weights.network.parameters where parameter.isBias {
      for element in parameter.range {
        weights.dense.storage[element] = 0.02 * Float(element % 7 - 3) + 0.011
      }
    }
  }

  static func engine(
    _ weights: Weights, _ combining: Combining, microBatch: Int = 4, workers: Int = 2,
    clipNorm: Double? = nil, measureEvery: Int? = nil, rowWeights: RowWeights? = nil
  ) -> TrainingEngine {
    TrainingEngine(
      weights: weights, schema: TinyLog.schema,
      optimizer: Optimizer(kind: .sgd, learningRate: 1, momentum: 0), combining: combining,
      batchCapacity: 64, microBatch: microBatch, workers: WorkerGroup(workerCount: workers),
      clipNorm: clipNorm, measureEvery: measureEvery, rowWeights: rowWeights, seed: 5)
  }

  /// Every number that training changes, by the reference's names.
  static func numbers(_ weights: Weights) -> [String: [Double]] {
    ReferenceNetwork(.mmoe, settings, copying: weights).numbers
  }

  /// How far one step moves every number, by all rows of a log unless some are named.
  static func change(
    _ weights: Weights, _ combining: Combining, log: EncodedLog, rows: [UInt32]? = nil,
    microBatch: Int = 4, workers: Int = 2, clipNorm: Double? = nil, rowWeights: RowWeights? = nil
  ) throws -> [String: [Double]] {
    let before = numbers(weights)
    _ = try engine(
      weights, combining, microBatch: microBatch, workers: workers, clipNorm: clipNorm,
      rowWeights: rowWeights
    ).step(
      rows: rows ?? Array(0..<UInt32(log.rowCount)), of: log, step: 1, learningRate: 1)
    let after = numbers(weights)
    return before.reduce(into: [:]) { result, entry in
      result[entry.key] = zip(after[entry.key] ?? [], entry.value).map { $0 - $1 }
    }
  }

  static func largestDifference(_ left: [String: [Double]], _ right: [String: [Double]]) -> Double {
    #expect(left.keys == right.keys)
    return left.reduce(0) { worst, entry in
      zip(entry.value, right[entry.key] ?? []).reduce(worst) { max($0, abs($1.0 - $1.1)) }
    }
  }

  /// The table rows that some impression looks up, as `table/row`.
  static func seenRows(_ log: EncodedLog) -> Set<String> {
    zip(log.schema.lookups, log.lookups).reduce(into: []) { seen, lookup in
      let name = log.schema.tables[lookup.0.table].name
      switch lookup.1 {
      case .single(let ids): for row in 0..<ids.count { seen.insert("\(name)/\(ids[row])") }
      case .list(let ids, _): for index in 0..<ids.count { seen.insert("\(name)/\(ids[index])") }
      }
    }
  }

  /// The `table/row` that a name ends with; nil for a dense parameter.
  static func tableRow(_ name: String) -> String? {
    let parts = name.split(separator: "/").suffix(2)
    return TinyLog.schema.tables.contains { $0.name == parts.first ?? "" }
      ? parts.joined(separator: "/") : nil
  }

  /// The weights of the losses that train a number: those that read it without training it are out.
  static func counted(
    _ weights: [Double], for name: String, _ architecture: Architecture
  ) -> [Double] {
    guard architecture == .stem, let owner = OwnTask.of(name) else { return weights }
    return weights.indices.map { $0 == owner ? weights[$0] : 0 }
  }

  @Test(arguments: Architecture.allCases, [ActivationFunction.relu, .gelu])
  func `equal central differences of a double-precision reference`(
    architecture: Architecture, function: ActivationFunction
  ) throws {
    var settings = GradientTests.settings
    settings.activation = function
    try GradientTests.expectCentralDifferences(architecture, settings, TinyLog.funnel)
  }

  /// Holds every number's gradient against the reference's; `prepare` may move the numbers before.
  static func expectCentralDifferences(
    _ architecture: Architecture, _ settings: NetworkSettings, _ funnel: Funnel,
    schema: InputSchema = TinyLog.schema, rowWeights: [Float]? = nil,
    prepare: (Weights) -> Void = { _ in }
  ) throws {
    var log = TinyLog.make(rows: 11, schema: schema)
    log.weights = rowWeights.map { Column($0) }
    let weights = GradientTests.weights(architecture, settings, funnel: funnel, schema: schema)
    prepare(weights)
    var reference = ReferenceNetwork(architecture, settings, copying: weights, funnel: funnel)
    let taskWeights = [0.5, 2, 0.5]
    let moved = try GradientTests.change(
      weights, .losses(try StaticWeights(taskWeights)), log: log,
      rowWeights: RowWeights(of: log, rows: .range(0..<11)))
    let step = 1e-5
    let microBatches: [(rows: [Int], preference: [Double]?)] = [0..<4, 4..<8, 8..<11].map {
      (Array($0), nil)
    }
    let seen = GradientTests.seenRows(log)
    for (name, changes) in moved {
      if let row = GradientTests.tableRow(name), !seen.contains(row) {
        #expect(changes.allSatisfy { $0 == 0 }, "\(name) is in no row")
        continue
      }
      let counted = GradientTests.counted(taskWeights, for: name, architecture)
      for (index, change) in changes.enumerated() {
        let value = reference.numbers[name]?[index] ?? 0
        reference.numbers[name]?[index] = value + step
        let above = reference.loss(log, groups: microBatches, weights: counted)
        reference.numbers[name]?[index] = value - step
        let below = reference.loss(log, groups: microBatches, weights: counted)
        reference.numbers[name]?[index] = value
        let slope = (above - below) / (2 * step)
        #expect(abs(slope + change) < Tolerance.float32Gradient, "\(name)[\(index)]")
      }
    }
  }

  @Test(arguments: Architecture.allCases)
  func `of the tasks by themselves add up to the gradient of the sum`(architecture: Architecture)
    throws
  {
    let log = TinyLog.make(rows: 23)
    let summed = try GradientTests.change(
      GradientTests.weights(architecture, GradientTests.settings),
      .losses(try StaticWeights([1, 1, 1])), log: log)
    let apart = try GradientTests.change(
      GradientTests.weights(architecture, GradientTests.settings), .gradients(PlainSum()), log: log)
    #expect(GradientTests.largestDifference(summed, apart) < Tolerance.float32Gradient)
  }

  @Test(arguments: Architecture.allCases, [1, 5, 64])
  func `do not depend on micro-batches and workers`(architecture: Architecture, microBatch: Int)
    throws
  {
    let log = TinyLog.make(rows: 37)
    for combining in [Combining.losses(try StaticWeights([1, 1, 1])), .gradients(PlainSum())] {
      let whole = try GradientTests.change(
        GradientTests.weights(architecture, GradientTests.settings), combining, log: log,
        microBatch: 64, workers: 1)
      let parts = try GradientTests.change(
        GradientTests.weights(architecture, GradientTests.settings), combining, log: log,
        microBatch: microBatch, workers: 3)
      #expect(GradientTests.largestDifference(whole, parts) < Tolerance.float32Gradient)
    }
  }

  @Test func `with dropout repeat the forward pass's mask`() throws {
    var settings = GradientTests.settings
    settings.dropout = 0.4
    let log = TinyLog.make(rows: 16)
    let combining = Combining.losses(try StaticWeights([1, 1, 1]))
    let parameter = "bottom/0/bias"
    let moved = try GradientTests.change(
      GradientTests.weights(.sharedBottom, settings), combining, log: log)
    for index in 0..<6 {
      func loss(_ shift: Float) throws -> Double {
        let weights = GradientTests.weights(.sharedBottom, settings)
        for entry in weights.network.parameters where entry.name == parameter {
          weights.dense.storage[entry.offset + index] += shift
        }
        let report = try GradientTests.engine(weights, combining)
          .step(rows: 0..<16, of: log, step: 1, learningRate: 1)
        return report.losses.reduce(0) { $0 + ($1 ?? 0) }
      }
      let slope = try (loss(1e-3) - loss(-1e-3)) / 2e-3
      #expect(abs(slope + (moved[parameter]?[index] ?? 0)) < 2e-3)
    }
  }

  @Test func `are scaled down to the clipping norm`() throws {
    let log = TinyLog.make(rows: 20)
    for combining in [Combining.losses(try StaticWeights([1, 1, 1])), .gradients(PlainSum())] {
      let free = try GradientTests.change(
        GradientTests.weights(.mmoe, GradientTests.settings), combining, log: log)
      let norm = free.values.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
      let clipped = try GradientTests.change(
        GradientTests.weights(.mmoe, GradientTests.settings), combining, log: log,
        clipNorm: norm / 4)
      let scaled = free.mapValues { $0.map { $0 / 4 } }
      #expect(GradientTests.largestDifference(scaled, clipped) < Tolerance.float32Gradient)
    }
  }
}

/// The plain sum of the task gradients, as a combiner.
struct PlainSum: GradientCombiner {
  func weights(for step: GradientStep) -> [Double] {
    Array(repeating: 1, count: step.tasks.count)
  }
}
