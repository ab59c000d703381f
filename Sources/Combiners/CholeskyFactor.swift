/// The lower triangle `L` with `L Lᵀ = A`, for a positive definite `A`.
struct CholeskyFactor {
  private let count: Int
  /// Row-major; what lies above the diagonal is not used.
  private var lower: [Double]

  /// Factors rows and columns `chosen` of a symmetric matrix, `[size, size]`; nil where a pivot is not
  /// above `least` times its diagonal element, so that the rows depend on each other.
  init?(_ matrix: [Double], size: Int, chosen: [Int], least: Double = 0) {
    count = chosen.count
    lower = Array(repeating: 0, count: count * count)
    for row in 0..<count {
      for column in 0...row {
        var sum = matrix[chosen[row] * size + chosen[column]]
        for index in 0..<column {
          sum -= lower[row * count + index] * lower[column * count + index]
        }
        if row > column {
          lower[row * count + column] = sum / lower[column * count + column]
        } else {
          guard sum > least * matrix[chosen[row] * size + chosen[row]] else { return nil }
          lower[row * count + row] = sum.squareRoot()
        }
      }
    }
  }

  /// The `x` with `A x = values`.
  func solve(_ values: [Double]) -> [Double] {
    var result = values
    for row in 0..<count {
      for index in 0..<row { result[row] -= lower[row * count + index] * result[index] }
      result[row] /= lower[row * count + row]
    }
    for row in (0..<count).reversed() {
      for index in (row + 1)..<count { result[row] -= lower[index * count + row] * result[index] }
      result[row] /= lower[row * count + row]
    }
    return result
  }
}
