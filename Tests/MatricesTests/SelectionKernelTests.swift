import Foundation
import Matrices
import TestSupport
import Testing

/// DSelect-k's shares and slopes against the plain formulas in double precision.
struct SelectionKernelTests {
  static let width = 1.5
  static let selectors = 3

  /// What each selector gives to each expert.
  private static func given(_ codes: [Double], experts: Int) -> [[Double]] {
    let bits = Matrix.selectionBits(of: experts)
    return (0..<selectors).map { selector in
      let steps = (0..<bits).map { bit -> Double in
        let t = codes[selectors + selector * bits + bit] / width
        return t <= -0.5 ? 0 : t >= 0.5 ? 1 : -2 * t * t * t + 1.5 * t + 0.5
      }
      return (0..<experts).map { expert in
        steps.indices.reduce(1) { $0 * (expert >> $1 & 1 == 1 ? steps[$1] : 1 - steps[$1]) }
      }
    }
  }

  private static func shares(_ codes: [Double], experts: Int) -> [Double] {
    let weights = MixtureKernelTests.softmax(Array(codes.prefix(selectors)))
    let given = given(codes, experts: experts)
    return (0..<experts).map { expert in
      zip(weights, given).reduce(0) { $0 + $1.0 * $1.1[expert] }
    }
  }

  private static func penalty(_ codes: [Double], experts: Int) -> Double {
    var sum = 0.0
    for given in given(codes, experts: experts) {
      let whole = given.reduce(0, +)
      sum += whole > 0.1 ? 2 / whole : 20 - 200 * (whole - 0.1)
      for part in given where part > 0 { sum -= 0.5 * part * log(part) }
    }
    return sum
  }

  /// Codes of which about a third are decided.
  private static func codes(experts: Int, gap: Int = 0) -> Matrix {
    Matrix.random(6, selectors * (1 + Matrix.selectionBits(of: experts)), gap: gap)
  }

  /// The slopes by each code of what `value` makes of a row's codes.
  private static func slopes(
    _ codes: Matrix, _ value: (_ row: Int, _ codes: [Double]) -> Double
  ) -> [[Double]] {
    let step = 1e-6
    return codes.rowValues.enumerated().map { row, values in
      values.indices.map { column in
        func moved(_ shift: Double) -> Double {
          var moved = values
          moved[column] += shift
          return value(row, moved)
        }
        return (moved(step) - moved(-step)) / (2 * step)
      }
    }
  }

  @Test func `numbers of experts have as many bits as they need`() {
    #expect([1, 2, 3, 4, 5, 8, 9].map(Matrix.selectionBits) == [0, 1, 2, 2, 3, 3, 4])
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 13]) func `shares equal the formula`(experts: Int) {
    let codes = Self.codes(experts: experts, gap: 3)
    let shares = Matrix.random(6, experts, gap: 2)
    shares.setSelection(by: codes, selectors: Self.selectors, width: Float(Self.width))
    let expected = codes.rowValues.map { Self.shares($0, experts: experts) }
    #expect(largestDifference(shares.rowValues, expected) < 4 * Tolerance.float32Exponential)
    #expect(shares.leavesGapAlone)
  }

  @Test func `decided selectors share a row among as many experts`() {
    // The logits, then experts 2, 1 and 2 of three.
    let codes = Matrix([[0, 0, 0, -1, 1, 1, -1, -2, 0.75]])
    let shares = Matrix(rows: 1, columns: 3)
    shares.setSelection(by: codes, selectors: 3, width: 1.5)
    let expected: [[Double]] = [[0, 1.0 / 3, 2.0 / 3]]
    #expect(shares[0, 0] == 0)
    #expect(largestDifference(shares.rowValues, expected) < Tolerance.float32Exponential)
  }

  @Test(arguments: [1, 2, 3, 5, 8]) func `slopes equal central differences`(experts: Int) {
    let codes = Self.codes(experts: experts)
    let shareSlopes = Matrix.random(6, experts, seed: 4)
    let values = shareSlopes.rowValues
    let expected = Self.slopes(codes) { row, codes in
      zip(values[row], Self.shares(codes, experts: experts)).reduce(0) { $0 + 3 * $1.0 * $1.1 }
    }
    let slopes = Matrix.random(6, codes.columns, gap: 2, seed: 5)
    shareSlopes.propagate(
      toCodes: slopes, withValues: codes, selectors: Self.selectors, width: Float(Self.width),
      scale: 3)
    #expect(largestDifference(slopes.rowValues, expected) < 32 * Tolerance.float32Exponential)
    #expect(slopes.leavesGapAlone)
  }

  @Test(arguments: [1, 2, 3, 5, 8], [false, true])
  func `a penalty's slopes equal central differences`(experts: Int, accumulates: Bool) {
    let codes = Self.codes(experts: experts)
    let rowWeights: [Double] = [0.5, 0, 1, 2, 0.25, -1]
    let expected = Self.slopes(codes) { row, codes in
      rowWeights[row] * Self.penalty(codes, experts: experts)
    }.map { $0.map { accumulates ? $0 + 1 : $0 } }
    let ones = [Double](repeating: 1, count: codes.columns)
    let slopes = Matrix([[Double]](repeating: ones, count: 6))
    slopes.addSelectionPenaltySlope(
      of: codes, experts: experts, selectors: Self.selectors, width: Float(Self.width),
      rowWeights: Matrix(rowWeights.map { [$0] }), entropy: 0.5, reach: 2,
      accumulating: accumulates)
    // Where experts have little, the slopes are up to 200 times what the variables' are.
    #expect(largestDifference(slopes.rowValues, expected) < 400 * Tolerance.float32Exponential)
  }

  @Test func `a selector that gives all to no expert has finite slopes`() {
    let codes = Matrix([[0, 5, 5]])
    let slopes = Matrix([[1, 1, 1]])
    slopes.addSelectionPenaltySlope(
      of: codes, experts: 3, selectors: 1, width: 1, rowWeights: Matrix([[1]]), entropy: 1,
      reach: 1, accumulating: false)
    #expect(slopes.rowValues == [[0, 0, 0]])
  }
}
