import Foundation
import RankingMetrics
import Testing

/// Scores, labels and groups of `fixtures/metrics/cases.json`, with the values computed there.
struct GoldenCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Expected: Decodable, Sendable {
    var rows: Int
    var positives: Int
    var auc: Double?
    var auc_variance: Double?
    var auc_low: Double?
    var auc_high: Double?
    var gauc: Double?
    var gauc_groups: Int?
    var gauc_rows: Int?
    var log_loss: Double?
    var normalised_entropy: Double?
    var calibration: Double?
    var gauc_by_positives: Double?
    var gauc_equal: Double?
    var pr_auc: Double?
    var ece: Double?
    var ece_equal_width: Double?
    /// Rows, mean prediction, share of positives and Wilson's interval of each bin.
    var reliability: [[Double]]?
    var lift: [Double]?
    /// NDCG, average precision and recall at 5, the reciprocal rank, and the requests used.
    var by_request: [Double]?
    /// False and true positive rates; recall and precision.
    var roc: [[Double]]?
    var pr: [[Double]]?
  }
  var name: String
  var scores: [Float]
  var labels: [UInt8]
  var groups: [Int64]
  var weights: [Float]?
  var expected: Expected

  var testDescription: String { name }

  static func all() throws -> [GoldenCase] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../fixtures/metrics/cases.json")
    return try JSONDecoder().decode([GoldenCase].self, from: Data(contentsOf: file))
  }
}

struct GoldenMetricsTests {
  /// Both sides compute in double precision from the same scores; 1e-9 leaves room for the order
  /// of a thousand additions.
  static let tolerance = 1e-9

