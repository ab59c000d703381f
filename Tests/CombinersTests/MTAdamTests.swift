import Combiners
import Foundation
import TestSupport
import Testing

struct MTAdamTests {
  /// Adam's steps for one number.
  static func adam(_ slopes: [Double]) -> [Double] {
    var mean = 0.0
    var square = 0.0
    return slopes.enumerated().map { index, slope in
      mean = 0.9 * mean + 0.1 * slope
      square = 0.999 * square + 0.001 * slope * slope
      let corrected = mean / (1 - pow(0.9, Double(index + 1)))
      return corrected / ((square / (1 - pow(0.999, Double(index + 1)))).squareRoot() + 1e-8)
    }
  }

  /// Single precision of β₂ leaves 1 − β₂ an error of 1e-5, half of it in the root.
  static let tolerance = 2e-5

  @Test func `is Adam for one task`() throws {
    var trial = ElementwiseTrial(try MTAdam(ratios: [1]), taskCount: 1)
    #expect(trial.rule.replacesOptimizer)
    let slopes: [Double] = [0.3, -2, 0.7, 0.01, -0.4, 1.5]
    for (slope, expected) in zip(slopes, MTAdamTests.adam(slopes)) {
      let way = try trial.step([[Float(slope)]])
      #expect(Samples.difference(way, [expected]) < MTAdamTests.tolerance)
    }
  }

  @Test func `brings gradients to the main one's size, block by block`() throws {
    var trial = ElementwiseTrial(try MTAdam(ratios: [1, 1], main: 1), taskCount: 2)
    let ways = try trial.step(blocks: [[[0, 8], [2, 0]], [[1], [5]]])
    // In the first step every moment is the scaled gradient: (2 + 0) / 2 and so on.
    #expect(Samples.difference(ways[0], [1, 1]) < MTAdamTests.tolerance)
    #expect(Samples.difference(ways[1], [2]) < MTAdamTests.tolerance)
  }

  @Test func `divides by the largest second moment and heeds the ratios`() throws {
    var trial = ElementwiseTrial(try MTAdam(ratios: [3, 1]), taskCount: 2)
    let way = try trial.step([[3, 4], [4, -3]])
    // Ratios 1.5 and 0.5 of equal norms: (4.5 + 2) / 4.5, (6 − 1.5) / 6.
    #expect(Samples.difference(way, [6.5 / 4.5, 4.5 / 6]) < MTAdamTests.tolerance)
  }

  @Test func `averages norms from the first one on`() throws {
    var trial = ElementwiseTrial(try MTAdam(ratios: [1, 1], beta: 0.5), taskCount: 2)
    _ = try trial.step([[1], [2]])
    _ = try trial.step([[3], [2]])
    // (0.5 · 1 + 0.5 · 3) / 2
    let weights = try #require(trial.rule.taskWeights)
    #expect(weights == [1, 1])
    _ = try trial.step([[1], [6]])
    #expect(trial.rule.taskWeights == [1, 1.5 / 4])
  }

  @Test func `counts and moves only the present tasks`() throws {
    var trial = ElementwiseTrial(try MTAdam(ratios: [1, 1]), taskCount: 2)
    let slopes: [Double] = [0.3, -2, 0.7]
    let expected = MTAdamTests.adam(slopes)
    for (slope, expected) in zip(slopes, expected) {
      // Alone, task 0 takes Adam's steps, whatever task 1 did before.
      let way = try trial.step([[Float(slope)]], tasks: [0])
      #expect(Samples.difference(way, [expected]) < MTAdamTests.tolerance)
    }
    let first = try trial.step([[-5]], tasks: [1])
    #expect(Samples.difference(first, [-1]) < MTAdamTests.tolerance)
  }

  @Test func `takes sizes as they are before the main task and at zero`() throws {
    var trial = ElementwiseTrial(try MTAdam(ratios: [1, 1]), taskCount: 2)
    _ = try trial.step([[7]], tasks: [1])
    #expect(trial.rule.taskWeights == [nil, 1])
    let still = try trial.step([[0], [0]])
    #expect(still.allSatisfy { $0.isFinite })
  }

  @Test func `refuses bad settings by name`() {
    #expect(
      throws: CombinerError.badSetting(name: "main", value: "2", expected: "one of the 2 tasks")
    ) { try MTAdam(ratios: [1, 1], main: 2) }
    #expect(
      throws: CombinerError.badSetting(
        name: "beta", value: "1.0", expected: "a number in 0..<1")
    ) { try MTAdam(ratios: [1], beta: 1) }
    #expect(throws: CombinerError.self) { try MTAdam(ratios: [0, 0]) }
  }
}
