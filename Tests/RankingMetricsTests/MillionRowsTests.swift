import Foundation
import RankingMetrics
import Testing

/// The values of `fixtures/metrics/million.json`, for rows that both programs make by one formula.
struct MillionRows: Decodable {
  var rows: Int
  var positives: Int
  var auc: Double
  var auc_variance: Double
  var gauc: Double
  var pr_auc: Double
  var log_loss: Double
  var calibration: Double
  var ece: Double
  var weighted_auc: Double
  var weighted_pr_auc: Double
  var weighted_log_loss: Double
  var weighted_calibration: Double
  var weighted_ece: Double
  var requests: Int
  var by_request: [Double]
}

struct MillionRowsTests {
  private let expected: MillionRows
  private let scores: [Float]
  private let labels: [UInt8]
  private let weights: [Float]
  private let requests: [Int64]

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../fixtures/metrics/million.json")
    expected = try JSONDecoder().decode(MillionRows.self, from: Data(contentsOf: file))
    var scores: [Float] = []
    var labels: [UInt8] = []
    var weights: [Float] = []
    for row in 0..<UInt64(expected.rows) {
      let first = Self.mixed(2 * row + 1)
      let step = (first >> 44) * 16 + row % 10
      scores.append(Float(step) / Float(1 << 24))
      labels.append((Self.mixed(2 * row + 2) >> 40) * 8 < step ? 1 : 0)
      weights.append(Float(1 + first & 3))
    }
    (self.scores, self.labels, self.weights) = (scores, labels, weights)
    requests = (0..<Int64(expected.rows)).map { $0 / 10 }
  }

  /// SplitMix64's output function.
  private static func mixed(_ number: UInt64) -> UInt64 {
    var mixed = (number ^ number >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  private func expectEqual(
    _ value: Double?, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let value = try #require(value)
    let difference = abs(value - expected)
    #expect(
      difference <= GoldenMetricsTests.tolerance * max(1, expected), "\(value), not \(expected)",
      sourceLocation: sourceLocation)
  }

  @Test func `a million rows agree with the independent program`() throws {
    let metrics = TaskMetrics(
      scores: scores, labels: labels, groups: requests, requests: requests, cutoff: 5)
    #expect(metrics.rows == expected.rows)
    #expect(metrics.positives == expected.positives)
    try expectEqual(metrics.auc, expected.auc)
    try expectEqual(metrics.gauc, expected.gauc)
    try expectEqual(metrics.prAUC, expected.pr_auc)
    try expectEqual(metrics.logLoss, expected.log_loss)
    try expectEqual(metrics.calibration, expected.calibration)
    try expectEqual(metrics.calibrationError, expected.ece)
    let byRequest = try #require(metrics.byRequest)
    #expect(byRequest.requestsUsed == expected.requests)
    try expectEqual(byRequest.ndcg, expected.by_request[0])
    try expectEqual(byRequest.averagePrecision, expected.by_request[1])
    try expectEqual(byRequest.recall, expected.by_request[2])
    try expectEqual(byRequest.reciprocalRank, expected.by_request[3])
    let reach = 1.959963984540054 * expected.auc_variance.squareRoot()
    // The interval on the scale of the logit is symmetric to first order in its reach.
    let low = try #require(metrics.aucLow)
    #expect(abs(expected.auc - low - reach) < reach * 0.01)
  }

  @Test func `a million weighted rows agree with the independent program`() throws {
    let metrics = TaskMetrics(scores: scores, labels: labels, weights: weights)
    try expectEqual(metrics.auc, expected.weighted_auc)
    try expectEqual(metrics.prAUC, expected.weighted_pr_auc)
    try expectEqual(metrics.logLoss, expected.weighted_log_loss)
    try expectEqual(metrics.calibration, expected.weighted_calibration)
    try expectEqual(metrics.calibrationError, expected.weighted_ece)
  }
}
