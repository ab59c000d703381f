import Testing

/// Rows with scores, labels, weights and groups.
struct SampleRows: CustomTestStringConvertible {
  var scores: [Float] = []
  var labels: [UInt8] = []
  var weights: [Float] = []
  var groups: [Int64] = []

  /// Seeded random rows whose scores are multiples of 1/`steps`: the fewer, the more ties.
  ///
  /// Every fifth label is unknown and weights are 0, 1, 2 or 3 where `isComplete` is false.
  init(_ count: Int, steps: Int, seed: UInt64, isComplete: Bool = true) {
    var state = seed
    func next(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<count {
      let score = next(below: steps)
      scores.append(Float(score) / Float(steps))
      labels.append(next(below: steps) < score ? 1 : 0)
      weights.append(isComplete ? 1 : Float(next(below: 4)))
      groups.append(isComplete ? 0 : Int64(next(below: count / 8 + 1)) << 40)
      if !isComplete, next(below: 5) == 0 { labels[labels.count - 1] = 2 }
    }
  }

  var testDescription: String { "\(scores.count) rows, \(Set(scores).count) scores" }

  /// The rows in another order, some of them twice, or not at all.
  func taking(_ rows: [Int]) -> SampleRows {
    var taken = SampleRows(0, steps: 1, seed: 0)
    taken.scores = rows.map { scores[$0] }
    taken.labels = rows.map { labels[$0] }
    taken.weights = rows.map { weights[$0] }
    taken.groups = rows.map { groups[$0] }
    return taken
  }
}
