import Frontiers
import Testing

struct WeightSetTests {
  @Test(arguments: WeightSet.allCases, [(1, 2), (2, 2), (7, 2), (10, 3), (40, 3), (12, 8), (3, 8)])
  func `there are as many as asked for, none below the least`(set: WeightSet, size: (Int, Int)) {
    let weights = set.weights(count: size.0, taskCount: size.1, seed: 3)
    #expect(weights.count == size.0)
    for weight in weights {
      #expect(weight.count == size.1)
      #expect(abs(weight.reduce(0, +) - 1) < 1e-12)
      #expect(
        weight.allSatisfy { $0 >= (set == .logarithmic ? 0.009 : WeightSet.leastShare - 1e-12) })
    }
    if size.0 >= size.1 { #expect(Set(weights).count == size.0) }
  }

  @Test func `two tasks' lattice is even, from corner to corner`() {
    let firsts = WeightSet.lattice.weights(count: 5, taskCount: 2, seed: 0).map { $0[0] }
    let expected: [Double] = [0.99, 0.745, 0.5, 0.255, 0.01]
    for (first, value) in zip(firsts, expected) { #expect(abs(first - value) < 1e-12) }
  }

  @Test func `two tasks' logarithmic lattice has even ratios from a hundred to a hundredth`() {
    let ratios = WeightSet.logarithmic.weights(count: 5, taskCount: 2, seed: 0).map {
      $0[0] / $0[1]
    }
    let expected: [Double] = [100, 10, 1, 0.1, 0.01]
    for (ratio, value) in zip(ratios, expected) { #expect(abs(ratio / value - 1) < 1e-9) }
  }

  @Test func `what a lattice leaves over goes to the widest gap`() {
    // Corners and middles of the edges; then the centre.
    let weights = WeightSet.lattice.weights(count: 7, taskCount: 3, seed: 0)
    #expect(weights[6].allSatisfy { abs($0 - 1.0 / 3) < 1e-12 })
  }

  @Test func `a seed fixes what is drawn, and another draws anew`() {
    let draw = { WeightSet.dirichlet.weights(count: 4, taskCount: 3, seed: $0) }
    #expect(draw(1) == draw(1))
    #expect(draw(1) != draw(2))
  }

  @Test func `drawn weights have the mean and the variance of even ones`() {
    let firsts = WeightSet.dirichlet.weights(count: 20_000, taskCount: 3, seed: 5).map { $0[0] }
    let mean = firsts.reduce(0, +) / 20_000
    let variance = firsts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean - 1.0 / 3) < 0.01)
    // 1/18 of Dirichlet(1, 1, 1), shrunk by the least shares.
    #expect(abs(variance - 0.97 * 0.97 / 18) < 0.002)
  }
}
