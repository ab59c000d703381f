import Combiners
import Interactions
import Matrices
import Networks
import TestSupport
import Testing
import Training

/// Whole embeddings that training takes out of rows.
struct EmbeddingDropoutTests {
  /// Shared inputs, each task's own, and both.
  static let architectures = [Architecture.sharedBottom, .singleTask, .stem]

  static func settings(_ rate: Double = 0.4) -> NetworkSettings {
    var settings = GradientTests.settings
    settings.embeddingDropout = rate
    settings.attention = [3]
    settings.interactions = [.fm]
    return settings
  }

  static let schemas = [TinyLog.schema, TinyLog.attending(to: ["recent"])]

  @Test(arguments: architectures, schemas)
  func `depends on no micro-batch and no worker`(architecture: Architecture, schema: InputSchema)
    throws
  {
    let log = TinyLog.make(rows: 37, schema: schema)
    func change(_ rate: Double, microBatch: Int, workers: Int) throws -> [String: [Double]] {
      let weights = GradientTests.weights(
        architecture, EmbeddingDropoutTests.settings(rate), schema: schema)
      return try GradientTests.change(
        weights, .losses(try StaticWeights([1, 1, 1])), log: log, microBatch: microBatch,
        workers: workers)
    }
    let whole = try change(0.4, microBatch: 64, workers: 1)
    let parts = try change(0.4, microBatch: 5, workers: 3)
    #expect(GradientTests.largestDifference(whole, parts) < Tolerance.float32Gradient)
    let plain = try change(0, microBatch: 64, workers: 1)
    #expect(GradientTests.largestDifference(whole, plain) > 100 * Tolerance.float32Gradient)
  }

  @Test(arguments: architectures, schemas)
  func `gradients of the tasks by themselves add up to the sum's`(
    architecture: Architecture, schema: InputSchema
  ) throws {
    let log = TinyLog.make(rows: 23, schema: schema)
    let changes = try [.losses(StaticWeights([1, 1, 1])), .gradients(PlainSum())].map {
      try GradientTests.change(
        GradientTests.weights(architecture, EmbeddingDropoutTests.settings(), schema: schema), $0,
        log: log)
    }
    #expect(GradientTests.largestDifference(changes[0], changes[1]) < Tolerance.float32Gradient)
  }

  @Test(arguments: architectures, schemas)
  func `leaves gradients of what is left`(architecture: Architecture, schema: InputSchema) throws {
    let log = TinyLog.make(rows: 16, schema: schema)
    let combining = Combining.losses(try StaticWeights([1, 1, 1]))
    func weights() -> Weights {
      GradientTests.weights(architecture, EmbeddingDropoutTests.settings(), schema: schema)
    }
    let moved = try GradientTests.change(weights(), combining, log: log)
    let tables = weights().tables
    for (input, place) in tables.indices.flatMap({ input in (0..<15).map { (input, $0) } }) {
      // The elements of the users' rows, each of several impressions.
      func loss(_ shift: Float) throws -> Double {
        let weights = weights()
        weights.tables[input][0].values[place / 3, place % 3] += shift
        let report = try GradientTests.engine(weights, combining)
          .step(rows: 0..<16, of: log, step: 1, learningRate: 1)
        return report.losses.reduce(0) { $0 + ($1 ?? 0) }
      }
      let slope = try (loss(1e-3) - loss(-1e-3)) / 2e-3
      let name = "\(tables[input][0].name)/\(place / 3)"
      // STEM's tasks read each other's embeddings without training them.
      guard architecture != .stem || name.hasPrefix("user") else { continue }
      // Losses of float32, 1e-3 apart.
      #expect(abs(slope + (moved[name]?[place % 3] ?? 0)) < 5e-4, "\(name)[\(place % 3)]")
    }
  }

  @Test func `loses other fields in each input`() throws {
    // Where all inputs have the same numbers, tasks of the same labels have the same gradients, unless
    // they lose other fields.
    var log = TinyLog.make(rows: 30)
    log.labels = log.labels.map { _ in log.labels[0] }
    func spread(_ rate: Double) throws -> Double {
      let weights = GradientTests.weights(.singleTask, EmbeddingDropoutTests.settings(rate))
      for parameter in weights.network.parameters where !parameter.name.hasPrefix("click/") {
        let rest = parameter.name.drop { $0 != "/" }
        guard let other = weights.network.parameters.first(where: { $0.name == "click\(rest)" })
        else { continue }
        for (to, from) in zip(parameter.range, other.range) {
          weights.dense.storage[to] = weights.dense.storage[from]
        }
      }
      for tables in weights.tables.dropFirst() {
        for (table, other) in zip(tables, weights.tables[0]) {
          for index in 0..<table.storage.count { table.storage[index] = other.storage[index] }
        }
      }
      let moved = try GradientTests.change(
        weights, .losses(try StaticWeights([1, 1, 1])), log: log)
      return zip(moved["click/bottom/0/bias"] ?? [], moved["cart/bottom/0/bias"] ?? []).reduce(0) {
        max($0, abs($1.0 - $1.1))
      }
    }
    #expect(try spread(0) < Tolerance.float32Gradient)
    #expect(try spread(0.4) > 100 * Tolerance.float32Gradient)
  }

  @Test(arguments: architectures, schemas)
  func `leaves scores alone`(architecture: Architecture, schema: InputSchema) {
    let log = TinyLog.make(rows: 9, schema: schema)
    let scores = [0, 0.4].map { rate in
      ScoringEngine(
        weights: GradientTests.weights(
          architecture, EmbeddingDropoutTests.settings(rate), schema: schema), schema: schema
      ).scores(of: log, rows: .range(0..<9))
    }
    #expect(scores[0] == scores[1])
  }
}
