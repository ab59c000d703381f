import RankingMetrics
import Testing

struct CurveTests {
  private let rows = SampleRows(3_000, steps: 1 << 20, seed: 41)

  /// The distance of a point from a segment, or the smallest over a line of segments.
  private func distance(of point: (Double, Double), from line: [(Double, Double)]) -> Double {
    zip(line, line.dropFirst()).map { start, end in
      let (dx, dy) = (end.0 - start.0, end.1 - start.1)
      let length = dx * dx + dy * dy
      let along = (point.0 - start.0) * dx + (point.1 - start.1) * dy
      let share = length == 0 ? 0 : min(1, max(0, along / length))
      let (x, y) = (start.0 + share * dx - point.0, start.1 + share * dy - point.1)
      return (x * x + y * y).squareRoot()
    }.min() ?? .infinity
  }

  @Test(arguments: [4, 7, 50, 400])
  func `a thinned ROC curve is moved by less than one over its points`(limit: Int) throws {
    let full = try ROCCurve(scores: rows.scores, labels: rows.labels).points
    let thin = try ROCCurve(scores: rows.scores, labels: rows.labels, limit: limit).points
    #expect(thin.count == limit)
    #expect(thin.first == full.first && thin.last == full.last)
    let sums = thin.map { $0.falsePositiveRate + $0.truePositiveRate }
    for (sum, next) in zip(sums, sums.dropFirst()) {
      #expect(abs(next - sum - 2 / Double(limit - 1)) < 1e-12)
    }
    let line = thin.map { ($0.falsePositiveRate, $0.truePositiveRate) }
    for index in stride(from: 0, to: full.count, by: 17) {
      let point = (full[index].falsePositiveRate, full[index].truePositiveRate)
      #expect(distance(of: point, from: line) < 1 / Double(limit))
    }
  }

  @Test(arguments: [4, 7, 50, 400])
  func `a thinned precision-recall curve is moved sideways by less than a part's width`(
    limit: Int
  ) throws {
    let full = try PrecisionRecallCurve(scores: rows.scores, labels: rows.labels).points
    let thin = try PrecisionRecallCurve(
      scores: rows.scores, labels: rows.labels, limit: limit
    ).points
    #expect(thin.count <= limit)
    #expect(thin.first == full.first && thin.last == full.last)
    #expect(zip(thin, thin.dropFirst()).allSatisfy { $0.recall <= $1.recall })
    let parts = limit / 2 - 1
    for part in 0..<parts {
      let inside = [full, thin].map { points in
        points.dropFirst().filter { min(parts - 1, Int($0.recall * Double(parts))) == part }
          .map(\.precision)
      }
      #expect(inside[0].min() == inside[1].min())
      #expect(inside[0].max() == inside[1].max())
    }
    let line = thin.map { ($0.recall, $0.precision) }
    for index in stride(from: 0, to: full.count, by: 17) {
      let point = (full[index].recall, full[index].precision)
      #expect(distance(of: point, from: line) <= 2 / Double(limit - 3))
    }
  }

  @Test func `a curve that is short enough keeps its corners`() throws {
    let scores: [Float] = [0.9, 0.5, 0.5, 0.1]
    let labels: [UInt8] = [1, 0, 1, 0]
    let curve = try ROCCurve(scores: scores, labels: labels, limit: 4).points
    let corners: [(Double, Double)] = [(0, 0), (0, 0.5), (0.5, 1), (1, 1)]
    let expected = corners.map {
      ROCCurve.Point(falsePositiveRate: $0.0, truePositiveRate: $0.1)
    }
    #expect(curve == expected)
    #expect(try PrecisionRecallCurve(scores: scores, labels: labels, limit: 4).points.count == 4)
  }

  @Test func `all scores equal are one straight step`() throws {
    let scores = [Float](repeating: 0.5, count: 6)
    let curve = try ROCCurve(scores: scores, labels: [1, 0, 1, 0, 0, 0], limit: 5).points
    #expect(curve.count == 2)
  }

  @Test func `says why a curve is undefined`() {
    #expect(throws: UndefinedMetric.noPositive(rows: 1)) {
      try PrecisionRecallCurve(scores: [0.5], labels: [0])
    }
    #expect(throws: UndefinedMetric.noNegative(rows: 1)) {
      try ROCCurve(scores: [0.5], labels: [1])
    }
  }
}
