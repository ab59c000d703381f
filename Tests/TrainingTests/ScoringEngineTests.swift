import Combiners
import Foundation
import Interactions
import Networks
import TestSupport
import Testing
import Training
import Workers

struct ScoringEngineTests {
  static let log = TinyLog.make(rows: 140)

  static func scores(_ weights: Weights, _ rows: Range<Int>, workers: Int = 2) -> [[Float]] {
    ScoringEngine(
      weights: weights, schema: TinyLog.schema, workers: WorkerGroup(workerCount: workers)
    ).scores(of: log, rows: .range(rows))
  }

  @Test(arguments: Architecture.allCases)
  func `agrees with the reference around the borders of micro-batches`(architecture: Architecture) {
    let weights = Runs.weights(architecture)
    let reference = ReferenceNetwork(architecture, Runs.settings, copying: weights)
    let expected = (0..<140).map { row in
      reference.logits(ScoringEngineTests.log, row: row).map { 1 / (1 + exp(-$0)) }
    }
    for count in [0, 1, 127, 128, 129] {
      let scores = ScoringEngineTests.scores(weights, 3..<3 + count)
      #expect(scores.map(\.count) == [count, count, count])
      for (task, scores) in scores.enumerated() {
        let worst = scores.enumerated().reduce(0) {
          max($0, abs(Double($1.element) - expected[3 + $1.offset][task]))
        }
        #expect(worst < Tolerance.float32Forward)
      }
    }
  }

  @Test func `gives the same bits on any number of workers, and again`() {
    let weights = Runs.weights()
    let scores = (1...3).map { ScoringEngineTests.scores(weights, 0..<140, workers: $0) }
    #expect(scores[0] == scores[1] && scores[1] == scores[2])
    let engine = ScoringEngine(
      weights: weights, schema: TinyLog.schema, microBatch: 128,
      workers: WorkerGroup(workerCount: 2))
    _ = engine.scores(of: ScoringEngineTests.log, rows: .range(10..<90))
    #expect(engine.scores(of: ScoringEngineTests.log, rows: .range(0..<140)) == scores[0])
  }

  @Test func `scores the rows of a list`() {
    let weights = Runs.weights()
    let engine = ScoringEngine(weights: weights, schema: TinyLog.schema)
    let rows: [Int32] = [3, 8, 9, 139]
    let scores = engine.scores(of: ScoringEngineTests.log, rows: .list(Column(rows)))
    let all = ScoringEngineTests.scores(weights, 0..<140)
    #expect(scores == all.map { scores in rows.map { scores[Int($0)] } })
  }

  @Test func `follows weights that train on`() throws {
    let weights = Runs.weights()
    let engine = ScoringEngine(weights: weights, schema: TinyLog.schema)
    let before = engine.scores(of: ScoringEngineTests.log, rows: .range(0..<140))
    let training = Runs.engine(weights, try Runs.combining(.staticWeights))
    _ = try training.step(
      rows: 0..<20, of: ScoringEngineTests.log, step: 1, learningRate: 0.1)
    let after = engine.scores(of: ScoringEngineTests.log, rows: .range(0..<140))
    #expect(after != before)
    #expect(after == ScoringEngineTests.scores(weights, 0..<140))
    let reference = ReferenceNetwork(.mmoe, Runs.settings, copying: weights)
    for row in 0..<20 {
      let logits = reference.logits(ScoringEngineTests.log, row: row)
      for task in 0..<3 {
        let expected = 1 / (1 + exp(-logits[task]))
        #expect(abs(Double(after[task][row]) - expected) < Tolerance.float32Forward)
      }
    }
  }

  @Test func `on rows that are not in the log traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = ScoringEngineTests.scores(Runs.weights(), 100..<141)
    }
  }
}
