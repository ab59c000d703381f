import Matrices
import TestSupport
import Testing

struct ProductTests {
  /// Rows, inner length and columns of a product.
  struct Shape: Sendable, CustomTestStringConvertible {
    let rows: Int
    let inner: Int
    let columns: Int
    var testDescription: String { "\(rows)×\(inner)×\(columns)" }
  }

  static let shapes = [
    Shape(rows: 1, inner: 1, columns: 1), Shape(rows: 5, inner: 3, columns: 4),
    Shape(rows: 1, inner: 40, columns: 17), Shape(rows: 33, inner: 16, columns: 1),
    Shape(rows: 20, inner: 70, columns: 48),
  ]

  /// The plain double loop.
  static func product(
    _ left: Matrix, _ leftOrientation: Orientation, _ right: Matrix,
    _ rightOrientation: Orientation, _ shape: Shape
  ) -> [[Double]] {
    (0..<shape.rows).map { row in
      (0..<shape.columns).map { column in
        (0..<shape.inner).reduce(0) { sum, index in
          let first = leftOrientation == .asStored ? left[row, index] : left[index, row]
          let second = rightOrientation == .asStored ? right[index, column] : right[column, index]
          return sum + Double(first) * Double(second)
        }
      }
    }
  }

  static func factor(_ rows: Int, _ columns: Int, _ orientation: Orientation, seed: UInt64)
    -> Matrix
  {
    orientation == .asStored
      ? .random(rows, columns, seed: seed) : .random(columns, rows, seed: seed)
  }

  @Test(arguments: shapes, [false, true])
  func `equal a double loop in every orientation`(shape: Shape, accumulating: Bool) {
    for leftOrientation in [Orientation.asStored, .transposed] {
      for rightOrientation in [Orientation.asStored, .transposed] {
        let left = ProductTests.factor(shape.rows, shape.inner, leftOrientation, seed: 1)
        let right = ProductTests.factor(shape.inner, shape.columns, rightOrientation, seed: 2)
        let result = Matrix.random(shape.rows, shape.columns, gap: 5, seed: 3)
        let before = result.rowValues
        multiply(
          left, leftOrientation, right, rightOrientation, into: result, accumulating: accumulating)
        var expected = ProductTests.product(
          left, leftOrientation, right, rightOrientation, shape)
        if accumulating {
          expected = zip(expected, before).map { zip($0, $1).map { $0 + $1 } }
        }
        let difference = largestDifference(result.rowValues, expected)
        #expect(difference < Tolerance.float32Sum(of: shape.inner + 1, magnitude: 8))
        #expect(result.leavesGapAlone)
      }
    }
  }

  @Test func `of no inner length are zero, or leave the sum as it is`() {
    let result = Matrix.random(3, 2)
    let before = result.bits
    let left = Matrix(rows: 3, columns: 0)
    let right = Matrix(rows: 0, columns: 2)
    multiply(left, .asStored, right, .asStored, into: result, accumulating: true)
    #expect(result.bits == before)
    multiply(left, .asStored, right, .asStored, into: result)
    #expect(result.rowValues == [[0, 0], [0, 0], [0, 0]])
    #expect(result.leavesGapAlone)
  }

  @Test func `of no rows or no columns do nothing`() {
    let row = Matrix(rows: 1, columns: 4)
    multiply(
      Matrix(rows: 0, columns: 3), .asStored, .random(3, 4), .asStored,
      into: row.rows(1..<1))
    multiply(
      .random(2, 3), .asStored, Matrix(rows: 3, columns: 0), .asStored,
      into: Matrix(rows: 2, columns: 0))
    #expect(row.rowValues == [[0, 0, 0, 0]])
  }

  @Test func `carry a NaN to its row alone`() {
    let left = Matrix([[1, .nan], [1, 2]])
    let result = Matrix(rows: 2, columns: 2)
    multiply(left, .asStored, Matrix([[1, 2], [3, 4]]), .asStored, into: result)
    #expect(result[0, 0].isNaN && result[0, 1].isNaN)
    #expect(result.rowValues[1] == [7, 10])
  }

  @Test func `repeat their bits`() {
    let left = Matrix.random(13, 65)
    let right = Matrix.random(31, 65, seed: 2)
    let results = (0..<2).map { _ in
      let result = Matrix(rows: 13, columns: 31)
      multiply(left, .asStored, right, .transposed, into: result)
      return result.bits
    }
    #expect(results[0] == results[1])
  }

  @Test func `of shapes that do not fit trap`() async {
    await #expect(processExitsWith: .failure) {
      multiply(
        Matrix(rows: 2, columns: 3), .asStored, Matrix(rows: 2, columns: 3), .asStored,
        into: Matrix(rows: 2, columns: 3))
    }
    await #expect(processExitsWith: .failure) {
      multiply(
        Matrix(rows: 2, columns: 3), .asStored, Matrix(rows: 3, columns: 2), .asStored,
        into: Matrix(rows: 2, columns: 3))
    }
  }
}
