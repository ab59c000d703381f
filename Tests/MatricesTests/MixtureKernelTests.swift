import Foundation
import Matrices
import TestSupport
import Testing

/// Softmax and the mixture of experts, forward against plain loops and back against differences.
struct MixtureKernelTests {
  static func softmax(_ logits: [Double]) -> [Double] {
    let highest = logits.max() ?? 0
    let powers = logits.map { exp($0 - highest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  @Test(arguments: [1, 2, 4, 19]) func `softmax gives shares`(width: Int) {
    let matrix = Matrix.random(7, width)
    let expected = matrix.rowValues.map(MixtureKernelTests.softmax)
    matrix.applySoftmax()
    #expect(largestDifference(matrix.rowValues, expected) < Tolerance.float32Exponential)
    #expect(matrix.leavesGapAlone)
  }

  @Test func `softmax bears extreme logits`() {
    let matrix = Matrix([[1e4, -1e4, 0], [-1e4, -1e4, -1e4], [1e30, 1e30, -1e30]])
    matrix.applySoftmax()
    let third = 1.0 / 3
    let expected = [[1, 0, 0], [third, third, third], [0.5, 0.5, 0]]
    #expect(largestDifference(matrix.rowValues, expected) < Tolerance.float32Exponential)
  }

  @Test(arguments: [1, 4, 19]) func `softmax's slope equals central differences`(width: Int) {
    let logits = Matrix.random(3, width)
    let slopes = Matrix.random(3, width, gap: 1, seed: 2)
    let step = 1e-5
    let expected = zip(logits.rowValues, slopes.rowValues).map { logits, slopes in
      logits.indices.map { column in
        func loss(_ shift: Double) -> Double {
          var moved = logits
          moved[column] += shift
          return zip(MixtureKernelTests.softmax(moved), slopes).reduce(0) { $0 + $1.0 * $1.1 }
        }
        return (loss(step) - loss(-step)) / (2 * step)
      }
    }
    logits.applySoftmax()
    slopes.multiplySoftmaxSlope(output: logits)
    #expect(largestDifference(slopes.rowValues, expected) < 8 * Tolerance.float32Exponential)
    #expect(slopes.leavesGapAlone)
  }

  @Test(arguments: [1, 16, 37], [false, true])
  func `a mixture adds a part times its share`(width: Int, accumulating: Bool) {
    let shares = Matrix.random(5, 3)
    let part = Matrix.random(5, width, gap: 2, seed: 2)
    let mixed = Matrix.random(5, width, seed: 3)
    let expected = (0..<5).map { row in
      (0..<width).map { column in
        Double(shares[row, 1]) * Double(part[row, column])
          + (accumulating ? Double(mixed[row, column]) : 0)
      }
    }
    mixed.add(part, timesColumn: 1, of: shares, accumulating: accumulating)
    #expect(largestDifference(mixed.rowValues, expected) < Tolerance.float32(magnitude: 8))
    #expect(mixed.leavesGapAlone)
  }

  @Test(arguments: [1, 16, 37], [false, true])
  func `the way back reaches the part and its share`(width: Int, accumulating: Bool) {
    let shares = Matrix.random(5, 3)
    let part = Matrix.random(5, width, gap: 2, seed: 2)
    let slopes = Matrix.random(5, width, seed: 3)
    let partSlopes = Matrix.random(5, width, gap: 1, seed: 4)
    let shareSlopes = Matrix.random(5, 3, gap: 4, seed: 5)
    let before = (partSlopes.rowValues, shareSlopes.rowValues)
    slopes.propagate(
      toPart: partSlopes, withValues: part, column: 2, of: shares, shareSlopes: shareSlopes,
      accumulating: accumulating)
    let expectedPart = (0..<5).map { row in
      (0..<width).map { column in
        Double(shares[row, 2]) * Double(slopes[row, column])
          + (accumulating ? before.0[row][column] : 0)
      }
    }
    let expectedShares = (0..<5).map { row in
      before.1[row][0..<2]
        + [
          (0..<width).reduce(0) { $0 + Double(slopes[row, $1]) * Double(part[row, $1]) }
        ]
    }
    let bound = Tolerance.float32Sum(of: width + 1, magnitude: 8)
    #expect(largestDifference(partSlopes.rowValues, expectedPart) < bound)
    #expect(largestDifference(shareSlopes.rowValues, expectedShares.map(Array.init)) < bound)
    #expect(partSlopes.leavesGapAlone && shareSlopes.leavesGapAlone)
  }

  @Test func `shares without the wanted column trap`() async {
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 2, columns: 3).add(
        Matrix(rows: 2, columns: 3), timesColumn: 2, of: Matrix(rows: 2, columns: 2),
        accumulating: false)
    }
  }

  @Test(arguments: [1, 16, 37])
  func `a detached part's share has the slope of any other`(width: Int) {
    let part = Matrix.random(5, width, gap: 2)
    let slopes = Matrix.random(5, width, seed: 2)
    let (whole, alone) = (Matrix.random(5, 3, seed: 3), Matrix.random(5, 3, seed: 3))
    slopes.propagate(
      toPart: Matrix.random(5, width), withValues: part, column: 1,
      of: Matrix.random(5, 3, seed: 4), shareSlopes: whole, accumulating: false)
    slopes.propagate(toShareOf: part, column: 1, shareSlopes: alone)
    #expect(largestDifference(alone.rowValues, whole.rowValues) < Tolerance.float32Forward)
    #expect(alone.leavesGapAlone)
  }

  @Test func `shares that are dropped leave the others a sum of 1`() {
    let shares = Matrix.random(2_000, 4)
    shares.applySoftmax()
    let before = shares.rowValues
    shares.dropShares(rate: 0.3, key: 5, firstRow: 7)
    let later = Matrix(Array(before[100..<200]))
    later.dropShares(rate: 0.3, key: 5, firstRow: 107)
    #expect(Array(shares.rowValues[100..<200]) == later.rowValues)
    var dropped = 0
    for (row, old) in zip(shares.rowValues, before) {
      #expect(abs(row.reduce(0, +) - 1) < Tolerance.float32Exponential)
      let kept = row.indices.filter { row[$0] > 0 }
      dropped += 4 - kept.count
      let sum = kept.reduce(0) { $0 + old[$1] }
      for column in kept {
        #expect(abs(row[column] - old[column] / sum) < Tolerance.float32Exponential)
      }
    }
    // Rows that would lose all 4 keep them; five deviations are 205 of 8,000.
    #expect(abs(Double(dropped) - 8_000 * (0.3 - 0.3 * 0.3 * 0.3 * 0.3)) < 205)
  }

  @Test(arguments: [1, 4, 19]) func `uneven use's slope equals central differences`(width: Int) {
    let shares = Matrix.random(5, width)
    let rowWeights: [Double] = [0.5, 0, 1, 2, 0.25]
    let total = rowWeights.reduce(0, +)
    func unevenness(_ shares: [[Double]]) -> Double {
      var means = [Double](repeating: 0, count: width)
      for (row, weight) in zip(shares, rowWeights) {
        for (column, share) in row.enumerated() { means[column] += weight / total * share }
      }
      return total * (Double(width) * means.reduce(0) { $0 + $1 * $1 } - 1)
    }
    let step = 1e-5
    let values = shares.rowValues
    let expected = values.indices.map { row in
      (0..<width).map { column in
        func moved(_ shift: Double) -> Double {
          var moved = values
          moved[row][column] += shift
          return unevenness(moved)
        }
        return 1 + 3 * (moved(step) - moved(-step)) / (2 * step)
      }
    }
    let slopes = Matrix([[Double]](repeating: [Double](repeating: 1, count: width), count: 5))
    slopes.addBalanceSlope(
      of: shares, rowWeights: Matrix(rowWeights.map { [$0] }), factor: 3,
      accumulating: true)
    // The slopes are about as many times 1 as there are columns.
    let tolerance = Tolerance.float32(magnitude: 32 * Double(width))
    #expect(largestDifference(slopes.rowValues, expected) < tolerance)
  }
}
