import Combiners
import TestSupport
import Testing

struct CAGradTests {
  static func weights(
    _ jacobian: [[Double]], c: Double, rescale: CAGrad.Rescale = .none
  ) throws -> [Double] {
    var combiner = try CAGrad(c: c, rescale: rescale)
    let weights = combiner.weights(for: Samples.step(jacobian))
    #expect(combiner.unsolvedSteps == 0)
    return weights
  }

  static func update(_ jacobian: [[Double]], c: Double) throws -> [Double] {
    Samples.sum(jacobian, weights: try weights(jacobian, c: c))
  }

  @Test func `gives the notes' updates`() throws {
    let small = try CAGradTests.update(Samples.example, c: 0.4)
    let expected: [Double] = [13.0 / 15, 11.0 / 15, 7.0 / 15]
    #expect(Samples.difference(small, expected) < 1e-10)
    let large = try CAGradTests.update(Samples.example, c: 0.5)
    #expect(Samples.difference(large, [0.90173770, 0.80347540, 0.60695079]) < 1e-8)
  }

  @Test func `is the mean for c of 0`() throws {
    #expect(try CAGradTests.weights([[1, 2], [-2, 1]], c: 0) == [0.5, 0.5])
  }

  @Test func `divides by what rescale says`() throws {
    let plain = try CAGradTests.weights(Samples.example, c: 0.5)
    let linear = try CAGradTests.weights(Samples.example, c: 0.5, rescale: .linear)
    let square = try CAGradTests.weights(Samples.example, c: 0.5, rescale: .square)
    #expect(Samples.difference(linear, plain.map { $0 / 1.5 }) < Tolerance.double)
    #expect(Samples.difference(square, plain.map { $0 / 1.25 }) < Tolerance.double)
  }

  @Test(arguments: [(2, 4), (5, 8), (12, 14), (64, 80), (12, 3)], [0.1, 0.4, 0.9, 2])
  func `is optimal: primal and dual meet`(size: (Int, Int), c: Double) throws {
    let jacobian = Samples.jacobian(tasks: size.0, parameters: size.1, seed: 11)
    let count = Double(size.0)
    let gramian = Gramian(of: jacobian)
    let weights = try CAGradTests.weights(jacobian, c: c)
    let mean = [Double](repeating: 1 / count, count: size.0)
    let radius = c * gramian.squaredNorm(of: mean).squareRoot()
    let step = zip(weights, mean).map { $0 - $1 }
    let distance = max(0, gramian.squaredNorm(of: step)).squareRoot()
    #expect(distance <= radius * (1 + 1e-9))
    #expect(step.allSatisfy { $0 >= -1e-12 })
    let least = (0..<size.0).map { gramian.agreement(of: $0, with: weights) }.min() ?? 0
    let sum = step.reduce(0, +)
    let square = Samples.size(jacobian) * Samples.size(jacobian)
    guard distance > radius * (1 - 1e-9) else {
      // Nowhere within reach does every task gain: the nearest step at which none loses.
      #expect(abs(least) < 1e-9 * square)
      return
    }
    // The dual's value at w, the step's share of each task.
    let shares = step.map { $0 / sum }
    let dual =
      (0..<size.0).reduce(0) { $0 + shares[$1] * gramian.agreement(of: $1, with: mean) }
      + radius * max(0, gramian.squaredNorm(of: shares)).squareRoot()
    #expect(abs(dual - least) < 1e-9 * square)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `with a large enough c works against no task`(seed: UInt64) throws {
    let jacobian = Samples.jacobian(tasks: 4, parameters: 6, seed: seed)
    let gramian = Gramian(of: jacobian)
    let weights = try CAGradTests.weights(jacobian, c: 1)
    for task in 0..<4 { #expect(gramian.agreement(of: task, with: weights) > -1e-9) }
  }

  @Test func `takes the nearest of many best steps`() throws {
    // No step gains for both of the first two; the mean already serves the third.
    let weights = try CAGradTests.update([[1, 0], [-1, 0], [0, 1]], c: 0.4)
    let expected: [Double] = [0, 1.0 / 3]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
    let opposed = try CAGradTests.update([[1, 2], [-3, -6]], c: 2)
    #expect(Samples.difference(opposed, [0, 0]) < Tolerance.double)
  }

  @Test func `stands still where the mean gradient is zero`() throws {
    #expect(try CAGradTests.update([[1, 2], [-1, -2]], c: 0.4) == [0, 0])
  }

  @Test func `refuses a negative c`() {
    #expect(
      throws: CombinerError.badSetting(name: "c", value: "-0.1", expected: "a number ≥ 0")
    ) { try CAGrad(c: -0.1) }
  }
}
