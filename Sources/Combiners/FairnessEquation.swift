import Glibc

/// The equation `G a = a^(−q)`, element by element, over `a > 0`.
///
/// Its solution is the minimum of the convex `½ aᵀ G a − Σ F(a_i)` with `F'(a) = a^(−q)`, `log a` for
/// `q = 1`, found by Newton steps that are shortened where they would leave `a > 0` or not bring the
/// minimum nearer. Gradients of which some positive combination is zero leave the minimum at infinity;
/// weights are held at `limit` times those of orthogonal gradients then, by a small addition to the
/// diagonal.
struct FairnessEquation {
  /// What was found, and whether it satisfies the equation to ``tolerance``.
  struct Answer {
    var values: [Double]
    var isSolved: Bool
  }

  /// Gradients up to this length count as zero: weights beside them could pass a float32's range.
  static let shortest = 1e-15
  /// Largest error of an equation relative to its terms.
  static let tolerance = 1e-10
  /// Where the weights of opposed gradients end, in units of orthogonal ones' weights.
  private static let limit = 1e6

  private let gramian: UnitGramian
  private let exponent: Double
  /// `s` of `C b = s b^(−q)`, the equation for `b = n a`.
  private let sizes: [Double]
  /// The solution for orthogonal gradients.
  private let start: [Double]

  /// States the equation; `exponent` is `q > 0`.
  init(_ gramian: UnitGramian, exponent: Double) {
    self.gramian = gramian
    self.exponent = exponent
    sizes = gramian.norms.map { pow($0, exponent - 1) }
    start = sizes.map { pow($0, 1 / (1 + exponent)) }
  }

  /// The weights `a` for the gradients as they are.
  func solution() -> Answer {
    var answer = newton(gramian.cosines, within: 2 * FairnessEquation.limit)
    if !answer.isSolved {
      var matrix = gramian.cosines
      let addition = pow(FairnessEquation.limit, -1 - exponent)
      for row in 0..<gramian.count { matrix[row * (gramian.count + 1)] += addition }
      answer = newton(matrix, within: .infinity)
    }
    // G grew by scale² when the norms were divided by it: a falls by the power that keeps the equation.
    let factor = pow(gramian.scale, -2 / (1 + exponent))
    answer.values = zip(answer.values, gramian.norms).map { $0 / $1 * factor }
    return answer
  }

  /// Newton's method from the solution for orthogonal gradients, given up beyond `within` times it.
  private func newton(_ matrix: [Double], within: Double) -> Answer {
    let count = gramian.count
    var values = start
    for _ in 0..<200 {
      let residual = residuals(matrix, values)
      if residual.error <= 1e-15 { break }
      var hessian = matrix
      for row in 0..<count {
        hessian[row * (count + 1)] += exponent * sizes[row] * pow(values[row], -exponent - 1)
      }
      guard let factor = CholeskyFactor(hessian, size: count, chosen: Array(0..<count)) else {
        break
      }
      let step = factor.solve(residual.slopes)
      guard let next = shortened(step, from: values, matrix, residual) else { break }
      values = next
      if zip(values, start).contains(where: { $0 > within * $1 }) {
        return Answer(values: values, isSolved: false)
      }
    }
    return Answer(
      values: values, isSolved: residuals(matrix, values).error <= FairnessEquation.tolerance)
  }

  /// The point after a step, or part of it, that stays positive and lowers the objective; nil where
  /// rounding lets none.
  private func shortened(
    _ step: [Double], from values: [Double], _ matrix: [Double],
    _ residual: (slopes: [Double], error: Double)
  ) -> [Double]? {
    var length = 1.0
    for (value, change) in zip(values, step) where change > 0 {
      length = min(length, 0.99 * value / change)
    }
    let before = objective(matrix, values)
    let fall = residual.slopes.dot(step)
    for _ in 0..<40 {
      let next = zip(values, step).map { $0 - length * $1 }
      let after = objective(matrix, next)
      if after <= before - 0.1 * length * fall { return next }
      // Near the minimum the objective no longer tells points apart; the equation still does.
      if length == 1, residuals(matrix, next).error < 0.5 * residual.error { return next }
      length /= 2
    }
    return nil
  }

  /// `C b − s b^(−q)`, and its largest part of the terms that it is the sum of.
  private func residuals(
    _ matrix: [Double], _ values: [Double]
  ) -> (slopes: [Double], error: Double) {
    var slopes: [Double] = []
    var error = 0.0
    for row in 0..<gramian.count {
      let right = sizes[row] * pow(values[row], -exponent)
      var sum = 0.0
      var size = right
      for column in 0..<gramian.count {
        let term = matrix[row * gramian.count + column] * values[column]
        sum += term
        size += abs(term)
      }
      slopes.append(sum - right)
      error = max(error, abs(sum - right) / size)
    }
    return (slopes, error)
  }

  private func objective(_ matrix: [Double], _ values: [Double]) -> Double {
    var sum = matrix.times(values).dot(values) / 2
    for (value, size) in zip(values, sizes) {
      sum -= size * (exponent == 1 ? log(value) : pow(value, 1 - exponent) / (1 - exponent))
    }
    return sum
  }
}
