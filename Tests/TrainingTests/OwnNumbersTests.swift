import Combiners
import Interactions
import Networks
import TestSupport
import Testing
import Training

/// Numbers that are one task's own, such as its rates.
struct OwnNumbersTests {
  /// The price is the click's alone.
  static let schema: InputSchema = {
    var schema = TinyLog.schema
    schema.numberTasks = ["click", nil]
    return schema
  }()

  @Test(arguments: [Architecture.singleTask, .stem, .mmoe])
  func `gradients equal central differences`(architecture: Architecture) throws {
    try GradientTests.expectCentralDifferences(
      architecture, GradientTests.settings, TinyLog.funnel, schema: OwnNumbersTests.schema)
  }

  /// Which tasks' scores another price changes.
  private static func moved(_ architecture: Architecture) -> [Bool] {
    var log = TinyLog.make(rows: 8, schema: schema)
    let weights = GradientTests.weights(architecture, GradientTests.settings, schema: schema)
    let engine = ScoringEngine(weights: weights, schema: schema)
    let before = engine.scores(of: log, rows: .range(0..<8))
    log.numbers[0] = Column((0..<8).map { log.numbers[0][$0] + 1 })
    return zip(before, engine.scores(of: log, rows: .range(0..<8))).map { $0 != $1 }
  }

  @Test func `reach its own input and shared ones alone`() {
    #expect(OwnNumbersTests.moved(.singleTask) == [true, false, false])
    #expect(OwnNumbersTests.moved(.stem) == [true, true, true])
    #expect(OwnNumbersTests.moved(.mmoe) == [true, true, true])
  }

  @Test func `are nothing to another task's own weights`() throws {
    let log = TinyLog.make(rows: 16, schema: OwnNumbersTests.schema)
    let moved = try GradientTests.change(
      GradientTests.weights(.singleTask, GradientTests.settings, schema: OwnNumbersTests.schema),
      .losses(try StaticWeights([1, 1, 1])), log: log)
    let width = OwnNumbersTests.schema.width
    let price = OwnNumbersTests.schema.embeddingWidth
    for task in TinyLog.taskNames {
      let changes = try #require(moved["\(task)/bottom/0/weight"])
      let ofPrice = stride(from: price, to: changes.count, by: width).map { changes[$0] }
      #expect(ofPrice.allSatisfy { $0 == 0 } == (task != "click"), "\(task)")
    }
  }
}
