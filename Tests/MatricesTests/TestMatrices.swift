import Matrices
import Randomness

extension Matrix {
  /// A matrix of the given rows, by default with room behind each row that is filled with NaN.
  init(_ values: [[Double]], columns: Int? = nil, gap: Int = 3) {
    let columns = columns ?? values.first?.count ?? 0
    let whole = Matrix(rows: values.count, columns: columns + gap, stride: columns + gap)
    for row in 0..<values.count {
      for column in 0..<columns + gap {
        whole[row, column] = column < columns ? Float(values[row][column]) : .nan
      }
    }
    self = whole.columns(0..<columns)
  }

  /// Random values of about 1 that floats hold exactly.
  static func random(_ rows: Int, _ columns: Int, gap: Int = 3, seed: UInt64 = 1) -> Matrix {
    Matrix(randomRows(rows, columns, seed: seed), columns: columns, gap: gap)
  }

  /// The elements in double precision.
  var rowValues: [[Double]] {
    (0..<rows).map { row in (0..<columns).map { Double(self[row, $0]) } }
  }

  /// The elements' bits.
  var bits: [[UInt32]] {
    (0..<rows).map { row in (0..<columns).map { self[row, $0].bitPattern } }
  }

  /// Whether the room behind each row still holds nothing but NaN.
  var leavesGapAlone: Bool {
    (0..<rows).allSatisfy { row in
      (columns..<stride).allSatisfy { storage[offset + row * stride + $0].isNaN }
    }
  }
}

/// Random rows of numbers of about 1 that floats hold exactly.
func randomRows(_ rows: Int, _ columns: Int, seed: UInt64 = 1) -> [[Double]] {
  var generator = SplitMix64(seed: seed)
  return (0..<rows).map { _ in (0..<columns).map { _ in Double(Float(generator.normal())) } }
}

/// The largest difference of two tables of numbers; infinite where one has a NaN or another shape.
func largestDifference(_ left: [[Double]], _ right: [[Double]]) -> Double {
  guard left.map(\.count) == right.map(\.count) else { return .infinity }
  return zip(left.joined(), right.joined()).reduce(0) { worst, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}
