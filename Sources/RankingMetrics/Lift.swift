/// How the positives are spread over the rows in order of score, part by part.
///
/// The rows are cut into equal parts, ten of them by default, from the highest scores down. Where
/// rows that share a score lie on both sides of a cut, each part gets its share of them: the
/// expected value over all orders of the tied rows.
public struct Lift: Equatable, Sendable {
  /// One of the equal parts.
  public struct Part: Equatable, Sendable {
    /// Expected rows in the part; with weights, the sum of their weights.
    public let rows: Double
    /// Expected positives in the part; with weights, the sum of their weights.
    public let positives: Double
    /// The part's share of positives over that of all rows: 1 is what a random part would have.
    public let lift: Double
    /// The share of all positives in this part and those above it, in `0...1`.
    public let cumulativeGain: Double
    /// The lift of this part and those above it together.
    public let cumulativeLift: Double
  }

  /// From the highest scores down.
  public let parts: [Part]

  /// Cuts the rows whose label is 0 or 1 into parts.
  ///
  /// - Parameters:
  ///   - scores: any numbers that order the rows, higher for likelier positives.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - weights: how much each row counts, finite and at least 0, which leaves the row out; nil
  ///     counts all alike. Parts are equal by weight.
  ///   - partCount: at least 1.
  /// - Throws: ``UndefinedMetric`` without a positive, or where a score or weight can't be used.
  /// - Complexity: O(n) time with a radix sort, 16 bytes of memory a row, 24 with weights.
  public init(
    scores: [Float], labels: [UInt8], weights: [Float]? = nil, partCount: Int = 10
  ) throws(UndefinedMetric) {
    precondition(partCount > 0, "\(partCount) parts")
    let ranked = try RankedRows(scores: scores, labels: labels, weights: weights)
    let range = 0..<ranked.rows.count
    let all = ranked.tally(in: range)
    if all.positiveRows == 0 { throw .noPositive(rows: all.rows) }
    // Positives above each cut, read off the straight line across the tie that the cut falls in.
    var found: [Double] = []
    var passed = ClassTally()
    ranked.forEachTieDown(in: range) { _, tie in
      let before = passed
      passed.add(tie)
      while found.count + 1 < partCount {
        let cut = all.weight * Double(found.count + 1) / Double(partCount)
        if cut > passed.weight { break }
        found.append(before.positives + tie.positives * ((cut - before.weight) / tie.weight))
      }
    }
    found.append(contentsOf: repeatElement(all.positives, count: partCount - found.count))
    let size = all.weight / Double(partCount)
    let rate = all.positives / all.weight
    parts = found.indices.map { index in
      let positives = found[index] - (index == 0 ? 0 : found[index - 1])
      return Part(
        rows: size, positives: positives, lift: positives / size / rate,
        cumulativeGain: found[index] / all.positives,
        cumulativeLift: found[index] / (size * Double(index + 1)) / rate)
    }
  }
}
