/// How much of the space above a reference point a set of points covers.
///
/// It is the volume of all places that are at least the reference and at most one of the points, in
/// every objective; all are to be maximised. A point more never makes it smaller, and a point that
/// another beats adds nothing, so that of two sets of models the one with the larger volume offers
/// the better choices. It has the unit of the objectives' product.
public struct Hypervolume: Sendable, Equatable {
  /// The volume, 0 where no point is above the reference in every objective.
  public let value: Double

  /// Measures `points`, `[pointCount][objectiveCount]`, exactly.
  ///
  /// A point with a NaN counts as absent.
  ///
  /// - Complexity: of `n` points that no other beats, O(n log n) in 2 objectives and O(nᴷ⁻¹ log n) at
  ///   worst in `K`; in practice far less, because most points stop counting once others cut them.
  ///
  /// While, Bradstreet, Barone: *A Fast Way of Calculating Exact Hypervolumes*, IEEE TEVC 2012: each
  /// point's exclusive share, by the volume of the others cut to its box, one objective less a level.
  public init(of points: [[Double]], above reference: [Double]) {
    precondition(points.allSatisfy { $0.count == reference.count }, "points of several lengths")
    let heights = points.map { zip($0, reference).map { $0 - $1 } }
      .filter { $0.allSatisfy { $0 > 0 } }
    value = reference.isEmpty ? 0 : Self.volume(heights)
  }

  /// The volume of the boxes from zero to each of `points`, whose numbers are positive.
  private static func volume(_ points: [[Double]]) -> Double {
    let points = ParetoRanks(of: points).frontier.map { points[$0] }
    guard let last = points.first.map({ $0.count - 1 }) else { return 0 }
    // Box by box up the last objective: the boxes that come later reach at least as high there, so
    // that what they leave of this one is as high everywhere.
    let ascending = points.sorted { $0[last] < $1[last] }
    if last == 0 { return ascending[ascending.count - 1][0] }
    if last == 1 { return area(ascending) }
    var volume = 0.0
    for (index, point) in ascending.enumerated() {
      let base = point.dropLast()
      let taken = self.volume(
        ascending[(index + 1)...].map { zip($0, base).map { min($0, $1) } })
      volume += point[last] * (base.reduce(1, *) - taken)
    }
    return volume
  }

  /// The area under a staircase of points whose second numbers ascend and first ones descend.
  private static func area(_ points: [[Double]]) -> Double {
    var area = 0.0
    var height = 0.0
    for point in points {
      area += point[0] * (point[1] - height)
      height = point[1]
    }
    return area
  }
}
