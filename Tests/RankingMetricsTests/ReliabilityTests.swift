import RankingMetrics
import Testing

struct ReliabilityTests {
  @Test func `bins of equal mass hold equally many rows and keep ties together`() throws {
    let scores = (0..<100).map { Float($0) / 1_000 }
    let labels = scores.map { _ in UInt8(0) }
    let bins = try Reliability(probabilities: scores, labels: labels, binCount: 4).bins
    #expect(bins.map(\.rows) == [25, 25, 25, 25])
    let tied = try Reliability(
      probabilities: scores.map { min($0, 0.03) }, labels: labels, binCount: 4
    ).bins
    #expect(tied.map(\.rows) == [25, 5, 70])
  }

  @Test func `bins of equal width close at the upper end`() throws {
    let bins = try Reliability(
      probabilities: [0, 0.25, 0.5, 0.75, 1], labels: [0, 0, 1, 1, 1], binCount: 2,
      binning: .equalWidth
    ).bins
    #expect(bins.map(\.rows) == [3, 2])
    #expect(bins[0].predictions == 0...0.5)
    #expect(bins[1].positiveRate == 1)
  }

  @Test func `Wilson's interval of nothing and of all stays inside and is not empty`() {
    let none = wilsonInterval(of: 0, rows: 20)
    let all = wilsonInterval(of: 1, rows: 20)
    let squared = 1.959963984540054 * 1.959963984540054
    #expect(none.lowerBound == 0 && all.upperBound == 1)
    #expect(abs(none.upperBound - squared / (20 + squared)) < 1e-15)
    #expect(abs(none.upperBound + all.lowerBound - 1) < 1e-15)
  }

  @Test func `predictions that are no probabilities are counted`() {
    #expect(throws: UndefinedMetric.badScores(count: 2, rows: 3)) {
      try Reliability(probabilities: [1.5, -0.5, 0.5], labels: [0, 1, 1])
    }
  }
}
