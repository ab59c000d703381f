import Combiners
import TestSupport
import Testing

struct MetaBalanceTests {
  /// What one step makes of the gradients.
  static func combined(_ combiner: inout MetaBalance, _ jacobian: [[Double]], tasks: [Int]? = nil)
    -> [Double]
  {
    let weights = combiner.weights(
      for: Gramian(of: jacobian), tasks: tasks ?? Array(jacobian.indices))
    return Samples.sum(jacobian, weights: weights)
  }

  @Test func `of strategy C gives the notes' update for main task 0`() throws {
    var combiner = try MetaBalance(taskCount: 3, main: 0)
    let update = MetaBalanceTests.combined(&combiner, Samples.example)
    let expected: [Double] = [3.2732870147, 0.9658615358, 1.5124355653]
    #expect(Samples.difference(update, expected) < Tolerance.float32())
  }

  @Test(arguments: [
    (MetaBalance.Strategy.c, [0.7041451884, 0.8422176685, 1]),
    (.a, [0.7041451884, 0.8422176685, 1]), (.b, [1, 1, 1]),
  ]) func `gives the notes' weights for main task 2`(
    strategy: MetaBalance.Strategy, weights: [Double]
  ) throws {
    var combiner = try MetaBalance(taskCount: 3, main: 2, strategy: strategy)
    let update = MetaBalanceTests.combined(&combiner, Samples.example)
    let expected = Samples.sum(Samples.example, weights: weights)
    #expect(Samples.difference(update, expected) < Tolerance.float32())
  }

  @Test func `only shrinks by A and only enlarges by B`() throws {
    let jacobian: [[Double]] = [[2, 0], [0, 4], [0, 1]]
    // Norms 2, 4 and 1: the second task comes to 0.7 · 2/4 + 0.3, the third to 0.7 · 2 + 0.3.
    let expected: [(MetaBalance.Strategy, [Double])] = [
      (.a, [1, 0.65, 1]), (.b, [1, 1, 1.7]), (.c, [1, 0.65, 1.7]),
    ]
    for (strategy, weights) in expected {
      var combiner = try MetaBalance(taskCount: 3, main: 0, strategy: strategy)
      let update = MetaBalanceTests.combined(&combiner, jacobian)
      let sum = Samples.sum(jacobian, weights: weights)
      #expect(Samples.difference(update, sum) < Tolerance.float32())
    }
  }

  @Test func `at relax 0 is the plain sum and at 1 brings norms together`() throws {
    let jacobian: [[Double]] = [[2, 0], [0, 4]]
    var plain = try MetaBalance(taskCount: 2, main: 0, relax: 0)
    #expect(MetaBalanceTests.combined(&plain, jacobian) == [2, 4])
    var full = try MetaBalance(taskCount: 2, main: 0, relax: 1)
    #expect(Samples.difference(MetaBalanceTests.combined(&full, jacobian), [2, 2]) < 1e-6)
  }

  @Test func `averages norms over the steps`() throws {
    var combiner = try MetaBalance(taskCount: 2, main: 0, relax: 1, beta: 0.9)
    _ = MetaBalanceTests.combined(&combiner, [[1, 0], [0, 1]])
    let update = MetaBalanceTests.combined(&combiner, [[1, 0], [0, 3]])
    // Averages 0.9 · 0.1 · n₁ + 0.1 · n₂, corrected by 1 − 0.9²: 1 for the main task, then 0.39/0.19.
    let expected: [Double] = [1, 3 * 0.19 / 0.39]
    #expect(Samples.difference(update, expected) < Tolerance.float32())
  }

  @Test func `balances every block by itself`() throws {
    var combiner = PerBlock(try MetaBalance(taskCount: 2, main: 0, relax: 1))
    combiner.begin(ElementwiseStep(number: 1, losses: [1, 1]))
    try combiner.prepare(
      for: [
        BlockGramian(gramian: Gramian(of: [[1, 0], [0, 4]]), tasks: [0, 1]),
        BlockGramian(gramian: Gramian(of: [[6, 0], [0, 3]]), tasks: [0, 1]),
      ], sums: [])
    let weights = (0..<2).map { combiner.weights(ofBlock: $0) }
    #expect(weights == [[1, 0.25], [1, 2]])
  }

  @Test func `keeps the averages of an absent task`() throws {
    var combiner = try MetaBalance(taskCount: 3, main: 0, relax: 1, beta: 0.9)
    _ = MetaBalanceTests.combined(&combiner, [[1, 0], [0, 2], [1, 1]])
    for _ in 0..<5 {
      _ = MetaBalanceTests.combined(&combiner, [[1, 0], [1, 1]], tasks: [0, 2])
    }
    // Task 1's average is still 2, from the one step in which it was there.
    let update = MetaBalanceTests.combined(&combiner, [[1, 0], [0, 2]], tasks: [0, 1])
    #expect(Samples.difference(update, [1, 1]) < Tolerance.float32())
  }

  @Test func `without its main task keeps the last ratios`() throws {
    var combiner = try MetaBalance(taskCount: 3, main: 0, relax: 1)
    _ = MetaBalanceTests.combined(&combiner, [[4, 0], [0, 2], [1, 0]])
    let update = MetaBalanceTests.combined(&combiner, [[0, 2], [1, 0]], tasks: [1, 2])
    #expect(Samples.difference(update, [4, 4]) < Tolerance.float32())
    var fresh = try MetaBalance(taskCount: 3, main: 0, relax: 1)
    #expect(MetaBalanceTests.combined(&fresh, [[0, 2], [1, 0]], tasks: [1, 2]) == [1, 2])
  }

  @Test func `leaves zero gradients alone`() throws {
    var combiner = try MetaBalance(taskCount: 2, main: 0)
    #expect(MetaBalanceTests.combined(&combiner, [[1, 2], [0, 0]]) == [1, 2])
    var mainless = try MetaBalance(taskCount: 2, main: 0)
    #expect(MetaBalanceTests.combined(&mainless, [[0, 0], [1, 2]]) == [1, 2])
  }

  @Test func `refuses bad settings by name`() {
    #expect(
      throws: CombinerError.badSetting(
        name: "main", value: "3", expected: "one of the 3 tasks")
    ) { try MetaBalance(taskCount: 3, main: 3) }
    for relax in [-0.1, 1.1, .nan] as [Double] {
      #expect(
        throws: CombinerError.badSetting(
          name: "relax", value: "\(relax)", expected: "a number in 0...1")
      ) { try MetaBalance(taskCount: 3, main: 0, relax: relax) }
    }
    for beta in [-0.1, 1, .nan] as [Double] {
      #expect(
        throws: CombinerError.badSetting(
          name: "beta", value: "\(beta)", expected: "a number in 0..<1")
      ) { try MetaBalance(taskCount: 3, main: 0, beta: beta) }
    }
  }
}
