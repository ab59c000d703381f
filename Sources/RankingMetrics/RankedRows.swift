/// The rows that count, sorted by group and within a group by ascending score.
///
/// Each row is one integer: 31 bits of the group's number, 32 bits that order like the score, and
/// the label in the lowest bit. Sorting those integers, with the weights moved along where there
/// are any, is all that the metrics of order need.
struct RankedRows {
  private(set) var rows: [UInt64]
  /// The rows' weights in the same order; nil where all weigh the same.
  private var weights: [Float]?

  /// Ranks the rows whose label is known; `groups` holds one number below 2³¹ per row.
  ///
  /// - Throws: ``UndefinedMetric`` if no row counts, or if a score or a weight can't be used.
  /// - Complexity: O(n) time with a radix sort, 16 bytes of memory a row, 24 with weights.
  init(
    scores: [Float], labels: [UInt8], weights: [Float]? = nil, groups: [UInt32]? = nil
  ) throws(UndefinedMetric) {
    precondition(
      scores.count == labels.count && groups.map { $0.count == scores.count } ?? true,
      "\(scores.count) scores, \(labels.count) labels, \(groups?.count ?? 0) groups")
    let counted = try CountedRows(labels: labels, weights: weights)
    rows = []
    rows.reserveCapacity(scores.count)
    var badScores = 0
    for index in scores.indices where counted.labels[index] <= 1 {
      let score = scores[index]
      if score.isNaN { badScores += 1 }
      var row = UInt64(Self.orderedBits(of: score)) << 1 | UInt64(counted.labels[index])
      if let groups { row |= UInt64(groups[index]) << 33 }
      rows.append(row)
    }
    if badScores > 0 { throw .badScores(count: badScores, rows: rows.count) }
    if rows.isEmpty { throw .noRows }
    guard let all = counted.weights else {
      radixSort(&rows)
      return
    }
    var moved: [Float] = []
    moved.reserveCapacity(rows.count)
    for index in all.indices where counted.labels[index] <= 1 { moved.append(all[index]) }
    radixSort(&rows, moving: &moved)
    self.weights = moved
  }

  /// Bits that compare as unsigned integers the way the floats compare; −0 equals 0.
  static func orderedBits(of score: Float) -> UInt32 {
    let bits = (score + 0).bitPattern
    return bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
  }

  /// The score of a row.
  private func score(of row: UInt64) -> Float {
    let bits = UInt32(truncatingIfNeeded: row >> 1)
    return Float(bitPattern: bits >> 31 == 1 ? bits & 0x7fff_ffff : ~bits)
  }

  /// The ranges of rows that share a group, in ascending order of the groups' numbers.
  func forEachGroup(_ body: (Range<Int>) -> Void) {
    var start = 0
    while start < rows.count {
      let group = rows[start] >> 33
      var end = start + 1
      while end < rows.count, rows[end] >> 33 == group { end += 1 }
      body(start..<end)
      start = end
    }
  }

  /// The rows of `range` that share a score, in ascending order of score.
  func forEachTie(in range: Range<Int>, _ body: (_ score: Float, _ tie: ClassTally) -> Void) {
    var start = range.lowerBound
    while start < range.upperBound {
      let key = rows[start] >> 1
      var end = start + 1
      while end < range.upperBound, rows[end] >> 1 == key { end += 1 }
      body(score(of: rows[start]), tally(in: start..<end))
      start = end
    }
  }

  /// The same in descending order of score.
  func forEachTieDown(in range: Range<Int>, _ body: (_ score: Float, _ tie: ClassTally) -> Void) {
    var end = range.upperBound
    while end > range.lowerBound {
      let key = rows[end - 1] >> 1
      var start = end - 1
      while start > range.lowerBound, rows[start - 1] >> 1 == key { start -= 1 }
      body(score(of: rows[start]), tally(in: start..<end))
      end = start
    }
  }

  /// The rows of `range` by class.
  func tally(in range: Range<Int>) -> ClassTally {
    guard let weights else {
      var positives = 0
      for index in range { positives += Int(rows[index] & 1) }
      return ClassTally(positives: positives, negatives: range.count - positives)
    }
    var tally = ClassTally()
    for index in range {
      tally.add(isPositive: rows[index] & 1 == 1, weight: Double(weights[index]))
    }
    return tally
  }

  /// The share of pairs in `range` whose positive scores higher, ties counted as half.
  ///
  /// Exact without weights: counts and their products are whole numbers.
  func area(in range: Range<Int>, of all: ClassTally) -> Double {
    var negativesBelow = 0.0
    var doubled = 0.0
    forEachTie(in: range) { _, tie in
      doubled += tie.positives * (2 * negativesBelow + tie.negatives)
      negativesBelow += tie.negatives
    }
    return min(1, doubled / (2 * all.positives * all.negatives))  // rounding may pass the end
  }
}
