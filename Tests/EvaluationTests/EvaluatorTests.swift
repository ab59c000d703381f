import Evaluation
import Foundation
import Interactions
import Networks
import RankingMetrics
import TestSupport
import Testing
import Workers

/// A tiny model's metrics over a tiny log, beside what plain formulas make of the reference network.
struct EvaluatorTests {
  private static let settings = NetworkSettings(experts: 2, expert: [5], tower: [3])

  private static let weights = Weights(
    network: Architecture.mmoe.make(
      schema: TinyLog.schema, taskNames: TinyLog.taskNames, settings: settings),
    momentCount: 0, seed: 3, embeddingDeviation: 0.5)

  private let evaluator = Evaluator(
    weights: EvaluatorTests.weights, schema: TinyLog.schema, workers: WorkerGroup(workerCount: 2))

  /// Each task's probabilities, in double precision.
  private static func scores(_ log: EncodedLog, _ rows: [Int]) -> [[Double]] {
    let network = ReferenceNetwork(.mmoe, settings, copying: weights)
    let logits = rows.map { network.logits(log, row: $0) }
    return log.taskNames.indices.map { task in logits.map { 1 / (1 + exp(-$0[task])) } }
  }

  /// The share of pairs of a positive and a negative that are in order, ties as half.
  private static func area(_ scores: [Double], _ labels: [UInt8]) -> Double {
    var (wins, pairs) = (0.0, 0.0)
    for (score, label) in zip(scores, labels) where label == 1 {
      for (other, otherLabel) in zip(scores, labels) where otherLabel == 0 {
        wins += score > other ? 1 : score == other ? 0.5 : 0
        pairs += 1
      }
    }
    return wins / pairs
  }

  @Test(arguments: [RowSelection.range(7..<150), .list(Column([0, 3, 50, 51, 52, 149]))])
  func `agrees with a plain computation over the rows chosen, unknown labels left out`(
    rows: RowSelection
  ) throws {
    let log = TinyLog.make(rows: 150)
    let chosen = (0..<rows.count).map { rows[$0] }
    let scores = Self.scores(log, chosen)
    let metrics = evaluator.metrics(of: log, rows: rows)
    #expect(metrics.count == 3)
    for (task, found) in metrics.enumerated() {
      let labels = chosen.map { log.labels[task][$0] }
      let known = zip(scores[task], labels).filter { $0.1 < 2 }
      let positives = known.count { $0.1 == 1 }
      #expect(found.rows == known.count && known.count < rows.count + 1)
      #expect(found.positives == positives)
      guard positives > 0, positives < known.count else {
        #expect(found.auc == nil && found.note != nil)
        continue
      }
      #expect(abs(try #require(found.auc) - Self.area(scores[task], labels)) < Tolerance.double)
      let loss = known.reduce(0) { $0 - log1(known: $1) } / Double(known.count)
      #expect(abs(try #require(found.logLoss) - loss) < Tolerance.float32Forward)
      let calibration = known.reduce(0) { $0 + $1.0 } / Double(positives)
      let worst = Tolerance.float32Forward * Double(known.count)
      #expect(abs(try #require(found.calibration) - calibration) < worst)
    }
  }

  /// The logarithm of the probability that was given to what happened.
  private func log1(known: (score: Double, label: UInt8)) -> Double {
    log(known.label == 1 ? known.score : 1 - known.score)
  }

  @Test func `a task without a positive in the window says so, the others are whole`() {
    var log = TinyLog.make(rows: 60)
    log.labels[1] = Column([UInt8](repeating: 0, count: 60))
    let metrics = evaluator.metrics(of: log, rows: .range(0..<60))
    #expect(metrics[1].rows == 60)
    #expect(metrics[1].auc == nil && metrics[1].logLoss != nil)
    #expect(metrics[1].note?.hasPrefix("no positive among 60 rows") == true)
    #expect(metrics[0].auc != nil && metrics[2].auc != nil)
  }

  @Test func `a task without any known label has no rows`() {
    let log = TinyLog.make(rows: 60, unknownTask: 2)
    let metrics = evaluator.metrics(of: log, rows: .range(0..<60))[2]
    #expect(metrics.rows == 0 && metrics.logLoss == nil && metrics.auc == nil)
    #expect(metrics.note?.hasPrefix("no row with a known label") == true)
  }

  @Test func `an empty window has no metrics and says why, for every task`() {
    for metrics in evaluator.metrics(of: TinyLog.make(rows: 60), rows: .range(10..<10)) {
      #expect(metrics.rows == 0 && metrics.auc == nil && metrics.note != nil)
    }
  }

  @Test func `groups are users, and requests where the log has no users`() throws {
    var log = TinyLog.make(rows: 150)
    let users = Column((0..<150).map { Int64($0 % 4) })
    let requests = Column((0..<150).map { Int64($0 / 10) })
    let rows = Array(20..<140)
    let scores = Self.scores(log, rows)
    for (ownUsers, ownRequests, groups) in [
      (users, requests, users), (users, nil, users), (nil, requests, requests),
    ] as [(Column<Int64>?, Column<Int64>?, Column<Int64>)] {
      (log.users, log.requests) = (ownUsers, ownRequests)
      let metrics = evaluator.metrics(of: log, rows: .range(20..<140))
      for task in 0..<3 {
        let expected = Self.groupedArea(log, rows, scores[task], task, groups)
        #expect(abs(try #require(metrics[task].gauc) - expected) < Tolerance.double)
      }
    }
    (log.users, log.requests) = (nil, nil)
    let metrics = evaluator.metrics(of: log, rows: .range(20..<140))
    #expect(metrics.allSatisfy { $0.gauc == nil && $0.note == "no gauc: the rows have no groups" })
  }

  /// The areas of the groups with both classes, weighted by their known rows.
  private static func groupedArea(
    _ log: EncodedLog, _ rows: [Int], _ scores: [Double], _ task: Int, _ groups: Column<Int64>
  ) -> Double {
    let known = rows.indices.filter { log.labels[task][rows[$0]] < 2 }
    let byGroup = Dictionary(grouping: known) { groups[rows[$0]] }
    var (total, weight) = (0.0, 0.0)
    for members in byGroup.values {
      let labels = members.map { log.labels[task][rows[$0]] }
      guard Set(labels).count == 2 else { continue }
      total += Double(members.count) * area(members.map { scores[$0] }, labels)
      weight += Double(members.count)
    }
    return total / weight
  }
}
