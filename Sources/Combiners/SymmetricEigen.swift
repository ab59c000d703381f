/// The eigenvalues and eigenvectors of a symmetric matrix, `A = V Λ Vᵀ`, by cyclic Jacobi rotations.
///
/// Golub, Van Loan: *Matrix Computations*, section 8.5. Each rotation sets one pair of elements off
/// the diagonal to zero; rounds over all pairs go on until nothing is left beside rounding.
struct SymmetricEigen {
  /// Eigenvalues up to this part of the largest count as zero: singular values below a millionth of
  /// the largest, about where float32 gradients end.
  static let rankTolerance = 1e-12

  /// `Λ`, in no order.
  private(set) var values: [Double]
  /// `V`, row-major, an eigenvector in each column.
  private(set) var vectors: [Double]
  private let count: Int

  /// Takes a symmetric matrix, `[count, count]`, apart.
  init(_ matrix: [Double], count: Int) {
    self.count = count
    var rest = matrix
    vectors = (0..<count * count).map { $0 % (count + 1) == 0 ? 1 : 0 }
    let size = matrix.reduce(0) { max($0, abs($1)) }
    for _ in 0..<60 {
      var largest = 0.0
      for row in 0..<count {
        for column in 0..<row { largest = max(largest, abs(rest[row * count + column])) }
      }
      guard largest > size * 0x1p-60 else { break }
      for row in 0..<count {
        for column in (row + 1)..<max(count, row + 1) {
          SymmetricEigen.rotate(&rest, &vectors, row, column, count)
        }
      }
    }
    values = (0..<count).map { rest[$0 * count + $0] }
  }

  /// `V diag(f(λ)) Vᵀ` times a vector, over the eigenvalues that are not zero.
  func applying(_ function: (Double) -> Double, to vector: [Double]) -> [Double] {
    let limit = (values.max() ?? 0) * SymmetricEigen.rankTolerance
    var result = [Double](repeating: 0, count: count)
    for index in 0..<count where values[index] > limit {
      let factor = function(values[index]) * component(index, of: vector)
      for row in 0..<count { result[row] += factor * vectors[row * count + index] }
    }
    return result
  }

  /// Eigenvalues that are not zero.
  var positiveValues: [Double] {
    let limit = (values.max() ?? 0) * SymmetricEigen.rankTolerance
    return values.filter { $0 > limit }
  }

  private func component(_ index: Int, of vector: [Double]) -> Double {
    var sum = 0.0
    for row in 0..<count { sum += vectors[row * count + index] * vector[row] }
    return sum
  }

  private static func rotate(
    _ matrix: inout [Double], _ vectors: inout [Double], _ first: Int, _ second: Int, _ count: Int
  ) {
    let corner = matrix[first * count + second]
    guard corner != 0 else { return }
    let ratio = (matrix[second * count + second] - matrix[first * count + first]) / (2 * corner)
    let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (ratio * ratio + 1).squareRoot())
    let cosine = 1 / (tangent * tangent + 1).squareRoot()
    let sine = tangent * cosine
    for row in 0..<count {
      let (left, right) = (matrix[row * count + first], matrix[row * count + second])
      matrix[row * count + first] = cosine * left - sine * right
      matrix[row * count + second] = sine * left + cosine * right
    }
    for column in 0..<count {
      let (upper, lower) = (matrix[first * count + column], matrix[second * count + column])
      matrix[first * count + column] = cosine * upper - sine * lower
      matrix[second * count + column] = sine * upper + cosine * lower
      let (left, right) = (vectors[column * count + first], vectors[column * count + second])
      vectors[column * count + first] = cosine * left - sine * right
      vectors[column * count + second] = sine * left + cosine * right
    }
    matrix[first * count + second] = 0
    matrix[second * count + first] = 0
  }
}
