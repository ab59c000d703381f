import Combiners
import TestSupport
import Testing

struct GradVacTests {
  @Test func `begins as PCGrad`() throws {
    var combiner = try GradVac(taskCount: 2, seed: 0)
    let weights = combiner.weights(for: Samples.step([[-4, 1, 1], [6, 1, 1]]))
    let expected: [Double] = [1 + 22.0 / 18, 1 + 22.0 / 38]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
  }

  @Test func `brings the cosine up to its average`() throws {
    var combiner = try GradVac(taskCount: 2, beta: 0.5, seed: 0)
    // A first cosine of 1 makes the average ½; orthogonal gradients are then turned to 60°.
    _ = combiner.weights(for: Samples.step([[1, 0], [2, 0]]))
    let weights = combiner.weights(for: Samples.step([[1, 0], [0, 2]]))
    let tangent = 1 / 3.0.squareRoot()
    let expected: [Double] = [1 + 2 * tangent, 1 + tangent / 2]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
  }

  @Test func `leaves gradients that agree more than on average`() throws {
    var combiner = try GradVac(taskCount: 2, beta: 0.5, seed: 0)
    for _ in 0..<100 {
      #expect(combiner.weights(for: Samples.step([[1, 0.1], [1, 0]])) == [1, 1])
    }
    // The average comes to 1, where the formula divides by 0.
    for _ in 0..<100 {
      #expect(combiner.weights(for: Samples.step([[1, 3], [2, 6]])) == [1, 1])
    }
  }

  @Test func `keeps the averages of absent tasks`() throws {
    var combiner = try GradVac(taskCount: 3, beta: 0.5, seed: 0)
    _ = combiner.weights(
      for: Samples.step([[1, 0], [1, 0], [2, 0]]))
    _ = combiner.weights(for: Gramian(of: [[1, 0], [-1, 1]]), tasks: [0, 1])
    let weights = combiner.weights(for: Gramian(of: [[1, 0], [0, 2]]), tasks: [0, 2])
    let tangent = 1 / 3.0.squareRoot()
    let expected: [Double] = [1 + 2 * tangent, 1 + tangent / 2]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
  }

  @Test func `stands still between opposed tasks and passes over zero`() throws {
    var combiner = try GradVac(taskCount: 3, seed: 3)
    let jacobian: [[Double]] = [[1, 2], [-2, -4], [0, 0]]
    let weights = combiner.weights(for: Samples.step(jacobian))
    #expect(Samples.difference(Samples.sum(jacobian, weights: weights), [0, 0]) < 1e-12)
    #expect(weights[2] == 1)
  }

  @Test func `refuses a memory outside its range`() {
    #expect(
      throws: CombinerError.badSetting(name: "beta", value: "1.5", expected: "a number in 0...1")
    ) { try GradVac(taskCount: 2, beta: 1.5, seed: 0) }
  }
}
