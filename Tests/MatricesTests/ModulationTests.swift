import Matrices
import TestSupport
import Testing

/// Scales and shifts that all rows share, forward and back.
struct ModulationTests {
  @Test(arguments: [1, 16, 37]) func `scales and shifts every column`(width: Int) {
    let input = Matrix.random(5, width)
    let modulation = Matrix.random(1, 2 * width, seed: 2)
    let result = Matrix.random(5, width, gap: 2, seed: 3)
    result.modulate(input, by: modulation)
    let expected = input.rowValues.map { row in
      (0..<width).map {
        (1 + Double(modulation[0, $0])) * row[$0] + Double(modulation[0, width + $0])
      }
    }
    #expect(largestDifference(result.rowValues, expected) < Tolerance.float32(magnitude: 16))
    #expect(result.leavesGapAlone)
  }

  @Test func `by zeros gives the same bits`() {
    let input = Matrix.random(5, 19)
    let result = Matrix.random(5, 19, seed: 3)
    result.modulate(input, by: Matrix(rows: 1, columns: 38))
    #expect(result.bits == input.bits)
  }

  @Test(arguments: [1, 16, 37], [false, true])
  func `the way back reaches the input, the scales and the shifts`(
    width: Int, accumulating: Bool
  ) {
    let input = Matrix.random(5, width)
    let modulation = Matrix.random(1, 2 * width, seed: 2)
    let slopes = Matrix.random(5, width, gap: 1, seed: 3)
    let inputSlopes = Matrix.random(5, width, gap: 2, seed: 4)
    let modulationSlopes = Matrix.random(1, 2 * width, seed: 5)
    let before = (inputSlopes.rowValues, modulationSlopes.rowValues[0])
    slopes.propagate(
      toModulated: inputSlopes, withValues: input, by: modulation,
      modulationSlopes: modulationSlopes, accumulating: accumulating)
    let expectedInput = (0..<5).map { row in
      (0..<width).map { column in
        (1 + Double(modulation[0, column])) * Double(slopes[row, column])
          + (accumulating ? before.0[row][column] : 0)
      }
    }
    let sums = (0..<2 * width).map { index in
      (0..<5).reduce(accumulating ? before.1[index] : 0) { sum, row in
        let factor = index < width ? Double(input[row, index]) : 1
        return sum + factor * Double(slopes[row, index % width])
      }
    }
    let bound = Tolerance.float32Sum(of: 8, magnitude: 16)
    #expect(largestDifference(inputSlopes.rowValues, expectedInput) < bound)
    #expect(largestDifference(modulationSlopes.rowValues, [sums]) < bound)
    #expect(inputSlopes.leavesGapAlone && modulationSlopes.leavesGapAlone)
  }
}
