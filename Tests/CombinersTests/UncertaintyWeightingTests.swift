import Combiners
import Foundation
import TestSupport
import Testing

struct UncertaintyWeightingTests {
  @Test(arguments: [UncertaintyWeighting.Form.classification, .regression], [0.05, 0.3, 4])
  func `settles at half the inverse of a constant loss`(
    form: UncertaintyWeighting.Form, loss: Double
  ) throws {
    var weighting = try UncertaintyWeighting(taskCount: 1, form: form, learningRate: 0.02)
    for _ in 0..<4_000 { weighting.observe(WeighedStep(losses: [loss])) }
    #expect(abs(weighting.weights(for: [])[0] * 2 * loss - 1) < 1e-3)
  }

  @Test func `has a total of -0.99786614 at its optimum for a loss of 0.05`() throws {
    var weighting = try UncertaintyWeighting(
      taskCount: 1, form: .regression, learningRate: 0.02)
    for _ in 0..<4_000 { weighting.observe(WeighedStep(losses: [0.05])) }
    // The optimum is flat: an error of 1e-3 in s moves the total by its square.
    let weight = weighting.weights(for: [])[0]
    let total = weight * 0.05 + 0.5 * weighting.logVariances[0]
    #expect(abs(weight - 10) < 1e-2)
    #expect(abs(total - -0.99786614) < 1e-6)
  }

  @Test func `starts at the forms' weights for a variance of 1`() throws {
    #expect(try UncertaintyWeighting(taskCount: 2).weights(for: []) == [1, 1])
    #expect(
      try UncertaintyWeighting(taskCount: 2, form: .regression).weights(for: []) == [0.5, 0.5])
  }

  @Test func `moves by its rate in the first step, down where the loss is large`() throws {
    var weighting = try UncertaintyWeighting(taskCount: 2, learningRate: 0.1)
    weighting.observe(WeighedStep(losses: [3, 0.01]))
    // Adam's first step is the rate times the slope's sign; a large loss raises s.
    #expect(abs(weighting.logVariances[0] - 0.1) < 1e-7)
    #expect(abs(weighting.logVariances[1] + 0.1) < 1e-7)
  }

  @Test func `never lets the log variance below the lowest`() throws {
    var weighting = try UncertaintyWeighting(taskCount: 1, learningRate: 0.5, lowest: -2)
    for _ in 0..<100 {
      weighting.observe(WeighedStep(losses: [0]))
      #expect(weighting.logVariances[0] >= -2)
    }
    #expect(weighting.logVariances[0] == -2)
    #expect(weighting.weights(for: [])[0] == exp(2))
  }

  @Test func `keeps an absent task's number and its moments`() throws {
    var with = try UncertaintyWeighting(taskCount: 2, learningRate: 0.1)
    var without = with
    for step in 0..<10 {
      with.observe(WeighedStep(losses: [0.3, 0.7]))
      if step == 4 { for _ in 0..<7 { without.observe(WeighedStep(losses: [0.3, nil])) } }
      without.observe(WeighedStep(losses: [nil, 0.7]))
    }
    #expect(with.logVariances[1] == without.logVariances[1])
    #expect(with.logVariances[0] != without.logVariances[0])
  }

  @Test func `refuses bad settings by name`() {
    for rate in [0, -1, .nan, .infinity] as [Double] {
      #expect(
        throws: CombinerError.badSetting(
          name: "learning_rate", value: "\(rate)", expected: "a number > 0")
      ) { try UncertaintyWeighting(taskCount: 1, learningRate: rate) }
    }
    for lowest in [0, 1, .nan, -.infinity] as [Double] {
      #expect(
        throws: CombinerError.badSetting(
          name: "lowest", value: "\(lowest)", expected: "a number < 0")
      ) { try UncertaintyWeighting(taskCount: 1, lowest: lowest) }
    }
    for beta in [-0.1, 1, .nan] as [Double] {
      #expect(
        throws: CombinerError.badSetting(
          name: "beta", value: "\(beta)", expected: "a number in 0..<1")
      ) { try UncertaintyWeighting(taskCount: 1, beta: beta) }
    }
  }

  @Test func `of residuals weighs by half the inverse of their average square`() throws {
    var weighting = try UncertaintyWeighting(taskCount: 2, form: .residuals, beta: 0.9)
    #expect(weighting.needs == .residuals)
    for (square, other) in [(0.04, 0.25), (0.02, nil)] as [(Double, Double?)] {
      var step = WeighedStep(losses: [0.7, other.map { _ in 0.3 }])
      step.squaredResiduals = [square, other]
      weighting.observe(step)
    }
    // The averages are 0.9 · 0.1 · a + 0.1 · b, corrected by 1 − 0.9², and the one step's own.
    let expected = [0.5 * 0.19 / (0.09 * 0.04 + 0.1 * 0.02), 0.5 / 0.25]
    #expect(Samples.difference(weighting.weights(for: []), expected) < Tolerance.double)
  }

  @Test func `of residuals of zero stops at the lowest`() throws {
    var weighting = try UncertaintyWeighting(taskCount: 1, form: .residuals, lowest: -3)
    #expect(weighting.weights(for: []) == [0.5])
    var step = WeighedStep(losses: [0.7])
    step.squaredResiduals = [0]
    weighting.observe(step)
    #expect(weighting.weights(for: []) == [0.5 * exp(3)])
  }
}
