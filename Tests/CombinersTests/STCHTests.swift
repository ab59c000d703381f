import Combiners
import Foundation
import TestSupport
import Testing

struct STCHTests {
  /// `μ log Σ exp(x / μ)`.
  static func smoothMaximum(_ numbers: [Double], mu: Double) -> Double {
    mu * log(numbers.reduce(0) { $0 + exp($1 / mu) })
  }

  /// Central differences of `value` by each loss.
  static func slopes(_ losses: [Double], of value: ([Double]) -> Double) -> [Double] {
    losses.indices.map { task in
      var up = losses
      var down = losses
      up[task] += 1e-5
      down[task] -= 1e-5
      return (value(up) - value(down)) / 2e-5
    }
  }

  @Test func `weighs by the derivatives of the smooth maximum`() throws {
    let rule = try STCH(weights: [1, 3], lowest: [0.1, 0.2], mu: 0.5)
    let losses: [Double] = [0.9, 0.6]
    let expected = STCHTests.slopes(losses) { losses in
      STCHTests.smoothMaximum([0.5 * (losses[0] - 0.1), 1.5 * (losses[1] - 0.2)], mu: 0.5)
    }
    #expect(try Samples.difference(rule.weights(for: [0.9, 0.6]), expected) < 1e-9)
  }

  @Test func `follows the largest loss alone where mu is small`() throws {
    let rule = try STCH(weights: [1, 1], lowest: [0, 0], mu: 1e-6)
    #expect(try rule.weights(for: [0.3, 0.7]) == [0, 1])
    #expect(try rule.weights(for: [0.7, 0.3]) == [1, 0])
    #expect(try rule.weights(for: [0.5, 0.5]) == [0.5, 0.5])
    #expect(try rule.weights(for: [nil, 0.5]) == [0, 1])
    #expect(try rule.weights(for: [0, 1e300]) == [0, 1])
  }

  @Test func `by the nadir weighs log-losses in the warm-up and their ratios after it`() throws {
    var rule = try STCH(
      weights: [1, 1], lowest: [0, 0.1], mu: 2, normalisation: .nadir, warmUp: 2)
    #expect(try rule.weights(for: [0.5, 0.6]) == [2, 2])
    try rule.observe(WeighedStep(losses: [0.8, 0.5]))
    try rule.observe(WeighedStep(losses: [0.4, nil]))
    // The second task has had one step only.
    let early = try rule.weights(for: [0.5, 0.6])
    #expect(Samples.difference(early, [2, 2]) < Tolerance.double)
    try rule.observe(WeighedStep(losses: [9, 0.3]))
    // Nadirs 0.6 and 0.3.
    let losses: [Double] = [0.5, 0.6]
    let expected = STCHTests.slopes(losses) { losses in
      2 * STCHTests.smoothMaximum([log(losses[0] / 0.6), log((losses[1] - 0.1) / 0.3)], mu: 2)
    }
    #expect(try Samples.difference(rule.weights(for: [0.5, 0.6]), expected) < 1e-9)
  }

  @Test func `weighs by averages of the losses where it is told to`() throws {
    var rule = try STCH(weights: [1, 1], lowest: [0, 0], mu: 0.5, beta: 0.75)
    let plain = try STCH(weights: [1, 1], lowest: [0, 0], mu: 0.5)
    #expect(try rule.weights(for: [0.9, 0.6]) == plain.weights(for: [0.9, 0.6]))
    try rule.observe(WeighedStep(losses: [0.8, 0.5]))
    try rule.observe(WeighedStep(losses: [0.4, nil]))
    // (0.75 · 0.25 · 0.8 + 0.25 · 0.4) / (1 − 0.75²)
    let average = 0.25 / 0.4375
    let expected = try plain.weights(for: [average, 0.5])
    #expect(try Samples.difference(rule.weights(for: [0.1, 0.9]), expected) < Tolerance.double)
    #expect(try rule.weights(for: [nil, 0.9]) == plain.weights(for: [nil, 0.5]))
  }

  @Test func `refuses losses without a logarithm only where it takes them`() throws {
    let plain = try STCH(weights: [1], lowest: [0.1])
    #expect(try plain.weights(for: [0]) == [1])
    var ratios = try STCH(weights: [1], lowest: [0.1], normalisation: .nadir)
    let error = CombinerError.lossNotPositive(task: 0, loss: 0.1, combiner: "stch")
    #expect(throws: error) { try ratios.weights(for: [0.1]) }
    #expect(throws: error) { try ratios.observe(WeighedStep(losses: [0.1])) }
  }

  @Test func `refuses bad settings by name`() {
    #expect(
      throws: CombinerError.badSetting(name: "mu", value: "0.0", expected: "a number > 0")
    ) { try STCH(weights: [1], lowest: [0], mu: 0) }
    #expect(
      throws: CombinerError.badSetting(
        name: "warm_up", value: "0.0", expected: "a whole number ≥ 1")
    ) { try STCH(weights: [1], lowest: [0], warmUp: 0) }
    #expect(
      throws: CombinerError.badSetting(name: "lowest", value: "-1.0", expected: "a number ≥ 0")
    ) { try STCH(weights: [1], lowest: [-1]) }
    #expect(throws: CombinerError.self) { try STCH(weights: [0], lowest: [0]) }
  }
}
