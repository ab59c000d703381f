import Combiners
import TestSupport
import Testing

struct DecayedWeightsTests {
  @Test func `shrink by their ratios from weights that sum to K`() throws {
    var rule = try DecayedWeights([1, 3], ratios: [1, 0.5])
    #expect(rule.weights(for: []) == [0.5, 1.5])
    for _ in 0..<3 { rule.observe(WeighedStep(losses: [0.7, nil])) }
    #expect(rule.weights(for: []) == [0.5, 1.5 / 8])
  }

  @Test func `stay in a step without any task`() throws {
    var rule = try DecayedWeights([1], ratios: [0.5])
    rule.observe(WeighedStep(losses: [nil]))
    #expect(rule.weights(for: []) == [1])
  }

  @Test(arguments: [0, -1, 1.1, .nan] as [Double])
  func `refuse ratios that do not shrink`(ratio: Double) {
    #expect(
      throws: CombinerError.badSetting(
        name: "gamma", value: "\(ratio)", expected: "above 0 and at most 1")
    ) { try DecayedWeights([1, 1], ratios: [1, ratio]) }
  }
}
