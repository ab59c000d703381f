/// Which rows count for a metric, and how much each.
///
/// A row counts if its label is known and its weight is above zero.
struct CountedRows {
  /// 0 negative, 1 positive, anything else: does not count.
  let labels: [UInt8]
  /// How much each row counts; nil where all that count weigh the same, so that equal weights give
  /// exactly what no weights give.
  let weights: [Float]?

  /// Holds the weights, one a row, against the labels.
  ///
  /// - Throws: ``UndefinedMetric/badWeights(count:rows:)`` if a known row's weight is negative,
  ///   infinite or NaN.
  init(labels: [UInt8], weights: [Float]?) throws(UndefinedMetric) {
    guard let weights else {
      self.labels = labels
      self.weights = nil
      return
    }
    precondition(
      weights.count == labels.count, "\(weights.count) weights, \(labels.count) labels")
    var counted = labels
    var first: Float = 0
    var differ = false
    var known = 0
    var bad = 0
    for row in labels.indices where labels[row] <= 1 {
      let weight = weights[row]
      known += 1
      if !(weight >= 0 && weight.isFinite) { bad += 1 }
      if weight == 0 {
        counted[row] = 2
      } else if first == 0 {
        first = weight
      } else if weight != first {
        differ = true
      }
    }
    if bad > 0 { throw .badWeights(count: bad, rows: known) }
    self.labels = counted
    self.weights = differ ? weights : nil
  }

  /// The weight of a row that counts.
  func weight(of row: Int) -> Double { weights.map { Double($0[row]) } ?? 1 }
}
