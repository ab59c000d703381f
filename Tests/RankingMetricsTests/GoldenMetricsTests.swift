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
  }
  var name: String
  var scores: [Float]
  var labels: [UInt8]
  var groups: [Int64]
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

  @Test(arguments: try GoldenCase.all())
  func `task metrics agree with the independent program`(golden: GoldenCase) {
    let expected = golden.expected
    let metrics = TaskMetrics(scores: golden.scores, labels: golden.labels, groups: golden.groups)
    #expect(metrics.rows == expected.rows)
    #expect(metrics.positives == expected.positives)
    expectEqual(metrics.auc, expected.auc, "auc")
    expectEqual(metrics.aucLow, expected.auc_low, "auc_low")
    expectEqual(metrics.aucHigh, expected.auc_high, "auc_high")
    expectEqual(metrics.gauc, expected.gauc, "gauc")
    expectEqual(metrics.logLoss, expected.log_loss, "log_loss")
    expectEqual(metrics.normalisedEntropy, expected.normalised_entropy, "normalised_entropy")
    expectEqual(metrics.calibration, expected.calibration, "calibration")
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
    let area = try AUC(scores: golden.scores, labels: golden.labels)
    expectEqual(area.variance, golden.expected.auc_variance, "variance")
  }
}
