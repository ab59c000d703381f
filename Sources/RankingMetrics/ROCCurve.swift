/// The share of positives found against the share of negatives passed, going down the scores.
///
/// The polygon through ``points`` encloses ``AUC/value``: rows that share a score are one straight
/// step.
public struct ROCCurve: Equatable, Sendable {
  /// A point of the curve; both shares are in `0...1`.
  public struct Point: Equatable, Sendable {
    /// The share of negatives among the rows passed so far.
    public var falsePositiveRate: Double
    /// The share of positives among the rows passed so far.
    public var truePositiveRate: Double

    /// Creates a point from the two shares.
    public init(falsePositiveRate: Double, truePositiveRate: Double) {
      self.falsePositiveRate = falsePositiveRate
      self.truePositiveRate = truePositiveRate
    }
  }

  /// From (0, 0) to (1, 1); neither share ever falls.
  public let points: [Point]

  /// Draws the curve of the rows whose label is 0 or 1.
  ///
  /// A curve of more than `limit` points is replaced by `limit` points on it, at equal steps of
  /// both shares' sum. The corner between two of them is cut by less than `1/limit`: both lie in
  /// a rectangle whose sides add up to `2/(limit − 1)`, and a monotone path stays within
  /// `√2/4` of that sum of the rectangle's diagonal.
  ///
  /// - Parameters:
  ///   - scores: any numbers that order the rows, higher for likelier positives.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - weights: how much each row counts, finite and at least 0, which leaves the row out; nil
  ///     counts all alike.
  ///   - limit: at most so many points, at least 4; nil keeps one per distinct score.
  /// - Throws: ``UndefinedMetric`` where a class is missing, or a score or weight can't be used.
  /// - Complexity: O(n) time, 16 bytes of memory a row (24 with weights) and 16 a point.
  public init(
    scores: [Float], labels: [UInt8], weights: [Float]? = nil, limit: Int? = nil
  ) throws(UndefinedMetric) {
    precondition(limit ?? 4 >= 4, "a curve of \(limit ?? 0) points")
    let ranked = try RankedRows(scores: scores, labels: labels, weights: weights)
    let range = 0..<ranked.rows.count
    let all = ranked.tally(in: range)
    try all.requireBothClasses()
    var corners = 0
    if limit != nil { ranked.forEachTieDown(in: range) { _, _ in corners += 1 } }
    var line = MonotoneLine(limit: corners + 1 > limit ?? .max ? limit : nil)
    var passed = ClassTally()
    ranked.forEachTieDown(in: range) { _, tie in
      passed.add(tie)
      line.add(
        Point(
          falsePositiveRate: min(1, passed.negatives / all.negatives),
          truePositiveRate: min(1, passed.positives / all.positives)))
    }
    points = line.finished()
  }
}

/// Gathers a curve that rises from (0, 0) to (1, 1), or evenly spaced points on it.
private struct MonotoneLine {
  private let limit: Int?
  private var points = [ROCCurve.Point(falsePositiveRate: 0, truePositiveRate: 0)]
  private var last = ROCCurve.Point(falsePositiveRate: 0, truePositiveRate: 0)

  init(limit: Int?) { self.limit = limit }

  mutating func add(_ point: ROCCurve.Point) {
    guard let limit else {
      points.append(point)
      return
    }
    let start = last.falsePositiveRate + last.truePositiveRate
    let end = point.falsePositiveRate + point.truePositiveRate
    // The last point is added at the end, exactly.
    while points.count < limit - 1 {
      let next = 2 * Double(points.count) / Double(limit - 1)
      if next > end { break }
      let share = (next - start) / (end - start)
      points.append(
        ROCCurve.Point(
          falsePositiveRate: last.falsePositiveRate
            + share * (point.falsePositiveRate - last.falsePositiveRate),
          truePositiveRate: last.truePositiveRate
            + share * (point.truePositiveRate - last.truePositiveRate)))
    }
    last = point
  }

  func finished() -> [ROCCurve.Point] {
    let end = ROCCurve.Point(falsePositiveRate: 1, truePositiveRate: 1)
    return limit == nil ? points.dropLast() + [end] : points + [end]
  }
}
