import Combiners
import TestSupport
import Testing

struct PELTRTests {
  static func weights(_ jacobian: [[Double]], lowest: [Double]) throws -> [Double] {
    var combiner = try PELTR(lowest: lowest)
    return combiner.weights(for: Samples.step(jacobian))
  }

  @Test func `without bounds is the inverse squares' share of orthogonal gradients`() throws {
    let weights = try PELTRTests.weights([[1, 0], [0, 2]], lowest: [0, 0])
    #expect(Samples.difference(weights, [0.8, 0.2]) < Tolerance.double)
  }

  @Test func `is MGDA's where that needs every task`() throws {
    let jacobian: [[Double]] = [[2, 0, 1], [0, 1, 1], [-1, -1, 1]]
    var shortest = MGDA()
    let expected = try shortest.weights(for: Samples.step(jacobian))
    let weights = try PELTRTests.weights(jacobian, lowest: [0, 0, 0])
    #expect(expected.allSatisfy { $0 > 0 })
    #expect(Samples.difference(weights, expected) < 1e-9)
  }

  @Test func `keeps to its bounds`() throws {
    let weights = try PELTRTests.weights([[1, 0], [0, 2]], lowest: [0, 0.3])
    #expect(Samples.difference(weights, [0.7, 0.3]) < Tolerance.double)
    // Relaxed weights 4/3 and −1/3 of nearly parallel gradients end at the bound.
    let parallel = try PELTRTests.weights([[1, 1], [4, 5]], lowest: [0.1, 0.2])
    #expect(Samples.difference(parallel, [0.8, 0.2]) < Tolerance.double)
  }

  @Test func `of dependent gradients stands still where it can`() throws {
    let jacobian: [[Double]] = [[1, 2], [-3, -6]]
    let weights = try PELTRTests.weights(jacobian, lowest: [0, 0])
    #expect(Samples.difference(weights, [0.75, 0.25]) < Tolerance.double)
  }

  @Test func `counts the bounds of present tasks alone`() throws {
    var combiner = try PELTR(lowest: [0.3, 0.3, 0.3])
    let weights = combiner.weights(for: Gramian(of: [[1, 0], [0, 3]]), tasks: [0, 2])
    #expect(Samples.difference(weights, [0.7, 0.3]) < Tolerance.double)
  }

  @Test(arguments: [[0.5, 0.5], [-0.1, 0], [.nan, 0]] as [[Double]])
  func `refuses bounds without room`(lowest: [Double]) {
    #expect(throws: CombinerError.self) { try PELTR(lowest: lowest) }
  }
}

struct HalvesTests {
  static func step(_ first: [[Double]], _ second: [[Double]]) -> GradientStep {
    GradientStep(
      gramian: Gramian(of: first), tasks: Array(first.indices), losses: first.map { _ in 1 },
      crossProducts: first.flatMap { row in second.map { Samples.dot(row, $0) } })
  }

  @Test func `MoDo follows the products of the halves`() throws {
    var combiner = try MoDo(taskCount: 2, gamma: 0.1, rho: 0)
    #expect(combiner.needsHalves)
    // λ = ½, ½; J₁ J₂ᵀ λ = (1, 0): the first falls by 0.1, and both rise by 0.05.
    let weights = combiner.weights(for: HalvesTests.step([[1, 0], [0, 1]], [[2, 0], [0, 0]]))
    #expect(Samples.difference(weights, [0.45, 0.55]) < Tolerance.double)
    let next = combiner.weights(for: HalvesTests.step([[1, 0], [0, 1]], [[0, 0], [0, 0]]))
    #expect(Samples.difference(next, [0.45, 0.55]) < Tolerance.double)
  }

  @Test func `MoDo comes to the shortest mean`() throws {
    var combiner = try MoDo(taskCount: 3, gamma: 0.02, rho: 0)
    var weights: [Double] = []
    for _ in 0..<3_000 {
      weights = combiner.weights(for: HalvesTests.step(Samples.example, Samples.example))
    }
    let expected: [Double] = [0, 3.0 / 7, 4.0 / 7]
    #expect(Samples.difference(weights, expected) < 1e-6)
  }

  @Test func `SDMGrad comes to the shortest sum with the mean`() throws {
    var combiner = try SDMGrad(taskCount: 2, lambda: 1, eta: 0.2)
    #expect(combiner.needsHalves)
    let jacobian: [[Double]] = [[1, 0], [0, 2]]
    var weights: [Double] = []
    for _ in 0..<200 { weights = combiner.weights(for: HalvesTests.step(jacobian, jacobian)) }
    // (w₁ + ½)² + 4 (w₂ + ½)² is least where w₁ + ½ = 4 (w₂ + ½): w₁ = 1, halved with the mean.
    let expected: [Double] = [0.75, 0.25]
    #expect(Samples.difference(weights, expected) < 1e-9)
  }

  @Test func `SDMGrad does not depend on the gradients' size`() throws {
    let first = Samples.jacobian(tasks: 3, parameters: 5, seed: 1)
    let second = Samples.jacobian(tasks: 3, parameters: 5, seed: 2)
    var combiner = try SDMGrad(taskCount: 3, eta: 0.3)
    var other = try SDMGrad(taskCount: 3, eta: 0.3)
    let weights = combiner.weights(for: HalvesTests.step(first, second))
    let scaled = other.weights(
      for: HalvesTests.step(first.map { $0.map { $0 * 1e8 } }, second.map { $0.map { $0 * 1e8 } }))
    #expect(Samples.difference(weights, scaled) < 1e-9)
  }

  @Test func `need halves`() async {
    await #expect(processExitsWith: .failure) {
      var combiner = try MoDo(taskCount: 2)
      _ = combiner.weights(for: Samples.step([[1, 0], [0, 1]]))
    }
    await #expect(processExitsWith: .failure) {
      var combiner = try SDMGrad(taskCount: 2)
      _ = combiner.weights(for: Samples.step([[1, 0], [0, 1]]))
    }
  }

  @Test func `refuse bad settings by name`() {
    for make in [
      { _ = try MoDo(taskCount: 2, gamma: 0) }, { _ = try MoDo(taskCount: 2, rho: -1) },
      { _ = try SDMGrad(taskCount: 2, lambda: -1) }, { _ = try SDMGrad(taskCount: 2, eta: 0) },
      { _ = try SDMGrad(taskCount: 2, iterations: 0) },
    ] as [() throws -> Void] {
      #expect(throws: CombinerError.self, performing: make)
    }
  }
}
