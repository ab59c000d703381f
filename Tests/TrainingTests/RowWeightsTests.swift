import Combiners
import Interactions
import Matrices
import Networks
import TestSupport
import Testing
import Training

/// What weights of rows do to a step.
struct RowWeightsTests {
  @Test(arguments: Architecture.allCases)
  func `gradients equal those of the weighted reference`(architecture: Architecture) throws {
    var settings = GradientTests.settings
    settings.loadBalancing = architecture == .mmoe ? 0.1 : 0
    try GradientTests.expectCentralDifferences(
      architecture, settings, TinyLog.funnel,
      rowWeights: [2, 0.5, 1, 0, 3, 1, 0.25, 1, 4, 0, 1])
  }

  /// A tiny log whose rows have these weights.
  static func log(_ weights: [Float]) -> EncodedLog {
    var log = TinyLog.make(rows: weights.count)
    log.weights = Column(weights)
    return log
  }

  /// What one step changes and answers, of a weighted log with all rows, or of some rows without weights.
  static func step(
    _ log: EncodedLog, rows: [UInt32]? = nil
  ) throws -> (change: [String: [Double]], losses: [Double?]) {
    let combining = Combining.losses(try StaticWeights([1, 2, 0.5]))
    var plain = log
    if rows != nil { plain.weights = nil }
    let rowWeights = RowWeights(of: plain, rows: .range(0..<log.rowCount))
    func weights() -> Weights { GradientTests.weights(.mmoe, GradientTests.settings) }
    let report = try GradientTests.engine(weights(), combining, rowWeights: rowWeights)
      .step(
        rows: rows ?? Array(0..<UInt32(log.rowCount)), of: plain, step: 1, learningRate: 1)
    let change = try GradientTests.change(
      weights(), combining, log: plain, rows: rows, rowWeights: rowWeights)
    return (change, report.losses)
  }

  static func expectEqual(
    _ left: (change: [String: [Double]], losses: [Double?]),
    _ right: (change: [String: [Double]], losses: [Double?])
  ) {
    #expect(
      GradientTests.largestDifference(left.change, right.change) < Tolerance.float32Gradient)
    for (one, other) in zip(left.losses, right.losses) {
      #expect(abs((one ?? .nan) - (other ?? .nan)) < 1e-6)
    }
  }

  @Test func `a row of weight 2 is the row twice`() throws {
    var weights = [Float](repeating: 1.5, count: 13)
    weights[4] = 3
    try Self.expectEqual(
      Self.step(Self.log(weights)), Self.step(Self.log(weights), rows: Array(0..<13) + [4]))
  }

  @Test func `a row of weight 0 is no row`() throws {
    var weights = [Float](repeating: 0.2, count: 13)
    weights[0] = 0
    weights[7] = 0
    try Self.expectEqual(
      Self.step(Self.log(weights)),
      Self.step(Self.log(weights), rows: [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]))
  }

  @Test func `a task whose rows all weigh nothing is absent`() throws {
    var log = TinyLog.make(rows: 21)
    log.weights = Column((0..<21).map { log.labels[1][$0] == 2 ? 1 : 0 })
    let rowWeights = RowWeights(of: log, rows: .range(0..<21))
    let engine = GradientTests.engine(
      GradientTests.weights(.mmoe, GradientTests.settings), .gradients(PlainSum()),
      rowWeights: rowWeights)
    let report = try engine.step(rows: 0..<21, of: log, step: 1, learningRate: 1)
    #expect(report.tasks == [0, 2])
    #expect(report.losses[1] == nil)
  }

  @Test func `rows that weigh the same need no weights`() {
    #expect(RowWeights(of: TinyLog.make(rows: 9), rows: .range(0..<9)) == nil)
    #expect(RowWeights(of: TinyLog.make(rows: 9), rows: .range(0..<9), negatives: 1) == nil)
  }

  /// The residuals' squares and the probed losses are those of the doubled row.
  @Test(arguments: ["uncertainty", "famo"])
  func `loss weightings see weighted losses`(name: String) throws {
    func weights(doubling: Bool) throws -> [Double?] {
      var log = TinyLog.make(rows: 12)
      if doubling { log.weights = Column((0..<12).map { $0 == 4 ? 2 : 1 }) }
      let rows = (0..<12) + (doubling ? [] : [UInt32(4)])
      let kind = try #require(CombinerKind(rawValue: name))
      var settings = CombinerSettings()
      if kind == .uncertainty { settings[.form] = .text("residuals") }
      let engine = GradientTests.engine(
        GradientTests.weights(.mmoe, GradientTests.settings),
        try kind.make(settings: settings, taskNames: TinyLog.taskNames, seed: 1), microBatch: 64,
        rowWeights: RowWeights(of: log, rows: .range(0..<12)))
      var report = try engine.step(rows: rows, of: log, step: 1, learningRate: 0.1)
      for number in 2...4 {
        report = try engine.step(rows: rows, of: log, step: number, learningRate: 0.1)
      }
      return report.weights
    }
    for (weighted, doubled) in zip(try weights(doubling: true), try weights(doubling: false)) {
      #expect(abs((weighted ?? .nan) - (doubled ?? .nan)) < 1e-5)
    }
  }
}
