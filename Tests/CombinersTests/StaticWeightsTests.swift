import Combiners
import Testing

struct StaticWeightsTests {
  @Test func `sum to the number of tasks`() throws {
    #expect(try StaticWeights([1, 3]).weights == [0.5, 1.5])
    #expect(try StaticWeights([0, 0, 5]).weights == [0, 0, 3])
  }

  @Test(arguments: [0.1, 1, 3, 1e-300, 1e308], [1, 2, 3, 49])
  func `are all 1 where they are equal`(weight: Double, count: Int) throws {
    let weights = try StaticWeights(Array(repeating: weight, count: count)).weights
    #expect(weights == Array(repeating: 1, count: count))
  }

  @Test func `do not move with the losses`() throws {
    var weighting = try StaticWeights([1, 3])
    weighting.observe(WeighedStep(losses: [100, nil]))
    #expect(weighting.weights(for: []) == [0.5, 1.5])
  }

  @Test(arguments: [[], [0, 0], [1, -1], [1, .nan], [1, .infinity]])
  func `refuse what has no meaning`(weights: [Double]) {
    let error = #expect(throws: CombinerError.self) { try StaticWeights(weights) }
    #expect(
      error?.description
        == "combiner.weights: \(weights) is not a list of numbers ≥ 0 with a sum > 0")
  }
}
