import Combiners
import Foundation
import TestSupport
import Testing

struct ExcessMTLTests {
  @Test func `moves the weights by the relative excesses`() throws {
    var trial = ElementwiseTrial(
      try ExcessMTL(taskCount: 2, eta: 0.5, warmUp: 1), taskCount: 2)
    #expect(try trial.step([[3, 0], [0, 2]]) == [3, 2])
    let update = try trial.step([[4, 0], [0, 2]])
    // The first excesses are 9/√9 and 4/√4, then 16/√25 and 4/√8.
    let powers = [exp(0.5 * 3.2 / 3), exp(0.5 * 2.0.squareRoot() / 2)]
    let weights = powers.map { 2 * $0 / powers.reduce(0, +) }
    #expect(Samples.difference(trial.rule.current, weights) < 1e-6)
    #expect(Samples.difference(update, [4 * weights[0], 2 * weights[1]]) < 1e-6)
  }

  @Test func `keeps its weights in the warm-up, whose mean excess is the first one`() throws {
    var slow = ElementwiseTrial(try ExcessMTL(taskCount: 2, eta: 1, warmUp: 2), taskCount: 2)
    for slope in [3, 4] as [Float] {
      _ = try slow.step([[slope], [1]])
      #expect(slow.rule.current == [1, 1])
    }
    _ = try slow.step([[12], [0]])
    // 144/√169 against the mean of 3 and 16/5; nothing against the other's.
    let ratio = slow.rule.current[0] / slow.rule.current[1]
    #expect(abs(log(ratio) - 144.0 / 13 / 3.1) < 1e-5)
  }

  @Test func `keeps the sum of the present tasks' weights`() throws {
    var trial = ElementwiseTrial(
      try ExcessMTL(taskCount: 3, eta: 1, warmUp: 1), taskCount: 3)
    _ = try trial.step([[1], [1], [1]])
    _ = try trial.step([[3], [1], [0.1]])
    let before = trial.rule.current
    _ = try trial.step([[1], [2]], tasks: [0, 2])
    #expect(trial.rule.current[1] == before[1])
    #expect(trial.rule.current != before)
    #expect(abs(trial.rule.current.reduce(0, +) - 3) < Tolerance.double)
    #expect(trial.rule.taskWeights?[1] == nil)
  }

  @Test func `bears zero gradients and overwhelming ones`() throws {
    var trial = ElementwiseTrial(try ExcessMTL(taskCount: 2, eta: 10, warmUp: 1), taskCount: 2)
    _ = try trial.step([[0], [1e-3]])
    for _ in 0..<20 {
      let update = try trial.step([[1], [1e18]])
      #expect(update.allSatisfy { $0.isFinite })
      #expect(trial.rule.current.allSatisfy { $0 > 0 && $0.isFinite })
    }
  }

  @Test func `refuses bad settings by name`() {
    #expect(
      throws: CombinerError.badSetting(name: "eta", value: "0.0", expected: "a number > 0")
    ) { try ExcessMTL(taskCount: 1, eta: 0) }
    #expect(
      throws: CombinerError.badSetting(
        name: "warm_up", value: "0.0", expected: "a whole number ≥ 1")
    ) { try ExcessMTL(taskCount: 1, warmUp: 0) }
  }
}
