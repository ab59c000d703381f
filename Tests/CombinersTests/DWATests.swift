import Combiners
import Foundation
import TestSupport
import Testing

struct DWATests {
  /// Hands the rule one step after the other.
  static func observe(_ rule: inout DWA, _ steps: [[Double?]]) throws {
    for losses in steps { try rule.observe(WeighedStep(losses: losses)) }
  }

  @Test func `weighs by the ratio of two windows' mean losses`() throws {
    var rule = try DWA(taskCount: 2, temperature: 2, window: 2)
    // In the first two windows all weights are 1.
    for losses in [[1.5, 4], [0.5, 4], [0.5, 1], [0.1, 3]] as [[Double]] {
      #expect(rule.weights(for: [1, 1]) == [1, 1])
      try DWATests.observe(&rule, [losses])
    }
    // The means are 1 and 4, then 0.3 and 2.
    let powers = [exp(0.3 / 2), exp(0.5 / 2)]
    let expected = powers.map { 2 * $0 / powers.reduce(0, +) }
    #expect(Samples.difference(rule.weights(for: [1, 1]), expected) < Tolerance.double)
    try DWATests.observe(&rule, [[0.6, 2]])
    #expect(Samples.difference(rule.weights(for: [1, 1]), expected) < Tolerance.double)
    // A third window replaces the first: 0.6 after 0.3, 2 after 2.
    try DWATests.observe(&rule, [[0.6, 2]])
    let later = [exp(2.0 / 2), exp(1.0 / 2)]
    let laterExpected = later.map { 2 * $0 / later.reduce(0, +) }
    #expect(Samples.difference(rule.weights(for: [1, 1]), laterExpected) < Tolerance.double)
  }

  @Test func `sums to the number of present tasks`() throws {
    var rule = try DWA(taskCount: 3, window: 1)
    try DWATests.observe(&rule, [[1, 1, 1], [0.5, 0.9, 3]])
    let weights = rule.weights(for: [1, nil, 1])
    #expect(weights[1] == 0)
    #expect(abs(weights[0] + weights[2] - 2) < Tolerance.double)
    #expect(weights[2] > weights[0])
    #expect(rule.weights(for: [nil, nil, nil]) == [0, 0, 0])
  }

  @Test func `fills a task's windows by its own steps`() throws {
    var with = try DWA(taskCount: 2, window: 2)
    var without = with
    try DWATests.observe(&with, [[1, 2], [1, 2], [0.5, 1], [0.5, 2]])
    try DWATests.observe(
      &without, [[1, 2], [1, nil], [0.5, 2], [0.5, nil], [nil, nil], [nil, 1], [nil, 2]])
    #expect(with.weights(for: [1, 1]) == without.weights(for: [1, 1]))
  }

  @Test func `bears a loss that explodes`() throws {
    var rule = try DWA(taskCount: 2, window: 1)
    try DWATests.observe(&rule, [[1e-300, 1], [1e300, 1]])
    #expect(rule.weights(for: [1, 1]).allSatisfy { $0.isFinite })
  }

  @Test func `refuses losses of zero and bad settings`() throws {
    var rule = try DWA(taskCount: 1)
    #expect(throws: CombinerError.lossNotPositive(task: 0, loss: 0, combiner: "dwa")) {
      try rule.observe(WeighedStep(losses: [0]))
    }
    #expect(
      throws: CombinerError.badSetting(
        name: "temperature", value: "0.0", expected: "a number > 0")
    ) { try DWA(taskCount: 1, temperature: 0) }
    #expect(
      throws: CombinerError.badSetting(
        name: "window", value: "0.0", expected: "a whole number ≥ 1")
    ) { try DWA(taskCount: 1, window: 0) }
  }
}
