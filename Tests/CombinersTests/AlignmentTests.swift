import Combiners
import TestSupport
import Testing

struct IMTLGTests {
  static func weights(_ jacobian: [[Double]]) -> [Double] {
    var combiner = IMTLG()
    return combiner.weights(for: Samples.step(jacobian))
  }

  @Test func `gives the notes' weights`() {
    let expected: [Double] = [0.046491322, 0.4364916731, 0.5170170049]
    #expect(Samples.difference(IMTLGTests.weights(Samples.example), expected) < 1e-9)
  }

  @Test(arguments: [(2, 3), (5, 6), (12, 15), (64, 90)])
  func `gives all unit gradients the same projection`(size: (Int, Int)) {
    let jacobian = Samples.jacobian(tasks: size.0, parameters: size.1, seed: 41)
    let gramian = Gramian(of: jacobian)
    let weights = IMTLGTests.weights(jacobian)
    #expect(abs(weights.reduce(0, +) - 1) < 1e-9)
    let projections = (0..<size.0).map {
      gramian.agreement(of: $0, with: weights) / gramian.norm($0)
    }
    for projection in projections { #expect(abs(projection - projections[0]) < 1e-8) }
  }

  @Test func `of two tasks weighs by the other's norm`() {
    let expected: [Double] = [0.2, 0.8]
    for angle in [[0, 1], [0.6, 0.8], [-1, 0], [1, 0]] as [[Double]] {
      let weights = IMTLGTests.weights([[4, 0], angle])
      #expect(Samples.difference(weights, expected) < 1e-9)
    }
  }

  @Test func `does not turn with the gradients' sizes`() {
    let jacobian = Samples.jacobian(tasks: 3, parameters: 4, seed: 6)
    let sizes: [Double] = [1e-10, 1, 1e10]
    let scaled = zip(jacobian, sizes).map { row, size in row.map { $0 * size } }
    let weights = IMTLGTests.weights(jacobian)
    let others = zip(IMTLGTests.weights(scaled), sizes).map { $0 * $1 }
    let factor = others[0] / weights[0]
    #expect(Samples.difference(others.map { $0 / factor }, weights) < 1e-8)
  }

  @Test func `without equal projections weighs unit gradients alike`() {
    // Three gradients on a line, one against the others: no step serves them alike but none.
    let weights = IMTLGTests.weights([[1, 0], [2, 0], [-4, 0]])
    let expected: [Double] = [4.0 / 7, 2.0 / 7, 1.0 / 7]
    #expect(Samples.difference(weights, expected) < Tolerance.double)
    #expect(IMTLGTests.weights([[1, 0], [0, 0]]) == [1, 0])
  }
}

struct AlignedMTLTests {
  static func weights(
    _ jacobian: [[Double]], form: AlignedMTL.Form = .min, each weight: Double = 1
  ) throws -> [Double] {
    var combiner = try AlignedMTL(taskWeights: jacobian.map { _ in weight }, form: form)
    return combiner.weights(for: Samples.step(jacobian))
  }

  @Test func `gives the notes' weights`() throws {
    let weights = try AlignedMTLTests.weights(Samples.example, each: 1.0 / 3)
    let expected: [Double] = [0.0835642633, 0.2879348936, 0.3249062018]
    #expect(Samples.difference(weights, expected) < 1e-9)
  }

  @Test(arguments: [(2, 3), (5, 6), (12, 15), (64, 90)])
  func `makes the gradients orthogonal and equally long`(size: (Int, Int)) throws {
    let jacobian = Samples.jacobian(tasks: size.0, parameters: size.1, seed: 51)
    let gramian = Gramian(of: jacobian)
    // With w = e_i the weights are a column of B, and B G B is a multiple of one.
    let columns = try (0..<min(size.0, 6)).map { task in
      var combiner = try AlignedMTL(
        taskWeights: (0..<size.0).map { $0 == task ? 1 : 0 })
      return combiner.weights(for: Samples.step(jacobian))
    }
    let square = gramian.squaredNorm(of: columns[0])
    for task in columns.indices {
      for other in 0...task {
        let product = (0..<size.0).reduce(0) {
          $0 + columns[other][$1] * gramian.agreement(of: $1, with: columns[task])
        }
        #expect(abs(product - (task == other ? square : 0)) < 1e-9 * square)
      }
    }
  }

  @Test func `takes the least length or the mean of squares`() throws {
    let jacobian: [[Double]] = [[2, 0], [0, 4]]
    #expect(Samples.difference(try AlignedMTLTests.weights(jacobian), [1, 0.5]) < 1e-12)
    let root = 10.0.squareRoot()
    let expected: [Double] = [root / 2, root / 4]
    let weights = try AlignedMTLTests.weights(jacobian, form: .mean)
    #expect(Samples.difference(weights, expected) < 1e-12)
  }

  @Test func `leaves out what depends on the rest`() throws {
    // Two equal gradients: one direction, of squared length 2 · 5.
    let weights = try AlignedMTLTests.weights([[1, 2], [1, 2]])
    #expect(Samples.difference(weights, [1, 1]) < 1e-12)
    #expect(try AlignedMTLTests.weights([[0, 0], [0, 3]]) == [0, 1])
  }

  @Test func `refuses a negative weight`() {
    #expect(
      throws: CombinerError.badSetting(name: "weights", value: "-1.0", expected: "a number ≥ 0")
    ) { try AlignedMTL(taskWeights: [1, -1]) }
  }
}
