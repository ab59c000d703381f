import Combiners
import Randomness
import TestSupport
import Testing

struct MGDATests {
  static func weights(_ jacobian: [[Double]]) throws -> [Double] {
    var combiner = MGDA()
    let weights = try combiner.weights(for: Samples.step(jacobian))
    #expect(combiner.unsolvedSteps == 0)
    return weights
  }

  @Test func `gives the notes' weights`() throws {
    let weights = try MGDATests.weights(Samples.example)
    let expected: [Double] = [0, 3.0 / 7, 4.0 / 7]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `of two tasks has the closed form`(seed: UInt64) throws {
    let jacobian = Samples.jacobian(tasks: 2, parameters: 2, seed: seed)
    let gramian = Gramian(of: jacobian)
    // Where ‖g₂ + t (g₁ − g₂)‖ is least, held to 0...1.
    let square = gramian[0, 0] - 2 * gramian[0, 1] + gramian[1, 1]
    let first = max(0, min(1, (gramian[1, 1] - gramian[0, 1]) / square))
    let weights = try MGDATests.weights(jacobian)
    #expect(Samples.difference(weights, [first, 1 - first]) < 1e-10)
  }

  @Test(arguments: [(2, 3), (5, 4), (12, 12), (40, 12), (64, 80), (64, 10)])
  func `satisfies the conditions of the shortest mean`(tasks: Int, parameters: Int) throws {
    // A common part keeps the mean away from zero where there are more parameters than tasks.
    let common = Samples.jacobian(tasks: 1, parameters: parameters, seed: 77)[0]
    let jacobian = Samples.jacobian(tasks: tasks, parameters: parameters, seed: 9).map {
      zip($0, common).map { $0 + 0.3 * $1 }
    }
    let gramian = Gramian(of: jacobian)
    let weights = try MGDATests.weights(jacobian)
    #expect(abs(weights.reduce(0, +) - 1) < 1e-12)
    #expect(weights.allSatisfy { $0 >= 0 })
    let square = gramian.squaredNorm(of: weights)
    let size = Samples.size(jacobian) * Samples.size(jacobian)
    for task in 0..<tasks {
      let agreement = gramian.agreement(of: task, with: weights)
      #expect(agreement >= square - 1e-9 * size)
      if weights[task] > 1e-9 { #expect(abs(agreement - square) < 1e-9 * size) }
    }
  }

  @Test func `is the inverse squares' share where gradients are orthogonal, of any size`() throws {
    let sizes: [Double] = [1e-10, 3, 1e10]
    let jacobian = (0..<3).map { row in (0..<3).map { $0 == row ? sizes[row] : 0 } }
    let weights = try MGDATests.weights(jacobian)
    let sum = sizes.reduce(0) { $0 + 1 / ($1 * $1) }
    for (weight, size) in zip(weights, sizes) {
      #expect(abs(weight * sum * size * size - 1) < 1e-9)
    }
  }

  @Test func `stands still between opposed tasks`() throws {
    #expect(
      Samples.difference(try MGDATests.weights([[1, 2], [-3, -6]]), [0.75, 0.25])
        < Tolerance.double)
  }

  @Test func `leaves a zero gradient out`() throws {
    #expect(try MGDATests.weights([[1, 0], [0, 0]]) == [1, 0])
    #expect(try MGDATests.weights([[0, 0], [0, 0]]) == [0, 0])
  }

  @Test func `normalised weighs by lengths and losses`() throws {
    // Orthogonal gradients: weights go with the inverse squares of the normalised lengths.
    let step = Samples.step([[2, 0], [0, 1]], losses: [4, 1])
    let expected: [(MGDA.Normalisation, [Double])] = [
      (.none, [0.2, 0.8]), (.l2, [0.5, 0.5]), (.loss, [0.8, 0.2]),
      (.lossPlus, [16.0 / 17, 1.0 / 17]),
    ]
    for (normalisation, weights) in expected {
      var combiner = MGDA(normalisation: normalisation)
      #expect(Samples.difference(try combiner.weights(for: step), weights) < Tolerance.double)
    }
  }

  @Test func `refuses a loss that it can't divide by`() {
    var combiner = MGDA(normalisation: .loss)
    #expect(throws: CombinerError.lossNotPositive(task: 1, loss: 0, combiner: "mgda")) {
      try combiner.weights(for: Samples.step([[1, 0], [0, 1]], losses: [1, 0]))
    }
  }

  @Test func `of the representation knows no other scope`() throws {
    let names = ["click", "cart"]
    guard
      case .gradients(let rule as MGDA, let use) = try CombinerKind.mgdaUpperBound.make(
        settings: [.normalisation: .text("l2"), .every: .number(3)], taskNames: names, seed: 1)
    else { throw CombinerError.missingSetting(name: "normalisation", combiner: "mgda_ub") }
    #expect(rule.normalisation == .l2)
    #expect(use == GradientUse(scope: .representation, every: 3))
    #expect(throws: CombinerError.self) {
      try CombinerKind.mgdaUpperBound.make(
        settings: [.scope: .text("all")], taskNames: names, seed: 1)
    }
  }
}
