import RankingMetrics
import Testing

struct PositivesNeededTests {
  static let reach = 1.959963984540054 + 0.8416212335729143

  /// Hanley and McNeil's variance of an area.
  private func variance(_ area: Double, _ positives: Double, _ negatives: Double) -> Double {
    let first = area / (2 - area) - area * area
    let second = 2 * area * area / (1 + area) - area * area
    return
      (area * (1 - area) + (positives - 1) * first + (negatives - 1) * second)
      / (positives * negatives)
  }

  @Test(arguments: [0.5, 0.7, 0.95], [0.3, 1, 40])
  func `the answer is the smallest number that is enough`(area: Double, ratio: Double) throws {
    for difference in [0.2, 0.01, 0.0005] {
      let needed = try #require(
        PositivesNeeded.telling(
          difference, area: area, negativesPerPositive: ratio, correlation: 0.6))
      func error(_ positives: Int) -> Double {
        let ofArea = variance(area, Double(positives), ratio * Double(positives))
        return (2 * (1 - 0.6) * ofArea).squareRoot()
      }
      #expect(error(needed) <= difference / Self.reach * (1 + 1e-9))
      if needed > 2 { #expect(error(needed - 1) > difference / Self.reach * (1 - 1e-9)) }
    }
  }

  @Test func `from a variance that was seen, four times the positives tell half the difference`()
    throws
  {
    let rows = SampleRows(500, steps: 50, seed: 61)
    let other = rows.scores.indices.map { rows.scores[$0] + Float($0 * 7 % 13) / 20 }
    let seen = try AUCDifference(first: rows.scores, second: other, labels: rows.labels)
    let needed = try [0.02, 0.01].map { try #require(PositivesNeeded.telling($0, like: seen)) }
    let variance = try #require(seen.variance)
    let exact = Double(seen.positives) * variance * (Self.reach / 0.02) * (Self.reach / 0.02)
    #expect(needed[0] == Int(exact.rounded(.up)))
    #expect(abs(needed[1] - 4 * needed[0]) <= 4)
  }

  @Test func `no number is enough for no difference`() throws {
    #expect(
      PositivesNeeded.telling(0, area: 0.7, negativesPerPositive: 9, correlation: 0.5) == nil)
    let scores: [Float] = [0.1, 0.4, 0.3, 0.8]
    let same = try AUCDifference(first: scores, second: scores, labels: [0, 1, 0, 1])
    #expect(PositivesNeeded.telling(0, like: same) == nil)
    #expect(PositivesNeeded.telling(0.1, like: same) == 2)
    let one = try AUCDifference(first: scores, second: scores, labels: [0, 1, 0, 0])
    #expect(PositivesNeeded.telling(0.1, like: one) == nil)
  }
}
