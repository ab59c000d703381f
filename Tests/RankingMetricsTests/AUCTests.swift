import RankingMetrics
import Testing

/// AUC as it is defined: over all pairs of a positive and a negative.
private func pairwiseArea(_ scores: [Float], _ labels: [UInt8]) -> Double {
  var wins = 0.0
  var pairs = 0.0
  for positive in scores.indices where labels[positive] == 1 {
    for negative in scores.indices where labels[negative] == 0 {
      pairs += 1
      if scores[positive] > scores[negative] { wins += 1 }
      if scores[positive] == scores[negative] { wins += 0.5 }
    }
  }
  return wins / pairs
}

struct AUCTests {
  @Test(arguments: [3, 17, 1 << 20], [UInt64(1), 2])
  func `equals the definition over all pairs`(steps: Int, seed: UInt64) throws {
    let rows = SampleRows(300, steps: steps, seed: seed)
    let area = try AUC(scores: rows.scores, labels: rows.labels)
    #expect(area.value == pairwiseArea(rows.scores, rows.labels))
  }

  @Test func `long inputs, sorted by digits, give the same value in any order of rows`() throws {
    let rows = SampleRows(4_001, steps: 1 << 20, seed: 3)
    let area = try AUC(scores: rows.scores, labels: rows.labels)
    let reversed = try AUC(scores: rows.scores.reversed(), labels: rows.labels.reversed())
    let negated = try AUC(scores: rows.scores.map { -$0 }, labels: rows.labels)
    #expect(area == reversed)
    #expect(abs(area.value + negated.value - 1) < 1e-15)
    #expect(area.value == pairwiseArea(rows.scores, rows.labels))
  }

  @Test func `negative, zero and infinite scores order like numbers`() throws {
    let scores: [Float] = [-.infinity, -2, -1e-30, -0.0, 0, 1e-30, 3, .infinity]
    let labels: [UInt8] = [0, 0, 0, 1, 0, 1, 1, 1]
    #expect(try AUC(scores: scores, labels: labels).value == 15.5 / 16)
  }

  @Test func `unknown labels are left out, even with scores that are no numbers`() throws {
    let area = try AUC(scores: [0.1, .nan, 0.9, 0.5], labels: [0, 2, 1, 2])
    #expect(area.value == 1)
    #expect(area.positives == 1)
    #expect(area.negatives == 1)
  }

  @Test func `says why it is undefined`() {
    #expect(throws: UndefinedMetric.noPositive(rows: 2)) {
      try AUC(scores: [0.1, 0.2], labels: [0, 0])
    }
    #expect(throws: UndefinedMetric.noNegative(rows: 1)) { try AUC(scores: [0.1], labels: [1]) }
    #expect(throws: UndefinedMetric.noRows) { try AUC(scores: [], labels: []) }
    #expect(throws: UndefinedMetric.badScores(count: 1, rows: 2)) {
      try AUC(scores: [.nan, 0.2], labels: [0, 1])
    }
  }

  @Test func `two positives and two negatives get DeLong's closed form`() throws {
    // Positives beat 1/2 and 2/2 of the negatives; negatives lose to 2/2 and 1/2 of the positives.
    let area = try AUC(scores: [0.1, 0.3, 0.2, 0.4], labels: [0, 0, 1, 1])
    let sampleVariance: Double = 2 * 0.25 * 0.25
    let expected = sampleVariance / 2 + sampleVariance / 2
    #expect(area.value == 0.75)
    #expect(area.variance == expected)
  }
}

struct GroupedAUCTests {
  @Test func `weights the groups by their rows and leaves out those of one class`() throws {
    let groups: [Int64] = [7, -1, 7, -1, 7, 3, 3]
    let labels: [UInt8] = [1, 0, 0, 1, 0, 0, 0]
    let scores: [Float] = [0.5, 0.9, 0.6, 0.1, 0.4, 0.2, 0.3]
    let grouped = try GroupedAUC(scores: scores, labels: labels, groups: groups)
    let expected: Double = (3 * 0.5 + 2 * 0) / 5
    #expect(grouped.value == expected)
    #expect([grouped.groups, grouped.groupsUsed] == [3, 2])
    #expect([grouped.rows, grouped.rowsUsed] == [7, 5])
  }

  @Test func `a large interleaved log equals the mean of each group's own AUC`() throws {
    let rows = SampleRows(5_000, steps: 9, seed: 5)
    let groups = (0..<5_000).map { Int64($0 * $0 % 97) << 40 }
    var total = 0.0
    for group in Set(groups) {
      let members = groups.indices.filter { groups[$0] == group }
      let inside = (members.map { rows.scores[$0] }, members.map { rows.labels[$0] })
      total += Double(members.count) * pairwiseArea(inside.0, inside.1)
    }
    let grouped = try GroupedAUC(scores: rows.scores, labels: rows.labels, groups: groups)
    #expect(grouped.rowsUsed == 5_000)
    #expect(abs(grouped.value - total / 5_000) < 1e-12)
  }
}
