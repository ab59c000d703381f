/// The share of positives among the rows passed against the share of positives found, going down
/// the scores.
///
/// The curve is a step curve: precision is defined at the points and not between them. Its area in
/// that sense is ``AveragePrecision``.
public struct PrecisionRecallCurve: Equatable, Sendable {
  /// A point of the curve; both shares are in `0...1`.
  public struct Point: Equatable, Sendable {
    /// The share of positives found so far.
    public var recall: Double
    /// The share of positives among the rows passed so far.
    public var precision: Double

    /// Creates a point from the two shares.
    public init(recall: Double, precision: Double) {
      self.recall = recall
      self.precision = precision
    }
  }

  /// From recall 0, where precision is 1 by convention, to recall 1; recall never falls.
  public let points: [Point]

  /// Draws the curve of the rows whose label is 0 or 1.
  ///
  /// A curve of more than `limit` points keeps its ends and, in each of `limit/2 − 1` equal parts
  /// of the recall axis, the points of the highest and the lowest precision. Every point that is
  /// dropped lies no further from the drawn line than the width of a part, `2/(limit − 3)`, to
  /// the side: its precision is between the two that are kept.
  ///
  /// - Parameters:
  ///   - scores: any numbers that order the rows, higher for likelier positives.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - weights: how much each row counts, finite and at least 0, which leaves the row out; nil
  ///     counts all alike.
  ///   - limit: at most so many points, at least 4; nil keeps one per distinct score.
  /// - Throws: ``UndefinedMetric`` without a positive, or where a score or weight can't be used.
  /// - Complexity: O(n) time, 16 bytes of memory a row (24 with weights) and 16 a point.
  public init(
    scores: [Float], labels: [UInt8], weights: [Float]? = nil, limit: Int? = nil
  ) throws(UndefinedMetric) {
    precondition(limit ?? 4 >= 4, "a curve of \(limit ?? 0) points")
    let ranked = try RankedRows(scores: scores, labels: labels, weights: weights)
    let range = 0..<ranked.rows.count
    let all = ranked.tally(in: range)
    if all.positiveRows == 0 { throw .noPositive(rows: all.rows) }
    var corners = 0
    if limit != nil { ranked.forEachTieDown(in: range) { _, _ in corners += 1 } }
    var line = ExtremesLine(parts: corners + 1 > limit ?? .max ? limit.map { $0 / 2 - 1 } : nil)
    var passed = ClassTally()
    ranked.forEachTieDown(in: range) { _, tie in
      passed.add(tie)
      line.add(
        Point(
          recall: min(1, passed.positives / all.positives),
          precision: passed.positives / passed.weight))
    }
    points = line.finished()
  }
}

/// Gathers all points, or those of the highest and lowest precision in each part of the recall axis.
private struct ExtremesLine {
  private typealias Point = PrecisionRecallCurve.Point
  private let parts: Int?
  private var points = [Point(recall: 0, precision: 1)]
  private var part = 0
  /// Of the part at hand, with the order in which they came.
  private var extremes: (lowest: (Int, Point), highest: (Int, Point))?
  private var count = 0
  private var last = Point(recall: 0, precision: 1)

  init(parts: Int?) { self.parts = parts }

  mutating func add(_ point: PrecisionRecallCurve.Point) {
    last = point
    guard let parts else {
      points.append(point)
      return
    }
    count += 1
    let here = min(parts - 1, Int(point.recall * Double(parts)))
    if here != part { closePart() }
    part = here
    guard let found = extremes else {
      extremes = ((count, point), (count, point))
      return
    }
    if point.precision < found.lowest.1.precision { extremes?.lowest = (count, point) }
    if point.precision > found.highest.1.precision { extremes?.highest = (count, point) }
  }

  private mutating func closePart() {
    guard let found = extremes else { return }
    let inOrder =
      found.lowest.0 < found.highest.0
      ? [found.lowest, found.highest] : [found.highest, found.lowest]
    points.append(inOrder[0].1)
    if inOrder[1].0 != inOrder[0].0 { points.append(inOrder[1].1) }
    extremes = nil
  }

  func finished() -> [PrecisionRecallCurve.Point] {
    var line = self
    line.closePart()
    if line.points.last != last { line.points.append(last) }
    return line.points
  }
}