  private func expectEqual(
    _ value: Double?, _ expected: Double?, _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard let value, let expected else {
      #expect(value == expected, "\(name)", sourceLocation: sourceLocation)
      return
    }
    let difference = abs(value - expected)
    #expect(
      difference <= Self.tolerance * max(1, abs(expected)), "\(name): \(value), not \(expected)",
      sourceLocation: sourceLocation)
  }

  private func expectEqual(
    _ values: [Double], _ expected: [Double], _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(values.count == expected.count, "\(name)", sourceLocation: sourceLocation)
    for (value, expected) in zip(values, expected) {
      expectEqual(value, expected, name, sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: try GoldenCase.all())
  func `task metrics agree with the independent program`(golden: GoldenCase) {
    let expected = golden.expected
    let metrics = TaskMetrics(
      scores: golden.scores, labels: golden.labels, groups: golden.groups, weights: golden.weights)
    #expect(metrics.rows == expected.rows)
    #expect(metrics.positives == expected.positives)
    expectEqual(metrics.auc, expected.auc, "auc")
    expectEqual(metrics.aucLow, expected.auc_low, "auc_low")
    expectEqual(metrics.aucHigh, expected.auc_high, "auc_high")
    expectEqual(metrics.gauc, expected.gauc, "gauc")
    expectEqual(metrics.prAUC, expected.pr_auc, "pr_auc")
    expectEqual(metrics.logLoss, expected.log_loss, "log_loss")
    expectEqual(metrics.normalisedEntropy, expected.normalised_entropy, "normalised_entropy")
    expectEqual(metrics.calibration, expected.calibration, "calibration")
    expectEqual(metrics.calibrationError, expected.ece, "ece")
    if expected.gauc != nil {
      let rowShare = expected.gauc_rows.map { Double($0) / Double(expected.rows) }
      #expect(metrics.gaucGroups == expected.gauc_groups)
      expectEqual(metrics.gaucRowShare, rowShare, "gauc_row_share")
    }
    let values = [metrics.auc, metrics.aucLow, metrics.gauc, metrics.logLoss, metrics.calibration]
    #expect((metrics.note != nil) == values.contains(nil), "\(metrics.note ?? "no note")")
  }

  @Test(arguments: try GoldenCase.all().filter { $0.expected.auc != nil })
  func `DeLong's variance agrees with the matrix of all pairs`(golden: GoldenCase) throws {
    let area = try AUC(scores: golden.scores, labels: golden.labels, weights: golden.weights)
    expectEqual(area.variance, golden.expected.auc_variance, "variance")
  }

  @Test(arguments: try GoldenCase.all().filter { $0.expected.gauc != nil })
  func `GAUC agrees for every weighting of the groups`(golden: GoldenCase) throws {
    for weighting in GroupWeighting.allCases {
      let value = try GroupedAUC(
        scores: golden.scores, labels: golden.labels, groups: golden.groups,
        weights: golden.weights, weighting: weighting
      ).value
      let expected =
        switch weighting {
        case .rows: golden.expected.gauc
        case .positives: golden.expected.gauc_by_positives
        case .equal: golden.expected.gauc_equal
        }
      expectEqual(value, expected, weighting.rawValue)
    }
  }

  @Test(arguments: try GoldenCase.all().filter { $0.expected.ece != nil })
  func `bins agree, with Wilson's intervals`(golden: GoldenCase) throws {
    let width = try Reliability(
      probabilities: golden.scores, labels: golden.labels, weights: golden.weights, binCount: 10,
      binning: .equalWidth)
    expectEqual(width.expectedCalibrationError, golden.expected.ece_equal_width, "equal width")
    let mass = try Reliability(
      probabilities: golden.scores, labels: golden.labels, weights: golden.weights)
    expectEqual(mass.expectedCalibrationError, golden.expected.ece, "equal mass")
    guard let bins = golden.expected.reliability else { return }
    let found = mass.bins.map { bin in
      [
        Double(bin.rows), bin.meanPrediction, bin.positiveRate, bin.interval.lowerBound,
        bin.interval.upperBound,
      ]
    }
    expectEqual(found.flatMap { $0 }, bins.flatMap { $0 }, "bins")
  }

  @Test(arguments: try GoldenCase.all().filter { $0.expected.lift != nil })
  func `lift agrees in every part`(golden: GoldenCase) throws {
    let parts = try Lift(
      scores: golden.scores, labels: golden.labels, weights: golden.weights
    ).parts
    expectEqual(parts.map(\.lift), golden.expected.lift ?? [], "lift")
    expectEqual(parts.last?.cumulativeGain, 1, "gain")
  }

  @Test(arguments: try GoldenCase.all().filter { $0.expected.by_request != nil })
  func `order within requests agrees with the mean over all orders of ties`(
    golden: GoldenCase
  ) throws {
    let weights = golden.weights ?? golden.labels.map { _ in 1 }
    let labels = zip(golden.labels, weights).map { $1 > 0 ? $0 : 2 }
    let metrics = try RequestMetrics(
      scores: golden.scores, labels: labels, requests: golden.groups, cutoff: 5)
    let found = [
      metrics.ndcg, metrics.averagePrecision, metrics.recall, metrics.reciprocalRank,
      Double(metrics.requestsUsed),
    ]
    expectEqual(found, golden.expected.by_request ?? [], "by request")
  }

  @Test(arguments: try GoldenCase.all().filter { $0.expected.roc != nil })
  func `curves agree point by point`(golden: GoldenCase) throws {
    let curve = try ROCCurve(
      scores: golden.scores, labels: golden.labels, weights: golden.weights
    ).points
    let precisions = try PrecisionRecallCurve(
      scores: golden.scores, labels: golden.labels, weights: golden.weights
    ).points
    let roc = golden.expected.roc ?? []
    let pr = golden.expected.pr ?? []
    expectEqual(curve.map(\.falsePositiveRate), roc[0], "false positive rate")
    expectEqual(curve.map(\.truePositiveRate), roc[1], "true positive rate")
    expectEqual(precisions.map(\.recall), pr[0], "recall")
    expectEqual(precisions.map(\.precision), pr[1], "precision")
  }
}
