import RankingMetrics
import Testing

struct RequestMetricsTests {
  @Test func `requests without a positive are left out and told`() throws {
    let metrics = try RequestMetrics(
      scores: [0.9, 0.1, 0.5, 0.4, 0.3], labels: [0, 1, 0, 0, 2], requests: [1, 1, 2, 2, 3])
    #expect([metrics.requests, metrics.requestsUsed] == [2, 1])
    #expect(metrics.requestShare == 0.5)
    #expect(metrics.reciprocalRank == 0.5)
    #expect(metrics.recall == 1)
  }

  @Test func `tied rows have the mean over their orders`() throws {
    // The positive is first, second or third, each in one of three orders.
    let metrics = try RequestMetrics(
      scores: [0.5, 0.5, 0.5], labels: [0, 1, 0], requests: [8, 8, 8], cutoff: 2)
    let mean: Double = (1 + 0.5 + 1 / 3.0) / 3
    #expect(abs(metrics.reciprocalRank - mean) < 1e-15)
    #expect(abs(metrics.recall - 2 / 3.0) < 1e-15)
    #expect(abs(metrics.averagePrecision - 0.5) < 1e-15)
  }

  @Test func `a cut-off beyond every request changes nothing`() throws {
    let rows = SampleRows(300, steps: 9, seed: 2, isComplete: false)
    let metrics = try [300, Int.max].map {
      try RequestMetrics(
        scores: rows.scores, labels: rows.labels, requests: rows.groups, cutoff: $0)
    }
    #expect(metrics[0].ndcg == metrics[1].ndcg)
    #expect(metrics[0].averagePrecision == metrics[1].averagePrecision)
    #expect(metrics[0].recall == 1)
  }

  @Test func `says why it is undefined`() {
    #expect(throws: UndefinedMetric.noRequestWithPositive(requests: 2)) {
      try RequestMetrics(scores: [0.1, 0.2], labels: [0, 0], requests: [1, 2])
    }
    #expect(throws: UndefinedMetric.noRows) {
      try RequestMetrics(scores: [], labels: [], requests: [])
    }
  }
}
