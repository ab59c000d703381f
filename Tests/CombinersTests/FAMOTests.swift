import Combiners
import Foundation
import TestSupport
import Testing

struct FAMOTests {
  /// A step whose losses went from `before` to `after`.
  static func step(_ before: [Double?], _ after: [Double?]) -> WeighedStep {
    var step = WeighedStep(losses: before)
    step.lossesBeforeUpdate = before
    step.lossesAfterUpdate = after
    return step
  }

  @Test func `weighs by the softmax over the losses, to a sum of 1`() throws {
    let rule = try FAMO(lowest: [0, 0.1])
    let inverse = [1 / (0.5 + 1e-8), 1 / (0.4 + 1e-8)]
    let expected = inverse.map { $0 / inverse.reduce(0, +) }
    #expect(try Samples.difference(rule.weights(for: [0.5, 0.5]), expected) < Tolerance.double)
    #expect(try rule.weights(for: [nil, 0.3]) == [0, 1])
  }

  @Test func `follows the slope of the weighted falls`() {
    let preferences: [Double] = [0.3, -1, 0.8]
    let falls: [Double] = [0.02, -0.1, 0.4]
    func objective(_ numbers: [Double]) -> Double {
      let powers = numbers.map { exp($0) }
      return zip(powers, falls).reduce(0) { $0 + $1.0 * $1.1 } / powers.reduce(0, +)
    }
    let slopes = FAMO.slopes(preferences: preferences, falls: falls)
    for task in 0..<3 {
      var up = preferences
      var down = preferences
      up[task] += 1e-5
      down[task] -= 1e-5
      // A central difference errs by its step squared, and by rounding over its step.
      #expect(abs((objective(up) - objective(down)) / 2e-5 - slopes[task]) < 1e-9)
    }
  }

  @Test func `gives more weight to what fell less`() throws {
    var rule = try FAMO(lowest: [0, 0], learningRate: 0.1)
    try rule.observe(FAMOTests.step([1, 1], [0.5, 0.9]))
    // Adam's first step is the rate times the slope's sign.
    #expect(abs(rule.preferences[0] + 0.1) < 1e-6 && abs(rule.preferences[1] - 0.1) < 1e-6)
  }

  @Test func `forgets by gamma where all fall alike`() throws {
    var keeping = try FAMO(lowest: [0, 0], learningRate: 0.1, gamma: 0)
    var forgetting = try FAMO(lowest: [0, 0], learningRate: 0.1, gamma: 0.5)
    for rule in 0..<2 {
      for step in 0..<50 {
        let after: [Double?] = step == 0 ? [0.5, 0.9] : [0.9, 0.9]
        if rule == 0 { try keeping.observe(FAMOTests.step([1, 1], after)) }
        if rule == 1 { try forgetting.observe(FAMOTests.step([1, 1], after)) }
      }
    }
    #expect(abs(forgetting.preferences[1]) < abs(keeping.preferences[1]) / 2)
  }

  @Test func `moves only tasks with losses before and after`() throws {
    var rule = try FAMO(lowest: [0, 0, 0])
    try rule.observe(FAMOTests.step([1, 1, nil], [0.5, nil, nil]))
    // Alone, a task has no slope.
    #expect(rule.preferences == [0, 0, 0])
    try rule.observe(FAMOTests.step([1, 1, nil], [0.5, 0.9, nil]))
    #expect(rule.preferences[0] < 0 && rule.preferences[1] > 0 && rule.preferences[2] == 0)
  }

  @Test(arguments: [0, -1, .nan, .infinity] as [Double])
  func `refuses a loss at its bound`(loss: Double) throws {
    var rule = try FAMO(lowest: [0, 0])
    let error = #expect(throws: CombinerError.self) { try rule.weights(for: [1, loss]) }
    #expect(
      error?.description
        == "combiner: famo can't use a loss of \(SettingValue.number(loss)), which task 1, counted from 0, "
        + "has; it must be above 0 and any bound that is set")
    #expect(throws: CombinerError.self) { try rule.observe(FAMOTests.step([1, 1], [1, loss])) }
  }

  @Test func `refuses bad settings by name`() {
    #expect(
      throws: CombinerError.badSetting(
        name: "learning_rate", value: "-1.0", expected: "a number > 0")
    ) { try FAMO(lowest: [0], learningRate: -1) }
    #expect(
      throws: CombinerError.badSetting(name: "gamma", value: "nan", expected: "a number ≥ 0")
    ) { try FAMO(lowest: [0], gamma: .nan) }
    #expect(
      throws: CombinerError.badSetting(name: "lowest", value: "-0.5", expected: "a number ≥ 0")
    ) { try FAMO(lowest: [0, -0.5]) }
    #expect(
      throws: CombinerError.badSetting(
        name: "probe", value: "1.5", expected: "above 0 and at most 1")
    ) { try FAMO(lowest: [0], probedShare: 1.5) }
  }
}
