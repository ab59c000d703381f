/// Deals rows out to the parts of a split at random, by the time alone.
///
/// What a row is dealt depends on no other row, so rows that come or go later move none from one
/// part to another, and all rows of one moment, such as a request's, share a part.
package struct RandomCut: Sendable {
  private let shares: [Double]
  /// Where validation and test begin in `0...1`.
  private let borders: (validation: Double, test: Double)
  private let start: UInt64

  /// Takes one share for each part, in the order of ``SplitPart/allCases``.
  package init(shares: [Double], seed: UInt64) throws(SplitError) {
    for (part, share) in zip(SplitPart.allCases, shares) where !(share >= 0 && share.isFinite) {
      throw .badSize(part)
    }
    let sum = shares.reduce(0, +)
    guard shares[0] > 0, sum.isFinite else { throw .badSize(.train) }
    self.shares = shares
    borders = (shares[0] / sum, (shares[0] + shares[1]) / sum)
    start = StableHash.integer(Int64(bitPattern: seed))
  }

  /// The part of all rows of a moment, in microseconds since 1970 UTC.
  package func part(at time: Int64) -> SplitPart {
    let hash = StableHash.integer(Int64(bitPattern: start &+ UInt64(bitPattern: time)))
    let place = Double(hash >> 11) * 0x1p-53  // Uniform in 0..<1.
    if place < borders.validation { return .train }
    if place < borders.test { return .validation }
    return shares[2] > 0 ? .test : shares[1] > 0 ? .validation : .train
  }

  /// The rows of each part of a log.
  func rows(of times: Column<Int64>) throws(SplitError) -> SplitRows {
    var rows: [SplitPart: [Int32]] = [:]
    for row in 0..<times.count { rows[part(at: times[row]), default: []].append(Int32(row)) }
    for (part, share) in zip(SplitPart.allCases, shares) where share > 0 && rows[part] == nil {
      throw .emptyPart(
        part, window: nil, firstRow: times[0], lastRow: times[times.count - 1])
    }
    return SplitRows(
      train: .list(Column(rows[.train] ?? [])), validation: .list(Column(rows[.validation] ?? [])),
      test: .list(Column(rows[.test] ?? [])))
  }
}
