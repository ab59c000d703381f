import RankingMetrics
import Testing

struct LiftTests {
  @Test func `perfect order puts all positives into the first parts`() throws {
    let labels = (0..<20).map { UInt8($0 < 4 ? 1 : 0) }
    let parts = try Lift(scores: (0..<20).map { -Float($0) }, labels: labels).parts
    #expect(parts.map(\.lift) == [5, 5, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(parts.map(\.rows) == [Double](repeating: 2, count: 10))
    #expect(parts[1].cumulativeGain == 1)
    #expect(parts[3].cumulativeLift == 2.5)
  }

  @Test func `all scores equal have a lift of one everywhere`() throws {
    let parts = try Lift(
      scores: [Float](repeating: 3, count: 7), labels: [1, 0, 0, 0, 0, 0, 1], partCount: 4
    ).parts
    for part in parts { #expect(abs(part.lift - 1) < 1e-15) }
  }

  @Test func `fewer rows than parts are shared among them`() throws {
    let parts = try Lift(scores: [0.5], labels: [1]).parts
    #expect(parts.count == 10)
    #expect(abs(parts[0].positives - 0.1) < 1e-15)
    #expect(throws: UndefinedMetric.noPositive(rows: 1)) { try Lift(scores: [0.5], labels: [0]) }
  }
}
