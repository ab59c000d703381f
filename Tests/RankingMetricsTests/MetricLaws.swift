import RankingMetrics
import Testing

/// What every metric promises about weights, masks, the order of rows and the scale of scores.
struct MetricLaws {
  static let samples = [
    SampleRows(400, steps: 7, seed: 11, isComplete: false),
    SampleRows(400, steps: 1 << 20, seed: 12, isComplete: false),
    SampleRows(2_500, steps: 60, seed: 13, isComplete: false),  // long enough for the radix sort
  ]

  /// Sums of a few thousand terms in another order.
  static let tolerance = 1e-12

  /// Every metric that takes weights, without variances.
  private func values(_ rows: SampleRows, weights: [Float]?) throws -> [Double] {
    let (scores, labels) = (rows.scores, rows.labels)
    let halves = scores.map { 1 - abs($0 - 0.6) }
    let quality = try ProbabilityQuality(probabilities: scores, labels: labels, weights: weights)
    var values = [quality.logLoss, quality.meanPrediction, quality.positiveRate]
    values.append(
      try AUCDifference(first: scores, second: halves, labels: labels, weights: weights).value)
    for weighting in GroupWeighting.allCases {
      values.append(
        try GroupedAUC(
          scores: scores, labels: labels, groups: rows.groups, weights: weights,
          weighting: weighting
        ).value)
    }
    for binning in Binning.allCases {
      values.append(
        try Reliability(
          probabilities: scores, labels: labels, weights: weights, binning: binning
        ).expectedCalibrationError)
    }
    return values + (try orderValues(rows, scores: scores, weights: weights))
  }

  /// The metrics that see only the order of the scores.
  private func orderValues(
    _ rows: SampleRows, scores: [Float], weights: [Float]?
  ) throws -> [Double] {
    var values = [try AUC(scores: scores, labels: rows.labels, weights: weights).value]
    values.append(
      try AveragePrecision(scores: scores, labels: rows.labels, weights: weights).value)
    values += try Lift(scores: scores, labels: rows.labels, weights: weights).parts.map(\.lift)
    let curve = try ROCCurve(scores: scores, labels: rows.labels, weights: weights, limit: 20)
    return values + curve.points.map(\.truePositiveRate)
  }

  private func expectClose(_ values: [Double], _ others: [Double], _ law: String) {
    #expect(values.count == others.count)
    for (index, pair) in zip(values, others).enumerated() {
      #expect(abs(pair.0 - pair.1) <= Self.tolerance * 10, "\(law), value \(index): \(pair)")
    }
  }

  @Test(arguments: samples)
  func `weight 2 is the row twice, weight 0 the row removed`(rows: SampleRows) throws {
    let repeated = rows.weights.indices.flatMap { row in
      [Int](repeating: row, count: Int(rows.weights[row]))
    }
    try expectClose(
      values(rows, weights: rows.weights), values(rows.taking(repeated), weights: nil), "repeated")
  }

  @Test(arguments: samples)
  func `unknown labels are rows removed`(rows: SampleRows) throws {
    let known = rows.taking(rows.labels.indices.filter { rows.labels[$0] <= 1 })
    try expectClose(values(rows, weights: nil), values(known, weights: nil), "known")
    try expectClose(
      values(rows, weights: rows.weights), values(known, weights: known.weights), "weighted")
  }

  @Test(arguments: samples)
  func `the order of rows doesn't matter`(rows: SampleRows) throws {
    let turned = rows.taking(rows.labels.indices.map { ($0 * 7 + 3) % rows.labels.count })
    try #expect(
      orderValues(rows, scores: rows.scores, weights: nil)
        == orderValues(turned, scores: turned.scores, weights: nil))
    try expectClose(
      values(rows, weights: rows.weights), values(turned, weights: turned.weights), "turned")
  }

  @Test(arguments: samples)
  func `a monotone map of the scores changes no order`(rows: SampleRows) throws {
    let mapped = rows.scores.map { $0 * 8 - 3 }
    try #expect(
      orderValues(rows, scores: rows.scores, weights: rows.weights)
        == orderValues(rows, scores: mapped, weights: rows.weights))
    let requests = try [rows.scores, mapped].map {
      try RequestMetrics(scores: $0, labels: rows.labels, requests: rows.groups, cutoff: 4)
    }
    #expect(requests[0] == requests[1])
  }

  @Test(arguments: samples)
  func `equal weights give exactly what no weights give`(rows: SampleRows) throws {
    let equal = rows.weights.map { _ in Float(0.3) }
    try #expect(values(rows, weights: equal) == values(rows, weights: nil))
    #expect(
      try AUC(scores: rows.scores, labels: rows.labels, weights: equal)
        == AUC(scores: rows.scores, labels: rows.labels))
    let halves = rows.scores.map { 1 - abs($0 - 0.6) }
    #expect(
      try AUCDifference(first: rows.scores, second: halves, labels: rows.labels, weights: equal)
        == AUCDifference(first: rows.scores, second: halves, labels: rows.labels))
  }

  @Test(arguments: [Float.nan, -1, .infinity])
  func `weights that are no weights are counted, unless the label is unknown`(
    weight: Float
  ) throws {
    let scores: [Float] = [0.1, 0.2, 0.3]
    #expect(throws: UndefinedMetric.badWeights(count: 1, rows: 3)) {
      try AUC(scores: scores, labels: [0, 1, 0], weights: [1, weight, 1])
    }
    let area = try AUC(scores: scores, labels: [0, 2, 1], weights: [1, weight, 1])
    #expect(area.value == 1)
    let metrics = TaskMetrics(scores: scores, labels: [0, 1, 0], weights: [1, weight, 1])
    #expect(metrics.note?.hasPrefix("1 of 3 weights are not usable numbers") == true)
  }
}
