import Foundation
import Matrices
import TestSupport
import Testing

/// The kernels of layers against plain loops in double precision, on matrices whose rows lie apart.
struct ElementwiseTests {
  /// Widths around those of vector registers.
  static let widths = [1, 3, 16, 37]

  @Test(arguments: widths) func `add a bias to every row`(width: Int) {
    let matrix = Matrix.random(5, width)
    let bias = Matrix.random(1, width, seed: 2)
    let expected = matrix.rowValues.map { zip($0, bias.rowValues[0]).map { $0 + $1 } }
    let rectified = Matrix.random(5, width)
    matrix.addBias(bias)
    rectified.addBiasReLU(bias)
    let bound = Tolerance.float32(magnitude: 4)
    #expect(largestDifference(matrix.rowValues, expected) < bound)
    let positive = expected.map { $0.map { max(0, $0) } }
    #expect(largestDifference(rectified.rowValues, positive) < bound)
    #expect(matrix.leavesGapAlone && rectified.leavesGapAlone)
  }

  @Test func `keep a NaN through ReLU, GELU and softmax`() {
    let zeros = Matrix(rows: 1, columns: 3)
    let rectified = Matrix([[.nan, -1, 2]])
    rectified.addBiasReLU(zeros)
    #expect(rectified[0, 0].isNaN && rectified[0, 1] == 0 && rectified[0, 2] == 2)
    let smooth = Matrix(rows: 1, columns: 3)
    Matrix([[.nan, -1, 2]]).addBiasGELU(zeros, into: smooth)
    #expect(smooth[0, 0].isNaN && !smooth[0, 1].isNaN)
    for position in 0..<3 {
      let gate = Matrix([[1, 2, 3], [1, 2, 3]])
      gate[0, position] = .nan
      gate.applySoftmax()
      #expect(gate[0, 0].isNaN && gate[0, 1].isNaN && gate[0, 2].isNaN)
      #expect(!gate[1, position].isNaN)
    }
  }

  static func gelu(_ x: Double) -> Double {
    0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  }

  @Test(arguments: widths) func `apply GELU and keep the sum before it`(width: Int) {
    let sums = Matrix.random(6, width)
    let bias = Matrix.random(1, width, seed: 2)
    let expected = sums.rowValues.map { zip($0, bias.rowValues[0]).map { $0 + $1 } }
    let result = Matrix.random(6, width, gap: 5)
    sums.addBiasGELU(bias, into: result)
    #expect(largestDifference(sums.rowValues, expected) < Tolerance.float32(magnitude: 4))
    let activated = expected.map { $0.map(ElementwiseTests.gelu) }
    #expect(largestDifference(result.rowValues, activated) < 4 * Tolerance.float32Exponential)
    #expect(sums.leavesGapAlone && result.leavesGapAlone)
  }

  @Test func `apply GELU to extreme values`() {
    let inputs: [Double] = [-1e4, -30, -5, -0.0, 0, 5, 30, 1e4]
    let result = Matrix(rows: 1, columns: inputs.count)
    Matrix([inputs]).addBiasGELU(Matrix(rows: 1, columns: inputs.count), into: result)
    let slopes = Matrix([inputs.map { _ in 1 }])
    slopes.multiplyGELUSlope(input: Matrix([inputs]))
    for (column, input) in inputs.enumerated() {
      let expected = ElementwiseTests.gelu(input)
      let scale = max(1, abs(input))
      #expect(abs(Double(result[0, column]) - expected) < scale * Tolerance.float32Exponential)
      if abs(input) >= 30 {
        #expect(abs(slopes[0, column] - (input > 0 ? 1 : 0)) < 1e-6)
      }
    }
  }

  @Test(arguments: widths) func `multiply with GELU's slope`(width: Int) {
    let input = Matrix.random(6, width)
    let slopes = Matrix.random(6, width, gap: 5, seed: 2)
    let step = 1e-5
    let expected = zip(slopes.rowValues, input.rowValues).map { slopes, inputs in
      zip(slopes, inputs).map { slope, x in
        let above = ElementwiseTests.gelu(x + step)
        let below = ElementwiseTests.gelu(x - step)
        return slope * (above - below) / (2 * step)
      }
    }
    slopes.multiplyGELUSlope(input: input)
    #expect(largestDifference(slopes.rowValues, expected) < 8 * Tolerance.float32Exponential)
    #expect(slopes.leavesGapAlone)
  }

  @Test(arguments: widths) func `apply swish and multiply with its slope`(width: Int) {
    func swish(_ x: Double) -> Double { x / (1 + exp(-x)) }
    let sums = Matrix.random(6, width)
    let bias = Matrix.random(1, width, seed: 2)
    let values = sums.rowValues
    let expected = values.map { zip($0, bias.rowValues[0]).map { $0 + $1 } }
    let (result, alone) = (Matrix.random(6, width, gap: 5), Matrix.random(6, width, gap: 5))
    sums.addBiasSwish(nil, into: alone)
    sums.addBiasSwish(bias, into: result)
    let tolerance = 4 * Tolerance.float32Exponential
    #expect(largestDifference(alone.rowValues, values.map { $0.map(swish) }) < tolerance)
    #expect(largestDifference(result.rowValues, expected.map { $0.map(swish) }) < tolerance)
    #expect(result.leavesGapAlone)
    let slopes = Matrix.random(6, width, gap: 5, seed: 3)
    let step = 1e-5
    let moved = zip(slopes.rowValues, expected).map { slopes, inputs in
      zip(slopes, inputs).map { $0 * (swish($1 + step) - swish($1 - step)) / (2 * step) }
    }
    slopes.multiplySwishSlope(input: sums)
    #expect(largestDifference(slopes.rowValues, moved) < 2 * tolerance)
    #expect(slopes.leavesGapAlone)
  }

