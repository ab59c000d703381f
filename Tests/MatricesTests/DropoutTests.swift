import Matrices
import Testing

struct DropoutTests {
  /// Where a matrix of ones is kept.
  static func mask(
    rows: Int = 64, columns: Int = 96, rate: Float = 0.3, key: UInt64 = 11, firstRow: Int = 0
  ) -> [[Bool]] {
    let matrix = Matrix(Array(repeating: Array(repeating: 1, count: columns), count: rows))
    matrix.applyDropout(rate: rate, key: key, firstRow: firstRow)
    return matrix.rowValues.map { $0.map { $0 != 0 } }
  }

  static func shareOfEqual(_ left: [[Bool]], _ right: [[Bool]]) -> Double {
    let equal = zip(left.joined(), right.joined()).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    return Double(equal) / Double(left.joined().count)
  }

  @Test(arguments: [Float(0.1), 0.5, 0.9])
  func `drops its rate and keeps the mean`(rate: Float) {
    let matrix = Matrix(Array(repeating: Array(repeating: 1, count: 200), count: 200))
    matrix.applyDropout(rate: rate, key: 3, firstRow: 0)
    let values = Array(matrix.rowValues.joined())
    let dropped = Double(values.count { $0 == 0 }) / Double(values.count)
    // Four deviations of a share of 40,000 draws.
    let deviation = (Double(rate) * (1 - Double(rate)) / 40_000).squareRoot()
    #expect(abs(dropped - Double(rate)) < 4 * deviation)
    #expect(values.allSatisfy { $0 == 0 || $0 == Double(1 / (1 - rate)) })
    #expect(matrix.leavesGapAlone)
  }

  @Test func `at rate 0 changes nothing`() {
    let matrix = Matrix.random(5, 9)
    let before = matrix.bits
    matrix.applyDropout(rate: 0, key: 1, firstRow: 0)
    #expect(matrix.bits == before)
  }

  @Test func `depends on the key, the row in the batch and the column alone`() {
    let mask = DropoutTests.mask()
    #expect(DropoutTests.mask() == mask)
    #expect(DropoutTests.mask(rows: 54, firstRow: 10) == Array(mask[10...]))
    #expect(DropoutTests.mask(columns: 7) == mask.map { Array($0[..<7]) })
  }

  @Test func `draws apart for other keys, rows and columns`() {
    let mask = DropoutTests.mask(rate: 0.5)
    let others = [
      DropoutTests.mask(rate: 0.5, key: 12), DropoutTests.mask(rate: 0.5, firstRow: 1_000_000),
      Array(mask[1...] + mask[..<1]), mask.map { Array($0[1...] + $0[..<1]) },
    ]
    for other in others {
      // Independent halves agree in half of 6,144 places; five deviations are 0.032.
      #expect(abs(DropoutTests.shareOfEqual(mask, other) - 0.5) < 0.032)
    }
  }

  @Test func `repeats its mask on a slope`() {
    let values = Matrix.random(20, 30)
    let slopes = Matrix.random(20, 30, seed: 2)
    values.applyDropout(rate: 0.4, key: 5, firstRow: 3)
    slopes.applyDropout(rate: 0.4, key: 5, firstRow: 3)
    #expect(
      values.rowValues.map { $0.map { $0 == 0 } } == slopes.rowValues.map { $0.map { $0 == 0 } })
  }

  @Test func `at a rate outside 0 to 1 traps`() async {
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 1, columns: 1).applyDropout(rate: 1, key: 0, firstRow: 0)
    }
    await #expect(processExitsWith: .failure) {
      Matrix(rows: 1, columns: 1).applyDropout(rate: -0.1, key: 0, firstRow: 0)
    }
  }
}
