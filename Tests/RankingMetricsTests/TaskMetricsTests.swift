import Foundation
import RankingMetrics
import Testing

struct TaskMetricsTests {
  private func keysAndValues(_ metrics: TaskMetrics) throws -> [String: Any] {
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(metrics))
    return try #require(json as? [String: Any])
  }

  @Test func `JSON holds every key, null where the rows define no value`() throws {
    let metrics = TaskMetrics(scores: [0.1, 0.2], labels: [0, 0], groups: [1, 1])
    let json = try keysAndValues(metrics)
    let expected: Set = [
      "rows", "positives", "auc", "auc_low", "auc_high", "gauc", "gauc_groups",
      "gauc_group_share", "gauc_row_share", "log_loss", "normalised_entropy", "calibration",
      "pr_auc",
      "ece", "note",
    ]
    #expect(Set(json.keys) == expected)
    #expect(json["auc"] is NSNull)
    #expect(json["log_loss"] is Double)
    #expect(json["note"] as? String == "no positive among 2 rows")
    let encoded = try JSONEncoder().encode(metrics)
    #expect(try JSONDecoder().decode(TaskMetrics.self, from: encoded) == metrics)
  }

  @Test func `metrics of an earlier version, without the newer keys, can be read`() throws {
    let earlier = #"{"rows": 5, "positives": 2, "auc": 0.5}"#
    let metrics = try JSONDecoder().decode(TaskMetrics.self, from: Data(earlier.utf8))
    #expect(metrics.auc == 0.5)
    #expect(metrics.prAUC == nil)
  }

  @Test func `the order within requests is there where it was asked for`() throws {
    let metrics = TaskMetrics(
      scores: [0.1, 0.3, 0.4, 0.8], labels: [0, 1, 0, 1], requests: [1, 1, 2, 2], cutoff: 1)
    let json = try #require(try keysAndValues(metrics)["by_request"] as? [String: Any])
    #expect(
      Set(json.keys) == ["at", "requests", "requests_used", "ndcg", "map", "recall", "mrr"])
    #expect(json["ndcg"] as? Double == 1)
    #expect(json["at"] as? Int == 1)
  }

  @Test func `complete metrics have no note`() {
    let labels: [UInt8] = [0, 1, 0, 1]
    let metrics = TaskMetrics(
      scores: [0.1, 0.3, 0.4, 0.8], labels: labels, groups: [1, 1, 1, 1])
    #expect(metrics.note == nil)
    #expect(metrics.auc == 0.75)
    #expect(metrics.gaucGroupShare == 1)
  }

  @Test(arguments: [Float.nan, -0.01, 1.01, .infinity])
  func `scores that are no probabilities are counted, not averaged`(score: Float) throws {
    let metrics = TaskMetrics(scores: [score, 0.5, 0.7], labels: [0, 1, 0])
    #expect(metrics.logLoss == nil)
    #expect(metrics.auc == nil)
    #expect(try #require(metrics.note).hasPrefix("1 of 3 scores are not usable numbers"))
  }

  @Test func `without groups only GAUC is missing`() {
    let metrics = TaskMetrics(scores: [0.1, 0.3, 0.4, 0.8], labels: [0, 1, 0, 1])
    #expect(metrics.auc == 0.75)
    #expect(metrics.note == "no gauc: the rows have no groups")
  }

  @Test func `certain and wrong predictions cost the clamp's logarithm`() throws {
    let quality = try ProbabilityQuality(probabilities: [1, 0], labels: [0, 1])
    let expected = 23 * 0.693_147_180_559_945_3
    #expect(abs(quality.logLoss - expected) < 1e-12)
    #expect(quality.calibration == 1)
  }
}
