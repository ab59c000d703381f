import Combiners
import TestSupport
import Testing

struct UPGradTests {
  static func weights(_ jacobian: [[Double]]) -> [Double] {
    var combiner = UPGrad()
    let weights = combiner.weights(for: Samples.step(jacobian))
    #expect(combiner.unsolvedSteps == 0)
    return weights
  }

  static func dual(_ jacobian: [[Double]]) -> [Double] {
    var combiner = DualProj()
    let weights = combiner.weights(for: Samples.step(jacobian))
    #expect(combiner.unsolvedSteps == 0)
    return weights
  }

  @Test func `gives the notes' weights`() {
    let weights = UPGradTests.weights(Samples.example)
    let expected: [Double] = [1.0 / 3, 11.0 / 15, 2.0 / 3]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
    let update = Samples.sum(Samples.example, weights: weights)
    let gains = Samples.example.map { Samples.dot($0, update) }
    let wanted: [Double] = [2.8, 2.0 / 3, 0.8]
    #expect(Samples.difference(gains, wanted) < Tolerance.double)
  }

  @Test func `of two opposed tasks is half of PCGrad's sum`() {
    // ⟨g₁, g₂⟩ = −22, ‖g₁‖² = 18, ‖g₂‖² = 38: each gradient loses its part along the other.
    let weights = UPGradTests.weights([[-4, 1, 1], [6, 1, 1]])
    let expected: [Double] = [(1 + 22.0 / 18) / 2, (1 + 22.0 / 38) / 2]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
  }

  @Test func `of tasks that agree is the mean`() {
    #expect(UPGradTests.weights([[1, 0, 1], [0, 1, 1]]) == [0.5, 0.5])
    #expect(UPGradTests.dual([[1, 0, 1], [0, 1, 1]]) == [0.5, 0.5])
  }

  @Test(arguments: [(3, 3), (5, 4), (12, 14), (64, 70)])
  func `DualProj satisfies the conditions of a projection`(size: (Int, Int)) {
    let jacobian = Samples.jacobian(tasks: size.0, parameters: size.1, seed: 31)
    let gramian = Gramian(of: jacobian)
    let weights = UPGradTests.dual(jacobian)
    for task in 0..<size.0 {
      let gain = gramian.agreement(of: task, with: weights)
      let multiplier = weights[task] - 1 / Double(size.0)
      #expect(multiplier >= -1e-12)
      #expect(gain >= -1e-9)
      #expect(multiplier < 1e-9 || abs(gain) < 1e-9)
    }
  }

  @Test(arguments: [(3, 3), (12, 14), (64, 70)])
  func `works against no task`(size: (Int, Int)) {
    let jacobian = Samples.jacobian(tasks: size.0, parameters: size.1, seed: 33)
    let gramian = Gramian(of: jacobian)
    let weights = UPGradTests.weights(jacobian)
    for task in 0..<size.0 { #expect(gramian.agreement(of: task, with: weights) >= -1e-9) }
  }

  @Test func `grows in proportion to each gradient`() {
    // The projection of each gradient is linear in its size and blind to the others'.
    let jacobian: [[Double]] = [[3, 0, 0], [-1, 2, 0], [1, -1, 1]]
    let parts = (0..<3).map { chosen in
      jacobian.enumerated().map { row, values in values.map { $0 * (row == chosen ? 1 : 1e-9) } }
    }
    let sum = parts.map { Samples.sum($0, weights: UPGradTests.weights($0)) }.reduce([0, 0, 0]) {
      zip($0, $1).map { $0 + $1 }
    }
    let update = Samples.sum(jacobian, weights: UPGradTests.weights(jacobian))
    #expect(Samples.difference(sum, update) < 1e-8)
  }

  @Test func `leaves a zero gradient out`() {
    #expect(UPGradTests.weights([[0, 0], [1, 1]]) == [0, 1])
    #expect(UPGradTests.dual([[0, 0], [1, 1]]) == [0, 1])
  }
}
