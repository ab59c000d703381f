/// The problem `max_d min_i ⟨g_i, d⟩` over `‖d − g_0‖ ≤ c ‖g_0‖`, with the mean gradient `g_0`.
///
/// For a level `λ` the nearest point to `g_0` with all products at `λ` or above is a nonnegative least
/// squares problem, `d = g_0 + Jᵀ y` with `y ≥ 0`. Its distance `‖Jᵀ y‖` grows with `λ`, convexly and
/// with the slope `Σ y / ‖Jᵀ y‖`, so Newton's method finds the level whose distance is `c ‖g_0‖`; a
/// bracket around it keeps rounding from leading it astray.
struct FairestStep {
  /// The point nearest to the mean gradient at one level.
  private struct Point {
    /// `y`, as weights of the gradients brought to unit length.
    var values: [Double]
    var distance: Double
    /// `Σ y`.
    var sum: Double
  }

  private let gramian: UnitGramian
  /// `c ‖g_0‖`.
  private let radius: Double
  /// Products of the unit gradients with `g_0`.
  private let products: [Double]
  /// Whether the mean gradient is above zero beside rounding.
  private let hasMean: Bool

  /// States the problem; `reach` is `c`.
  init(_ gramian: UnitGramian, reach: Double) {
    self.gramian = gramian
    let shares = gramian.norms.map { $0 / Double(gramian.count) }
    products = gramian.products(with: shares)
    let square = max(0, shares.dot(products))
    let length = shares.reduce(0, +)
    hasMean = square > 1e-15 * length * length
    radius = reach * square.squareRoot()
  }

  /// The weights of the gradients in `d`, and whether they were found.
  func weights() -> (values: [Double], isSolved: Bool) {
    let mean = [Double](repeating: 1 / Double(gramian.count), count: gramian.count)
    guard hasMean, radius > 0 else { return (mean, true) }
    let found = fairest()
    let values = zip(mean, zip(found.values, gramian.norms)).map { $0 + $1.0 / $1.1 }
    return (values, found.isSolved)
  }

  private func fairest() -> (values: [Double], isSolved: Bool) {
    // At the lowest level the mean itself will do; at the highest, its distance from the plane of the
    // task that gains least is already the radius.
    let levels = zip(products, gramian.norms).map { $0 * $1 }
    var low = levels.min() ?? 0
    var high = zip(levels, gramian.norms).reduce(Double.infinity) {
      $1.0 == low ? min($0, low + radius * $1.1) : $0
    }
    var best = [Double](repeating: 0, count: gramian.count)
    var level = high
    if low < 0, high > 0 {
      guard let still = point(at: 0) else { return (best, false) }
      if still.distance >= radius {
        (high, level) = (0, 0)
      } else {
        (low, best) = (0, still.values)
      }
    }
    if level > 0, point(at: level) == nil {
      // No step gains above zero for all, unless rounding hides a narrow way.
      return (best, true)
    }
    for _ in 0..<200 {
      guard let point = point(at: level) else {
        high = level
        level = (low + high) / 2
        continue
      }
      let excess = point.distance - radius
      best = point.values
      if abs(excess) <= 1e-13 * radius { return (best, true) }
      if excess > 0 { high = level } else { low = level }
      level -= excess * point.distance / point.sum
      if !(level > low && level < high) { level = low + (high - low) / 2 }
      guard level > low, level < high else { return (best, abs(excess) <= 1e-9 * radius) }
    }
    return (best, false)
  }

  /// The nearest point with all products at `level` or above; nil where there is none.
  private func point(at level: Double) -> Point? {
    let linear = zip(products, gramian.norms).map { level / $1 - $0 }
    let answer = NonnegativeQuadratic.minimum(gramian.cosines, linear: linear)
    guard answer.isSolved else { return nil }
    let square = answer.values.dot(gramian.products(with: answer.values))
    let sum = zip(answer.values, gramian.norms).reduce(0) { $0 + $1.0 / $1.1 }
    return Point(values: answer.values, distance: max(0, square).squareRoot(), sum: sum)
  }
}
