import RankingMetrics
import Testing

/// DeLong's variances against drawing the rows again, with replacement and class by class.
///
/// The variance of `draws` values has a relative standard error of `√(2/(draws − 1))`; a test
/// allows four of them, and the `1/smaller class` by which resampling understates a variance.
struct BootstrapTests {
  private static let draws = 600
  private let rows = SampleRows(160, steps: 40, seed: 31)

  private func tolerance() -> Double {
    let ones = rows.labels.count { $0 == 1 }
    let smaller = min(ones, rows.labels.count - ones)
    return 4 * (2 / Double(Self.draws - 1)).squareRoot() + 1 / Double(smaller)
  }

  private func variance(_ value: (SampleRows, [Int]) throws -> Double) rethrows -> Double {
    var state: UInt64 = 5
    func one(of members: [Int]) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return members[Int(state >> 33) % members.count]
    }
    let classes = [UInt8(0), 1].map { label in
      rows.labels.indices.filter { rows.labels[$0] == label }
    }
    var values: [Double] = []
    for _ in 0..<Self.draws {
      let drawn = classes.flatMap { members in members.map { _ in one(of: members) } }
      values.append(try value(rows.taking(drawn), drawn))
    }
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }

  @Test func `the variance of an area`() throws {
    let drawn = try variance { rows, _ in
      try AUC(scores: rows.scores, labels: rows.labels).value
    }
    let area = try AUC(scores: rows.scores, labels: rows.labels)
    let ratio = try drawn / #require(area.variance)
    #expect(abs(ratio - 1) < tolerance())
  }

  @Test func `the variance of a weighted area`() throws {
    let weights = rows.scores.indices.map { Float($0 % 5 + 1) }
    let drawn = try variance { rows, drawn in
      try AUC(
        scores: rows.scores, labels: rows.labels, weights: drawn.map { weights[$0] }
      ).value
    }
    let area = try AUC(scores: rows.scores, labels: rows.labels, weights: weights)
    let ratio = try drawn / #require(area.variance)
    // Weights that differ fivefold leave about two thirds as many effective rows.
    #expect(abs(ratio - 1) < tolerance() * 1.5)
  }

  @Test func `the variance of a difference`() throws {
    let other = rows.scores.indices.map { rows.scores[$0] + Float($0 * 7 % 13) / 20 }
    let drawn = try variance { rows, drawn in
      try AUCDifference(
        first: rows.scores, second: drawn.map { other[$0] }, labels: rows.labels
      ).value
    }
    let gain = try AUCDifference(first: rows.scores, second: other, labels: rows.labels)
    let ratio = try drawn / #require(gain.variance)
    #expect(abs(ratio - 1) < tolerance())
  }
}
