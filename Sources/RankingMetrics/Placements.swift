/// For each row, the share of the other class that its score is on the right side of, ties as half.
///
/// Their mean over the positives is the AUC, and so is that over the negatives; their spread gives
/// DeLong's variance.
struct Placements {
  /// In `0...1`, one a row; 0 for rows that don't count.
  private(set) var values: [Double]
  /// The area under the ROC curve.
  let area: Double

  /// The rows placed, by class.
  let all: ClassTally

  /// Places the rows whose label is 0 or 1 and whose weight is above 0.
  ///
  /// - Throws: ``UndefinedMetric`` where a class is missing or a score is NaN.
  /// - Complexity: O(n) time with a radix sort, 24 bytes of memory a row.
  init(scores: [Float], counted: CountedRows) throws(UndefinedMetric) {
    let labels = counted.labels
    precondition(scores.count == labels.count, "\(scores.count) scores, \(labels.count) labels")
    precondition(scores.count <= 1 << 32, "\(scores.count) rows are more than can be ranked")
    var rows: [UInt64] = []
    rows.reserveCapacity(scores.count)
    var all = ClassTally()
    var badScores = 0
    for index in scores.indices where labels[index] <= 1 {
      if scores[index].isNaN { badScores += 1 }
      all.add(isPositive: labels[index] == 1, weight: counted.weight(of: index))
      rows.append(UInt64(RankedRows.orderedBits(of: scores[index])) << 32 | UInt64(index))
    }
    if rows.isEmpty { throw .noRows }
    try all.requireBothClasses()
    if badScores > 0 { throw .badScores(count: badScores, rows: rows.count) }
    radixSort(&rows)
    values = [Double](repeating: 0, count: scores.count)
    var below = ClassTally()
    var start = 0
    var sum = 0.0
    while start < rows.count {
      var end = start
      var tie = ClassTally()
      while end < rows.count, rows[end] >> 32 == rows[start] >> 32 {
        let row = Int(rows[end] & 0xffff_ffff)
        tie.add(isPositive: labels[row] == 1, weight: counted.weight(of: row))
        end += 1
      }
      let beaten = (2 * below.negatives + tie.negatives) / 2 / all.negatives
      let above = (2 * (all.positives - below.positives) - tie.positives) / 2 / all.positives
      for position in start..<end {
        let row = Int(rows[position] & 0xffff_ffff)
        values[row] = labels[row] == 1 ? beaten : above
      }
      sum += tie.positives * beaten
      below.add(tie)
      start = end
    }
    area = min(1, sum / all.positives)
    self.all = all
  }
}
