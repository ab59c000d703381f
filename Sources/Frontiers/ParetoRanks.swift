/// Sorts points into fronts: those that no other beats, those that only the former beat, and so on.
///
/// A point beats another (dominates it) where it is at least as high in every objective and higher in
/// one; all objectives are to be maximised. Equal points beat each other nowhere and share a front. A
/// point with a NaN is unknown: it is on no front and beats nothing.
///
/// - Complexity: of `n` points in 2 objectives O(n log n); in `K` others O(K n²) at worst, less where
///   many points are beaten.
///
/// Zhang, Tian, Cheng, Jin: *An Efficient Approach to Nondominated Sorting for Evolutionary
/// Multiobjective Optimization*, IEEE TEVC 2015 (its binary search over the fronts); with two
/// objectives one number a front is enough.
public struct ParetoRanks: Sendable, Equatable {
  /// By point: the number of its front, 0 for the frontier; nil for a point with a NaN.
  public let ranks: [Int?]

  /// Sorts `points`, `[pointCount][objectiveCount]`.
  public init(of points: [[Double]]) {
    let objectiveCount = points.first?.count ?? 0
    precondition(points.allSatisfy { $0.count == objectiveCount }, "points of several lengths")
    let known = points.indices.filter { !points[$0].contains { $0.isNaN } }
    // Best first: a point is beaten by none that comes after it.
    let order = known.sorted { points[$1].lexicographicallyPrecedes(points[$0]) }
    var ranks = [Int?](repeating: nil, count: points.count)
    var fronts = Fronts(objectiveCount: objectiveCount)
    var former: (point: Int, rank: Int)?
    for point in order {
      let rank: Int
      if let former, points[former.point] == points[point] {
        rank = former.rank
      } else {
        rank = fronts.place(points[point])
      }
      ranks[point] = rank
      former = (point, rank)
    }
    self.ranks = ranks
  }

  /// The points that no other beats, in the order they came in.
  public var frontier: [Int] { ranks.indices.filter { ranks[$0] == 0 } }

  /// Whether `a` beats `b`.
  public static func dominates(_ a: [Double], _ b: [Double]) -> Bool {
    precondition(a.count == b.count, "points of several lengths")
    var isHigher = false
    for (x, y) in zip(a, b) {
      guard x >= y else { return false }
      if x > y { isHigher = true }
    }
    return isHigher
  }

  /// The fronts so far, which distinct points enter in descending order.
  private struct Fronts {
    let objectiveCount: Int
    /// With two objectives, each front's highest second one: it falls from front to front.
    private var heights: [Double] = []
    /// With any other number, each front's points.
    private var members: [[[Double]]] = []

    init(objectiveCount: Int) { self.objectiveCount = objectiveCount }

    /// Puts a point on the first front that doesn't beat it.
    mutating func place(_ point: [Double]) -> Int {
      if objectiveCount == 2 {
        let front = first(of: heights.count) { heights[$0] < point[1] }
        if front == heights.count { heights.append(point[1]) } else { heights[front] = point[1] }
        return front
      }
      // A front that beats it has only fronts before it that do as well.
      let front = first(of: members.count) { front in
        !members[front].reversed().contains { ParetoRanks.dominates($0, point) }
      }
      if front == members.count { members.append([point]) } else { members[front].append(point) }
      return front
    }

    /// The first of `count` numbers for which a condition holds that holds for all after it.
    private func first(of count: Int, where isPast: (Int) -> Bool) -> Int {
      var range = 0..<count
      while !range.isEmpty {
        let middle = range.lowerBound + range.count / 2
        range =
          isPast(middle) ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
      }
      return range.lowerBound
    }
  }
}
