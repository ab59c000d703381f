import Combiners
import Foundation
import TestSupport
import Testing

struct FairnessTests {
  static func nash(_ jacobian: [[Double]]) -> [Double] {
    var combiner = NashMTL()
    let weights = combiner.weights(for: Samples.step(jacobian))
    #expect(combiner.unsolvedSteps == 0)
    return weights
  }

  static func fair(_ jacobian: [[Double]], p: Double) throws -> [Double] {
    var combiner = try FairGrad(p: p)
    let weights = combiner.weights(for: Samples.step(jacobian))
    #expect(combiner.unsolvedSteps == 0)
    return weights
  }

  @Test func `of Nash gives the notes' weights`() {
    let weights = FairnessTests.nash(Samples.example)
    let expected: [Double] = [1.0 / 3, 1, 1]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
  }

  @Test func `of FairGrad gives the notes' weights`() throws {
    let weights = try FairnessTests.fair(Samples.example, p: 2)
    let expected: [Double] = [0.2069928453, 0.9824531994, 1.0941322958]
    #expect(Samples.difference(weights, expected) < 1e-9)
  }

  @Test func `of Nash for two tasks weighs unit gradients alike`() {
    // u₁ + u₂ over the root of 1 + cos: each unit gradient's product with the step is that root.
    let jacobian: [[Double]] = [[3, 0], [-1, 1]]
    let root = (1 - 0.5.squareRoot()).squareRoot()
    let expected: [Double] = [1 / (3 * root), 1 / (2.0.squareRoot() * root)]
    #expect(Samples.difference(FairnessTests.nash(jacobian), expected) < Tolerance.double)
  }

  @Test(arguments: [(2, 2), (5, 6), (12, 15), (64, 80)], [0.3, 1, 2, 10])
  func `solves its equation`(size: (Int, Int), p: Double) throws {
    let jacobian = Samples.jacobian(tasks: size.0, parameters: size.1, seed: 21)
    let gramian = Gramian(of: jacobian)
    let weights = try FairnessTests.fair(jacobian, p: p)
    for task in 0..<size.0 {
      let right = pow(weights[task], -1 / p)
      #expect(abs(gramian.agreement(of: task, with: weights) / right - 1) < 1e-8)
    }
  }

  @Test func `of Nash steps by the root of the number of tasks, whatever the gradients' sizes`() {
    let jacobian = Samples.jacobian(tasks: 5, parameters: 8, seed: 3)
    let sizes: [Double] = [1e-10, 1, 1e10, 3, 1e-3]
    let weights = FairnessTests.nash(jacobian)
    let update = Samples.sum(jacobian, weights: weights)
    #expect(abs(Samples.dot(update, update) - 5) < 1e-9)
    let scaled = zip(jacobian, sizes).map { row, size in row.map { $0 * size } }
    let others = zip(FairnessTests.nash(scaled), sizes).map { $0 * $1 }
    #expect(Samples.difference(others, weights) < 1e-9)
  }

  @Test func `of FairGrad at 1 is Nash's`() throws {
    let jacobian = Samples.jacobian(tasks: 4, parameters: 6, seed: 5)
    #expect(try FairnessTests.fair(jacobian, p: 1) == FairnessTests.nash(jacobian))
  }

  @Test func `leaves a zero gradient out`() throws {
    let jacobian: [[Double]] = [[3, 0], [0, 0], [-1, 1]]
    let without = FairnessTests.nash([[3, 0], [-1, 1]])
    #expect(FairnessTests.nash(jacobian) == [without[0], 0, without[1]])
    #expect(try FairnessTests.fair(jacobian, p: 2)[1] == 0)
    #expect(FairnessTests.nash([[0, 0]]) == [0])
    #expect(FairnessTests.nash([[1e-30, 0], [0, 2]]) == [0, 0.5])
  }

  @Test(arguments: [0.5, 1, 2, 20])
  func `of opposed tasks stays finite and short`(p: Double) throws {
    let jacobian: [[Double]] = [[1, 2], [-3, -6]]
    let weights = try FairnessTests.fair(jacobian, p: p)
    #expect(weights.allSatisfy { $0 > 0 && $0 < 1e7 })
    let update = Samples.sum(jacobian, weights: weights)
    #expect(Samples.dot(update, update).squareRoot() < 0.2)
  }

  @Test func `refuses a fairness that is not above zero`() {
    #expect(throws: CombinerError.badSetting(name: "p", value: "0.0", expected: "a number > 0")) {
      try FairGrad(p: 0)
    }
  }
}
