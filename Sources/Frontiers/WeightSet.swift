internal import Glibc
internal import Randomness

/// Which loss weights a sweep tries.
///
/// Weights are not negative and sum to 1. None is below ``leastShare``: a task of no weight at all
/// would leave its own tower untrained, so that its metric would be that of noise; with a little the
/// tower learns on what the other tasks make of the shared layers.
public enum WeightSet: String, CaseIterable, Codable, Sendable {
  /// Evenly spaced over the simplex, its corners included.
  ///
  /// Das, Dennis: *Normal-Boundary Intersection*, SIAM Journal on Optimization 1998, section 4.
  case lattice
  /// Weights whose logarithms are evenly spaced, so that ratios between them are.
  ///
  /// It fits losses of very different sizes, where most of an even lattice looks like one task alone.
  case logarithmic
  /// Drawn at random, all weights alike: Dirichlet's distribution with parameters 1.
  case dirichlet

  /// The least weight of a task.
  public static let leastShare = 0.01

  /// Exactly `count` weights, `[count][taskCount]`.
  ///
  /// The lattices take as many divisions as `count` has room for, and for what is left then always the
  /// place of a finer lattice that is farthest from those taken. With fewer places than tasks it is the
  /// first tasks' corners.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - taskCount: How many numbers each has.
  ///   - seed: Fixes what is drawn; the lattices have no use for it.
  /// - Returns: `count` weights.
  /// - Complexity: O(count · F · taskCount) for a finer lattice of `F` places, at most 10,000 or so.
  public func weights(count: Int, taskCount: Int, seed: UInt64) -> [[Double]] {
    precondition(count >= 0 && taskCount > 0)
    switch self {
    case .lattice: return Self.places(count: count, taskCount: taskCount).map(Self.lifted)
    case .logarithmic:
      return Self.places(count: count, taskCount: taskCount).map { place in
        let powers = place.map { pow(Self.largestRatio, $0) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
      }
    case .dirichlet:
      var generator = SplitMix64.derived(from: seed, for: 0x77656967)
      return (0..<count).map { _ in
        let parts = (0..<taskCount).map { _ in -log(1 - generator.uniform()) }
        let sum = parts.reduce(0, +)
        return Self.lifted(
          sum > 0 ? parts.map { $0 / sum } : parts.map { _ in 1 / Double(taskCount) })
      }
    }
  }

  /// The ratio of a corner's weights on the logarithmic lattice.
  private static let largestRatio = 1 / leastShare

  /// Moves a place of the simplex towards its centre, until each number is the least share or more.
  private static func lifted(_ place: [Double]) -> [Double] {
    let least = min(leastShare, 1 / Double(place.count))
    return place.map { least + (1 - Double(place.count) * least) * $0 }
  }

  // MARK: Lattices

  /// Places spread evenly over the simplex.
  static func places(count: Int, taskCount: Int) -> [[Double]] {
    var divisions = 1
    guard count > 1, taskCount > 1, size(divisions: 1, taskCount: taskCount) <= count else {
      return Array(lattice(divisions: 1, taskCount: taskCount).prefix(count))
        + [[Double]](
          repeating: [Double](repeating: 1 / Double(taskCount), count: taskCount),
          count: max(0, count - taskCount))
    }
    while size(divisions: divisions + 1, taskCount: taskCount) <= count { divisions += 1 }
    var places = lattice(divisions: divisions, taskCount: taskCount)
    let fine = finerDivisions(than: count, taskCount: taskCount)
    let finer = lattice(divisions: fine, taskCount: taskCount).sorted { a, b in
      // Of places that are equally far, the one nearest to the centre.
      let (largestA, largestB) = (a.max() ?? 0, b.max() ?? 0)
      return largestA == largestB ? b.lexicographicallyPrecedes(a) : largestA < largestB
    }
    var distances = finer.map { place in places.map { squaredDistance(place, $0) }.min() ?? 0 }
    while places.count < count {
      var farthest = 0
      for index in finer.indices where distances[index] > distances[farthest] + 1e-12 {
        farthest = index
      }
      places.append(finer[farthest])
      for index in finer.indices {
        distances[index] = min(distances[index], squaredDistance(finer[index], finer[farthest]))
      }
    }
    return places
  }

  /// How many places a lattice has: `divisions + taskCount − 1` over `taskCount − 1`.
  static func size(divisions: Int, taskCount: Int) -> Int {
    var size = 1
    for step in 1..<max(taskCount, 1) {
      let (product, overflow) = size.multipliedReportingOverflow(by: divisions + step)
      if overflow { return .max }
      size = product / step
    }
    return size
  }

  /// Divisions with room for `count` places, and for the centre and its neighbours where it is cheap.
  private static func finerDivisions(than count: Int, taskCount: Int) -> Int {
    var divisions = 1
    while size(divisions: divisions, taskCount: taskCount) < count { divisions += 1 }
    let fine = (divisions + taskCount - 1) / taskCount * taskCount
    return [4 * fine, 2 * fine, fine].first { size(divisions: $0, taskCount: taskCount) <= 10_000 }
      ?? divisions
  }

  /// All places whose numbers are multiples of `1 / divisions`, the first task's weight falling.
  private static func lattice(divisions: Int, taskCount: Int) -> [[Double]] {
    func parts(of total: Int, over tasks: Int) -> [[Int]] {
      guard tasks > 1 else { return [[total]] }
      return (0...total).reversed().flatMap { first in
        parts(of: total - first, over: tasks - 1).map { [first] + $0 }
      }
    }
    return parts(of: divisions, over: taskCount).map { $0.map { Double($0) / Double(divisions) } }
  }

  private static func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}
