import Combiners
import TestSupport
import Testing

struct MoCoTests {
  @Test func `without tracking and learning is the mean`() throws {
    var trial = ElementwiseTrial(
      try MoCo(taskCount: 2, beta: 1, gamma: 0, sigma: 0), taskCount: 2)
    #expect(try trial.step([[2, 4], [6, -4]]) == [4, 0])
    #expect(try trial.step([[1, 1], [3, 5]]) == [2, 3])
  }

  @Test func `tracks gradients and moves weights by their products`() throws {
    var trial = ElementwiseTrial(
      try MoCo(taskCount: 2, beta: 0.5, gamma: 0.1, sigma: 1, rho: 0.2), taskCount: 2)
    let first = try trial.step([[2, 0], [0, 4]])
    // y = (1, 0), (0, 2): slopes ½ + 0.1 and 2 + 0.1, then the projection takes half their sum.
    let moved = [0.5 - 0.1 * 0.6, 0.5 - 0.1 * 2.1]
    let rise = (1 - moved[0] - moved[1]) / 2
    let weights = moved.map { $0 + rise }
    #expect(Samples.difference(first, [weights[0], 2 * weights[1]]) < Tolerance.float32())
    // In the second step β and γ are halved.
    let second = try trial.step([[2, 0], [0, 4]])
    let tracked = [1.25, 2.5]
    let again = zip(weights, tracked).map { $0 - 0.05 * ($1 * $1 * $0 + 0.2 * $0) }
    let secondRise = (1 - again[0] - again[1]) / 2
    let expected = zip(again, tracked).map { ($0 + secondRise) * $1 }
    #expect(Samples.difference(second, expected) < Tolerance.float32())
  }

  @Test func `stops at the simplex' edge`() throws {
    var trial = ElementwiseTrial(
      try MoCo(taskCount: 2, beta: 1, gamma: 10, sigma: 0), taskCount: 2)
    #expect(try trial.step([[1, 0], [0, 5]]) == [1, 0])
    #expect(trial.rule.taskWeights == [1, 0])
  }

  @Test func `weighs the present tasks to a sum of 1`() throws {
    var trial = ElementwiseTrial(try MoCo(taskCount: 3, beta: 1, sigma: 0), taskCount: 3)
    for tasks in [[0, 1, 2], [0, 2], [1], [0, 1, 2]] {
      _ = try trial.step(
        tasks.map { [Float($0) + 1, 1] }, tasks: tasks)
      let weights = try #require(trial.rule.taskWeights)
      #expect(weights.indices.filter { weights[$0] != nil } == tasks)
      #expect(abs(weights.reduce(0) { $0 + ($1 ?? 0) } - 1) < Tolerance.double)
    }
  }

  @Test func `refuses bad settings by name`() {
    for beta in [0, 1.1, .nan] as [Double] {
      #expect(
        throws: CombinerError.badSetting(
          name: "beta", value: "\(beta)", expected: "above 0 and at most 1")
      ) { try MoCo(taskCount: 1, beta: beta) }
    }
    #expect(
      throws: CombinerError.badSetting(name: "gamma", value: "-1.0", expected: "a number ≥ 0")
    ) { try MoCo(taskCount: 1, gamma: -1) }
    #expect(
      throws: CombinerError.badSetting(name: "sigma", value: "-1.0", expected: "a number ≥ 0")
    ) { try MoCo(taskCount: 1, sigma: -1) }
    #expect(
      throws: CombinerError.badSetting(name: "rho", value: "inf", expected: "a number ≥ 0")
    ) { try MoCo(taskCount: 1, rho: .infinity) }
  }
}