  @Test func `drop whole fields and nothing behind them`() {
    let input = Matrix.random(2_000, 7)
    let result = Matrix.random(2_000, 7, gap: 2)
    let widths = [3, 1, 2]
    func drop(_ from: Matrix, _ to: Matrix, firstRow: Int = 7, scale: Float = 1, adds: Bool = false)
    {
      to.setFieldsDropped(
        of: from, widths: widths, rate: 0.25, key: 5, firstRow: firstRow, scale: scale,
        accumulating: adds)
    }
    drop(input, result)
    var dropped = 0
    for (row, old) in zip(result.rowValues, input.rowValues) {
      #expect(row[6] == old[6])
      for field in [0..<3, 3..<4, 4..<6] {
        let isDropped = row[field].allSatisfy { $0 == 0 }
        dropped += isDropped ? 1 : 0
        #expect(
          isDropped
            || largestDifference([Array(row[field])], [old[field].map { $0 / 0.75 }])
              < Tolerance.float32(magnitude: 4)
        )
      }
    }
    // Five deviations of 6,000 fields.
    #expect(abs(dropped - 1_500) < 168)
    #expect(result.leavesGapAlone)
    let later = Matrix(Array(result.rowValues[100..<200]))
    drop(Matrix(Array(input.rowValues[100..<200])), later, firstRow: 107)
    #expect(Array(result.rowValues[100..<200]) == later.rowValues)
    // A slope finds the same mask, and is added to what is there.
    let sum = Matrix(result.rowValues)
    drop(input, sum, scale: 2, adds: true)
    #expect(
      largestDifference(sum.rowValues, result.rowValues.map { $0.map { 3 * $0 } })
        < Tolerance.float32(magnitude: 16))
  }

  @Test(arguments: widths) func `multiply with ReLU's slope`(width: Int) {
    let output = Matrix.random(6, width)
    output[0, 0] = 0
    let slopes = Matrix.random(6, width, gap: 5, seed: 2)
    let expected = zip(slopes.rowValues, output.rowValues).map { slopes, outputs in
      zip(slopes, outputs).map { $1 > 0 ? $0 : 0 }
    }
    slopes.multiplyReLUSlope(output: output)
    #expect(slopes.rowValues == expected)
    #expect(slopes.leavesGapAlone)
  }

  @Test(arguments: widths) func `sum columns`(width: Int) {
    let matrix = Matrix.random(9, width)
    let sums = Matrix.random(1, width, seed: 2)
    let before = sums.rowValues[0]
    let expected = (0..<width).map { column in
      matrix.rowValues.reduce(0) { $0 + $1[column] }
    }
    let bound = Tolerance.float32Sum(of: 10, magnitude: 8)
    matrix.sumColumns(into: sums, accumulating: true)
    let added = [zip(before, expected).map { $0 + $1 }]
    #expect(largestDifference(sums.rowValues, added) < bound)
    matrix.sumColumns(into: sums, accumulating: false)
    #expect(largestDifference(sums.rowValues, [expected]) < bound)
    matrix.rows(0..<0).sumColumns(into: sums, accumulating: false)
    #expect(sums.rowValues[0].allSatisfy { $0 == 0 })
    #expect(sums.leavesGapAlone)
  }

  @Test func `add and copy element by element`() {
    let matrix = Matrix.random(4, 19)
    let other = Matrix.random(4, 19, gap: 1, seed: 2)
    let expected = zip(matrix.rowValues, other.rowValues).map { zip($0, $1).map { $0 + $1 } }
    matrix.add(other)
    #expect(largestDifference(matrix.rowValues, expected) < Tolerance.float32(magnitude: 4))
    matrix.copy(other)
    #expect(matrix.bits == other.bits)
    #expect(matrix.leavesGapAlone)
  }

  @Test(arguments: widths) func `copy rows to columns`(width: Int) {
    let matrix = Matrix.random(21, width)
    let turned = Matrix.random(width, 21, gap: 1, seed: 2)
    turned.copyTransposed(matrix)
    for row in 0..<21 {
      for column in 0..<width { #expect(turned[column, row] == matrix[row, column]) }
    }
    #expect(turned.leavesGapAlone)
  }

  @Test func `turn logits into probabilities, the extreme ones too`() {
    let logits: [Double] = [-1e4, -100, -20, -1, 0, 1, 20, 100, 1e4, .infinity, -.infinity, .nan]
    let result = FloatStorage(count: logits.count + 2)
    Matrix(logits.map { [$0] }).writeSigmoid(to: result, at: 1)
    for (index, logit) in logits.enumerated() {
      let score = Double(result[index + 1])
      if logit.isNaN {
        #expect(score.isNaN)
      } else {
        #expect(score >= 0 && score <= 1)
        let expected = 1 / (1 + exp(-logit))
        #expect(abs(score - expected) < Tolerance.float32Exponential * max(expected, 1e-30))
      }
    }
    #expect(result[0] == 0 && result[logits.count + 1] == 0)
  }

  @Test func `of shapes that do not fit trap`() async {
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 2, columns: 3).addBias(Matrix(rows: 1, columns: 2))
    }
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 2, columns: 3).addBias(Matrix(rows: 2, columns: 3))
    }
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 2, columns: 3).multiplyReLUSlope(output: Matrix(rows: 3, columns: 3))
    }
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 2, columns: 3).copy(Matrix(rows: 2, columns: 2))
    }
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 2, columns: 3).copyTransposed(Matrix(rows: 2, columns: 3))
    }
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 2, columns: 1).writeSigmoid(to: FloatStorage(count: 3), at: 2)
    }
  }
}
