import Combiners
import Foundation
import TestSupport
import Testing

struct IMTLLTests {
  @Test(arguments: [0.05, 0.3, 4]) func `settles where the scaled loss is 1`(loss: Double) throws {
    var rule = try IMTLL(taskCount: 1, learningRate: 0.02)
    for _ in 0..<4_000 { rule.observe(WeighedStep(losses: [loss])) }
    #expect(abs(rule.weights(for: [])[0] * loss - 1) < 1e-3)
  }

  @Test func `starts at 1 and moves by its rate, up where the loss is small`() throws {
    var rule = try IMTLL(taskCount: 2, learningRate: 0.1)
    #expect(rule.weights(for: []) == [1, 1])
    rule.observe(WeighedStep(losses: [3, 0.01]))
    #expect(abs(rule.logScales[0] + 0.1) < 1e-7)
    #expect(abs(rule.logScales[1] - 0.1) < 1e-7)
  }

  @Test func `never lets the log scale above the highest`() throws {
    var rule = try IMTLL(taskCount: 1, learningRate: 0.5, highest: 2)
    for _ in 0..<100 {
      rule.observe(WeighedStep(losses: [0]))
      #expect(rule.logScales[0] <= 2)
    }
    #expect(rule.weights(for: []) == [exp(2)])
  }

  @Test func `keeps an absent task's number and its moments`() throws {
    var with = try IMTLL(taskCount: 2, learningRate: 0.1)
    var without = with
    for step in 0..<10 {
      with.observe(WeighedStep(losses: [0.3, 0.7]))
      if step == 4 { for _ in 0..<7 { without.observe(WeighedStep(losses: [0.3, nil])) } }
      without.observe(WeighedStep(losses: [nil, 0.7]))
    }
    #expect(with.logScales[1] == without.logScales[1])
    #expect(with.logScales[0] != without.logScales[0])
  }

  @Test func `refuses bad settings by name`() {
    #expect(
      throws: CombinerError.badSetting(
        name: "learning_rate", value: "inf", expected: "a number > 0")
    ) { try IMTLL(taskCount: 1, learningRate: .infinity) }
    #expect(
      throws: CombinerError.badSetting(name: "highest", value: "0.0", expected: "a number > 0")
    ) { try IMTLL(taskCount: 1, highest: 0) }
  }
}
