import Combiners
import TestSupport
import Testing

struct GradDropTests {
  @Test func `has the notes' purities`() {
    let purities = (0..<3).map { column -> Double in
      let numbers = Samples.example.map { Float($0[column]) }
      return Double(
        GradDrop.purity(sum: numbers.reduce(0, +), size: numbers.reduce(0) { $0 + abs($1) }))
    }
    #expect(Samples.difference(purities, [0.8, 2.0 / 3, 1]) < Tolerance.float32())
    #expect(GradDrop.purity(sum: 0, size: 0) == 0.5)
  }

  @Test func `keeps one sign, the positive one as often as the purity says`() throws {
    var trial = ElementwiseTrial(try GradDrop(leaks: [0, 0, 0], seed: 3), taskCount: 3)
    let count = 20_000
    // In the notes' first column the positive gradients sum to 4, the negative ones to −1.
    let update = try trial.step(
      Samples.example.map { Array(repeating: Float($0[0]), count: count) })
    #expect(update.allSatisfy { $0 == 4 || $0 == -1 })
    let positive = Double(update.count { $0 == 4 })
    // The share's deviation is √(0.8 · 0.2 / 20,000) = 0.0028: four of them.
    #expect(abs(positive / Double(count) - 0.8) < 0.0114)
  }

  @Test func `lets the leak through`() throws {
    var trial = ElementwiseTrial(try GradDrop(leaks: [0.5, 0.25], seed: 3), taskCount: 2)
    let update = try trial.step([
      Array(repeating: 2, count: 64), Array(repeating: -4, count: 64),
    ])
    // Either 2 − 0.25 · 4 or 0.5 · 2 − 4.
    #expect(Set(update) == [1, -3])
    var open = ElementwiseTrial(try GradDrop(leaks: [1, 1], seed: 3), taskCount: 2)
    #expect(try open.step([[2, 1], [-4, 3]]) == [-2, 4])
  }

  @Test func `keeps gradients that agree and zeros`() throws {
    var trial = ElementwiseTrial(try GradDrop(leaks: [0, 0], seed: 1), taskCount: 2)
    for _ in 0..<100 {
      #expect(try trial.step([[1, -1, 0, 0], [2, -2, 3, 0]]) == [3, -3, 3, 0])
    }
    #expect(trial.rule.taskWeights == nil)
  }

  @Test func `draws anew for every element, block, step and seed`() throws {
    let jacobian: [[Float]] = [
      Array(repeating: 1, count: 256), Array(repeating: -1, count: 256),
    ]
    var trial = ElementwiseTrial(try GradDrop(leaks: [0, 0], seed: 1), taskCount: 2)
    let first = try trial.step(blocks: [jacobian, jacobian])
    let second = try trial.step(blocks: [jacobian, jacobian])
    var other = ElementwiseTrial(try GradDrop(leaks: [0, 0], seed: 2), taskCount: 2)
    let answers = first + second + (try other.step(blocks: [jacobian, jacobian]))
    #expect(Set(answers).count == 6)
    for answer in answers {
      // 128 of 256 each, with a deviation of 8: five of them.
      #expect(abs(answer.count { $0 == 1 } - 128) < 40)
    }
  }

  @Test(arguments: [-0.1, 1.1, .nan] as [Double])
  func `refuses a leak that is none`(leak: Double) {
    #expect(
      throws: CombinerError.badSetting(
        name: "leak", value: "\(leak)", expected: "a number in 0...1")
    ) { try GradDrop(leaks: [0, leak], seed: 1) }
  }
}
