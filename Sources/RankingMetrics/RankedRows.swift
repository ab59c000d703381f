/// Rows with known labels, sorted by group and within a group by ascending score.
///
/// Each row is one integer: 31 bits of the group's number, 32 bits that order like the score, and
/// the label in the lowest bit. Sorting those integers is all that AUC and GAUC need.
struct RankedRows {
  /// Rows that share a group and a score.
  struct Tie {
    var positives: Int
    var negatives: Int
  }

  private(set) var rows: [UInt64]

  /// Ranks the rows whose label is known; `groups` holds one number below 2³¹ per row.
  ///
  /// - Throws: ``UndefinedMetric/badScores(count:rows:)`` if a score is NaN.
  /// - Complexity: O(n) time with a radix sort, 16 bytes of memory a row.
  init(scores: [Float], labels: [UInt8], groups: [UInt32]? = nil) throws(UndefinedMetric) {
    precondition(
      scores.count == labels.count && groups.map { $0.count == scores.count } ?? true,
      "\(scores.count) scores, \(labels.count) labels, \(groups?.count ?? 0) groups")
    rows = []
    rows.reserveCapacity(scores.count)
    var badScores = 0
    for index in scores.indices where labels[index] <= 1 {
      let score = scores[index]
      if score.isNaN { badScores += 1 }
      var row = UInt64(Self.orderedBits(of: score)) << 1 | UInt64(labels[index])
      if let groups { row |= UInt64(groups[index]) << 33 }
      rows.append(row)
    }
    if badScores > 0 { throw .badScores(count: badScores, rows: rows.count) }
    if rows.isEmpty { throw .noRows }
    radixSort(&rows)
  }

  /// Bits that compare as unsigned integers the way the floats compare; −0 equals 0.
  static func orderedBits(of score: Float) -> UInt32 {
    let bits = (score + 0).bitPattern
    return bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
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

  /// The ties among the rows of `range`, in ascending order of score.
  func forEachTie(in range: Range<Int>, _ body: (Tie) -> Void) {
    var start = range.lowerBound
    while start < range.upperBound {
      let score = rows[start] >> 1
      var tie = Tie(positives: 0, negatives: 0)
      repeat {
        if rows[start] & 1 == 1 { tie.positives += 1 } else { tie.negatives += 1 }
        start += 1
      } while start < range.upperBound && rows[start] >> 1 == score
      body(tie)
    }
  }

  /// The positives among the rows of `range`.
  func positives(in range: Range<Int>) -> Int {
    var count = 0
    for index in range { count += Int(rows[index] & 1) }
    return count
  }

  /// Twice the number of pairs in `range` whose positive scores higher, ties counted as half.
  func doubledWins(in range: Range<Int>) -> Int {
    var negativesBelow = 0
    var doubled = 0
    forEachTie(in: range) { tie in
      doubled += tie.positives * (2 * negativesBelow + tie.negatives)
      negativesBelow += tie.negatives
    }
    return doubled
  }
}

/// Sorts integers in ascending order, eleven bits at a time from the lowest.
///
/// Digits that are equal everywhere cost one look; short arrays use the standard sort.
func radixSort(_ values: inout [UInt64]) {
  guard values.count > 2_000 else { return values.sort() }
  let digitBits = 11
  var other = [UInt64](repeating: 0, count: values.count)
  for shift in stride(from: 0, to: UInt64.bitWidth, by: digitBits) {
    var starts = [Int](repeating: 0, count: 1 << digitBits)
    for value in values { starts[Int(truncatingIfNeeded: value >> UInt64(shift)) & 2_047] += 1 }
    if starts.contains(values.count) { continue }
    var total = 0
    for digit in starts.indices {
      let count = starts[digit]
      starts[digit] = total
      total += count
    }
    for value in values {
      let digit = Int(truncatingIfNeeded: value >> UInt64(shift)) & 2_047
      other[starts[digit]] = value
      starts[digit] += 1
    }
    swap(&values, &other)
  }
}
