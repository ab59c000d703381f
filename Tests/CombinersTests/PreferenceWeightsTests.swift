import Combiners
import Testing

struct PreferenceWeightsTests {
  static func shares(_ concentration: Double, count: Int = 4_000) throws -> [[Double]] {
    var rule = try PreferenceWeights([1, 1, 1], concentration: concentration, seed: 5)
    return (0..<count).map { _ in rule.drawShares() }
  }

  @Test(arguments: [1e-3, 0.3, 1, 4, 1e6])
  func `draws shares with the Dirichlet distribution's mean and variance`(concentration: Double)
    throws
  {
    let shares = try PreferenceWeightsTests.shares(concentration)
    #expect(shares.allSatisfy { $0.allSatisfy { $0 >= 0 && $0 <= 1 } })
    #expect(shares.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-12 })
    // Of K equal parameters α: 1/K, and (K − 1) / (K² (K α + 1)).
    let expected = 2 / (9 * (3 * concentration + 1))
    for task in 0..<3 {
      let mean = shares.reduce(0) { $0 + $1[task] } / 4_000
      let variance = shares.reduce(0) { $0 + ($1[task] - mean) * ($1[task] - mean) } / 4_000
      // Five deviations of the mean of 4,000 draws; a tenth of a variance.
      #expect(abs(mean - 1.0 / 3) < 5 * (expected / 4_000).squareRoot())
      #expect(abs(variance - expected) < 0.1 * expected)
    }
  }

  @Test func `equal shares weigh as the fixed weights do`() throws {
    let rule = try PreferenceWeights([1, 3], seed: 1)
    #expect(rule.weights == [0.5, 1.5])
    #expect(rule.weights(of: [0.5, 0.5]) == [0.5, 1.5])
    #expect(rule.weights(of: [1, 0]) == [1, 0])
  }

  @Test(arguments: [0, -1, .infinity, .nan] as [Double])
  func `refuses a concentration that is no number above zero`(concentration: Double) {
    #expect(throws: CombinerError.self) {
      try PreferenceWeights([1, 1], concentration: concentration, seed: 1)
    }
  }
}
