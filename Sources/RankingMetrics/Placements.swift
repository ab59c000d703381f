/// For each row, the share of the other class that its score is on the right side of, ties as half.
///
/// Their mean over the positives is the AUC, and so is that over the negatives; their spread gives
/// DeLong's variance.
struct Placements {
  /// In `0...1`, one a row; 0 for rows whose label is neither 0 nor 1.
  private(set) var values: [Double]
  /// The area under the ROC curve.
  let area: Double

  /// Places the rows whose label is 0 or 1.
  ///
  /// - Throws: ``UndefinedMetric`` where a class is missing or a score is NaN.
  /// - Complexity: O(n) time with a radix sort, 24 bytes of memory a row.
  init(scores: [Float], labels: [UInt8]) throws(UndefinedMetric) {
    precondition(scores.count == labels.count, "\(scores.count) scores, \(labels.count) labels")
    precondition(scores.count <= 1 << 32, "\(scores.count) rows are more than can be ranked")
    var rows: [UInt64] = []
    rows.reserveCapacity(scores.count)
    var counts = [0, 0]  // negatives, positives
    var badScores = 0
    for index in scores.indices where labels[index] <= 1 {
      if scores[index].isNaN { badScores += 1 }
      counts[Int(labels[index])] += 1
      rows.append(UInt64(RankedRows.orderedBits(of: scores[index])) << 32 | UInt64(index))
    }
    if badScores > 0 { throw .badScores(count: badScores, rows: rows.count) }
    if rows.isEmpty { throw .noRows }
    if counts[1] == 0 { throw .noPositive(rows: rows.count) }
    if counts[0] == 0 { throw .noNegative(rows: rows.count) }
    radixSort(&rows)
    values = [Double](repeating: 0, count: scores.count)
    var below = [0, 0]
    var start = 0
    var sum = 0.0
    while start < rows.count {
      var end = start
      var tied = [0, 0]
      while end < rows.count, rows[end] >> 32 == rows[start] >> 32 {
        tied[Int(labels[Int(rows[end] & 0xffff_ffff)])] += 1
        end += 1
      }
      let beaten = Double(2 * below[0] + tied[0]) / 2 / Double(counts[0])
      let above = Double(2 * (counts[1] - below[1]) - tied[1]) / 2 / Double(counts[1])
      for position in start..<end {
        let row = Int(rows[position] & 0xffff_ffff)
        values[row] = labels[row] == 1 ? beaten : above
      }
      sum += Double(tied[1]) * beaten
      below[0] += tied[0]
      below[1] += tied[1]
      start = end
    }
    area = sum / Double(counts[1])
  }
}
