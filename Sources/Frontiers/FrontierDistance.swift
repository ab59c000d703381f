/// How far a point is from being beaten by a set of points.
///
/// It is the amount by which all of the point's objectives could fall before a point of the set is at
/// least as high in each; where the point is beaten already it is negative, and its size is what all
/// objectives lack. In a formula, the least over the set's points `q` of `max_k (p_k − q_k)`.
///
/// Zitzler, Thiele, Laumanns, Fonseca, Grunert da Fonseca: *Performance Assessment of Multiobjective
/// Optimizers*, IEEE TEVC 2003: the additive ε-indicator of the set and this point, negated.
public struct FrontierDistance: Sendable, Equatable {
  /// In the objectives' unit; infinite where the set has no known point.
  public let value: Double

  /// Measures `point` from `points`; those with a NaN count as absent.
  ///
  /// - Complexity: O(points.count · objectiveCount).
  public init(of point: [Double], from points: [[Double]]) {
    var least = Double.infinity
    for other in points where !other.contains(where: \.isNaN) {
      precondition(other.count == point.count, "points of several lengths")
      least = min(least, zip(point, other).map { $0 - $1 }.max() ?? .infinity)
    }
    value = least
  }
}
