/// A Gramian of gradients above zero, taken apart into their norms and cosines.
///
/// Solvers work on the cosines, so that gradients of 1e-10 and 1e10 may stand in one Jacobian without
/// either drowning in the other's rounding.
struct UnitGramian {
  var count: Int { norms.count }
  /// `n`, `[count]`, divided by ``scale``: at most 1.
  let norms: [Double]
  /// The largest norm.
  let scale: Double
  /// `C`, `[count, count]`: the inner products of the gradients brought to unit length.
  let cosines: [Double]

  /// Takes a Gramian apart, all of whose diagonal is above zero.
  init(_ gramian: Gramian) {
    let count = gramian.taskCount
    let lengths = (0..<count).map(gramian.norm)
    let longest = lengths.max() ?? 1
    scale = longest
    norms = lengths.map { $0 / longest }
    cosines = (0..<count * count).map { place in
      let (row, column) = place.quotientAndRemainder(dividingBy: count)
      guard row != column else { return 1 }
      return max(-1, min(1, gramian[row, column] / lengths[row] / lengths[column]))
    }
  }

  /// `C x`.
  func products(with values: [Double]) -> [Double] { cosines.times(values) }
}

extension Gramian {
  /// The tasks whose gradient is not zero, or longer than `shortest`.
  func movingTasks(above shortest: Double = 0) -> [Int] {
    (0..<taskCount).filter { self[$0, $0].isNormal && self[$0, $0] > shortest * shortest }
  }

  /// Finds weights by a rule that knows no gradients of zero.
  ///
  /// A task whose gradient is zero can't be harmed and gains nothing: it is left out as an absent one
  /// is, and weighs 0. So is a gradient no longer than `shortest`, for rules whose weights would be too
  /// large for a float32 beside it.
  func weighing(above shortest: Double = 0, _ rule: (UnitGramian) -> [Double]) -> [Double] {
    let moving = movingTasks(above: shortest)
    var weights = [Double](repeating: 0, count: taskCount)
    guard !moving.isEmpty else { return weights }
    let found = rule(UnitGramian(moving.count == taskCount ? self : selecting(moving)))
    for (task, weight) in zip(moving, found) { weights[task] = weight }
    return weights
  }
}

extension [Double] {
  /// The product of this square matrix, row-major, with a vector.
  func times(_ values: [Double]) -> [Double] {
    let count = values.count
    return (0..<count).map { row in
      var sum = 0.0
      for column in 0..<count { sum += self[row * count + column] * values[column] }
      return sum
    }
  }

  /// The inner product.
  func dot(_ other: [Double]) -> Double {
    var sum = 0.0
    for index in indices { sum += self[index] * other[index] }
    return sum
  }
}

extension UnitGramian {
  /// The weights of the unit gradients in the projection of `Σ weights_i u_i` onto the steps that
  /// oppose no task; each is at least what it was.
  func projected(_ weights: [Double]) -> NonnegativeQuadratic.Answer {
    var answer = NonnegativeQuadratic.minimum(
      cosines, linear: products(with: weights).map { -$0 })
    answer.values = zip(answer.values, weights).map { $0 + $1 }
    return answer
  }
}
