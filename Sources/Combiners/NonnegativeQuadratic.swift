/// The convex problem `min ½ xᵀ H x − cᵀ x` over `x ≥ 0`, solved by an active set.
///
/// Variables enter one at a time where the slope is steepest, and leave where the minimum over those
/// that are in would make them negative; each move solves a linear system, so the answer is exact up
/// to rounding. Where a variable's column depends on those that are in, the move goes along the flat
/// direction until another variable reaches zero, so `H` may be singular.
///
/// Lawson, Hanson: *Solving Least Squares Problems*, 1974, chapter 23 (algorithm NNLS), here on the
/// normal equations.
struct NonnegativeQuadratic {
  /// What was found, and whether it satisfies the conditions of a minimum to ``tolerance``.
  struct Answer {
    var values: [Double]
    var isSolved: Bool
  }

  /// Largest error of the slopes relative to the terms that they are sums of.
  static let tolerance = 1e-10
  /// Slopes up to this part of their terms are rounding.
  private static let rounding = 1e-13
  /// Columns are dependent where this part of their square is left.
  private static let dependence = 1e-13

  private let count: Int
  /// `H`, `[count, count]`, symmetric, positive semidefinite.
  private let matrix: [Double]
  private let linear: [Double]
  private var values: [Double]
  /// The variables that are in, in the order in which they came.
  private var inside: [Int] = []
  /// Variables that came in and left again without a move.
  private var refused: Set<Int> = []

  /// The minimum for `H` and `c`; not solved where there is none because the problem has no bound.
  static func minimum(_ matrix: [Double], linear: [Double]) -> Answer {
    var problem = NonnegativeQuadratic(matrix, linear)
    for _ in 0..<(20 * linear.count + 100) {
      guard let entering = problem.steepest() else { break }
      guard problem.enter(entering) else {
        return Answer(values: problem.values, isSolved: false)
      }
    }
    return Answer(values: problem.values, isSolved: problem.isSolved)
  }

  private init(_ matrix: [Double], _ linear: [Double]) {
    count = linear.count
    self.matrix = matrix
    self.linear = linear
    values = Array(repeating: 0, count: count)
  }

  /// How steeply the objective falls with a variable, relative to the terms of that sum.
  private func slope(_ variable: Int) -> Double {
    var sum = linear[variable]
    var size = abs(sum)
    for other in inside {
      let term = matrix[variable * count + other] * values[other]
      sum -= term
      size += abs(term)
    }
    return size > 0 ? sum / size : 0
  }

  /// The variable that promises most among those that are out.
  private func steepest() -> Int? {
    var best: Int?
    var most = NonnegativeQuadratic.rounding
    for variable in 0..<count where !inside.contains(variable) && !refused.contains(variable) {
      let slope = slope(variable)
      if slope > most { (best, most) = (variable, slope) }
    }
    return best
  }

  /// Lets a variable in and moves to the minimum over those that are; false where there is none.
  private mutating func enter(_ variable: Int) -> Bool {
    let before = values
    if CholeskyFactor(
      matrix, size: count, chosen: inside + [variable], least: NonnegativeQuadratic.dependence)
      == nil
    {
      guard slide(along: variable) else { return false }
    } else {
      inside.append(variable)
    }
    settle()
    if inside.contains(variable) || values != before {
      refused = []
    } else {
      refused.insert(variable)
    }
    return true
  }

  /// Grows a variable whose column depends on those that are in, along the direction that leaves
  /// `H x` as it is, until one of those is zero and makes room; false where none ever is.
  private mutating func slide(along variable: Int) -> Bool {
    guard let factor = CholeskyFactor(matrix, size: count, chosen: inside) else { return false }
    let fall = factor.solve(inside.map { matrix[$0 * count + variable] })
    var length = Double.infinity
    var leaving: Int?
    for (place, other) in inside.enumerated() where fall[place] > 0 {
      if values[other] / fall[place] < length {
        (length, leaving) = (values[other] / fall[place], place)
      }
    }
    guard let leaving else { return false }
    for (place, other) in inside.enumerated() {
      values[other] = max(0, values[other] - length * fall[place])
    }
    values[inside.remove(at: leaving)] = 0
    values[variable] = length
    inside.append(variable)
    return true
  }

  /// Moves to the minimum over the variables that are in; those that would turn negative leave.
  private mutating func settle() {
    while !inside.isEmpty {
      guard let factor = CholeskyFactor(matrix, size: count, chosen: inside) else {
        values[inside.removeLast()] = 0
        continue
      }
      let goal = factor.solve(inside.map { linear[$0] })
      var length = 1.0
      for (place, variable) in inside.enumerated() where goal[place] <= 0 {
        length = min(length, values[variable] / (values[variable] - goal[place]))
      }
      if goal.allSatisfy({ $0 > 0 }) {
        for (place, variable) in inside.enumerated() { values[variable] = goal[place] }
        return
      }
      var staying: [Int] = []
      for (place, variable) in inside.enumerated() {
        let moved = values[variable] + length * (goal[place] - values[variable])
        let reach = values[variable] / (values[variable] - goal[place])
        let leaves = goal[place] <= 0 && (!(reach > length) || moved <= 0)
        values[variable] = leaves ? 0 : max(0, moved)
        if !leaves { staying.append(variable) }
      }
      inside = staying
    }
  }

  /// Whether no slope asks for a move.
  private var isSolved: Bool {
    (0..<count).allSatisfy { variable in
      let slope = slope(variable)
      let limit = NonnegativeQuadratic.tolerance
      return inside.contains(variable) ? abs(slope) <= limit : slope <= limit
    }
  }
}
