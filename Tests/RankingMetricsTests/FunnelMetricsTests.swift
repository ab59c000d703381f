import RankingMetrics
import Testing

struct FunnelMetricsTests {
  private let clicks: [Float] = [0.5, 0.5, 0.25, 0.25]
  private let clicked: [UInt8] = [1, 1, 0, 1]
  private let bought: [UInt8] = [1, 0, 0, 0]

  @Test func `scores of every row are divided by the parent's for the step`() {
    let metrics = FunnelMetrics(
      scores: [0.25, 0.125, 0.0625, 0], parentScores: clicks, labels: bought,
      parentLabels: clicked, meaning: .ofEveryRow)
    #expect(metrics.conditional.rows == 3)
    #expect(metrics.conditional.auc == 1)
    // The mean of 1/2, 1/4 and 0 against one positive in three.
    #expect(abs((metrics.conditional.calibration ?? 0) - 0.75) < 1e-12)
    #expect(metrics.wholePath.rows == 4)
    #expect(metrics.wholePath.calibration == 0.4375)
  }

  @Test func `scores given the parent are multiplied for the path`() {
    let metrics = FunnelMetrics(
      scores: [0.5, 0.25, 0.25, 0], parentScores: clicks, labels: bought,
      parentLabels: clicked, meaning: .givenParent)
    #expect(abs((metrics.conditional.calibration ?? 0) - 0.75) < 1e-12)
    #expect(metrics.wholePath.calibration == 0.4375)
  }

  @Test func `both readings of one model agree`() {
    let path: [Float] = [0.25, 0.125, 0.0625, 0]
    let step: [Float] = [0.5, 0.25, 0.25, 0]
    let readings = [(path, FunnelMetrics.Meaning.ofEveryRow), (step, .givenParent)].map {
      FunnelMetrics(
        scores: $0, parentScores: clicks, labels: bought, parentLabels: clicked, meaning: $1)
    }
    #expect(readings[0] == readings[1])
  }

  @Test func `a path is negative where either label is, and unknown where it may be positive`() {
    let metrics = FunnelMetrics(
      scores: [0.1, 0.1, 0.1, 0.1], parentScores: [0.2, 0.2, 0.2, 0.2], labels: [2, 0, 2, 1],
      parentLabels: [0, 2, 1, 1], meaning: .ofEveryRow)
    #expect(metrics.wholePath.rows == 3)
    #expect(metrics.wholePath.positives == 1)
    #expect(metrics.conditional.rows == 1)
  }

  @Test func `a step above the parent's probability counts as certain, NaN as bad`() {
    let metrics = FunnelMetrics(
      scores: [0.6, 0.1], parentScores: [0.5, 0], labels: [1, 1], parentLabels: [1, 1],
      meaning: .ofEveryRow)
    #expect(metrics.conditional.calibration == 1)
    let bad = FunnelMetrics(
      scores: [0.6, .nan], parentScores: [0.5, 0.5], labels: [1, 0], parentLabels: [1, 1],
      meaning: .ofEveryRow)
    #expect(bad.conditional.note?.hasPrefix("1 of 2 scores") == true)
  }
}
