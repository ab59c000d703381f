import Combiners
import TestSupport
import Testing

struct DBMTLTests {
  @Test func `brings gradients to the largest one's size as in the notes`() throws {
    // Losses of 1, whose logarithms have the same gradients.
    var trial = ElementwiseTrial(try DBMTL(beta: 0), taskCount: 3)
    let update = try trial.step(Samples.floats(Samples.example))
    let weights = try #require(trial.rule.taskWeights).map { $0 ?? 0 }
    let expected: [Double] = [1, 1.3416407865, 1.7320508076]
    #expect(Samples.difference(weights, expected) < Tolerance.float32())
    let sum: [Double] = [3.3904100211, 0.9512307654, 1.7320508076]
    #expect(Samples.difference(update, sum) < Tolerance.float32(magnitude: 4))
  }

  @Test func `takes the norms over all blocks together`() throws {
    var trial = ElementwiseTrial(try DBMTL(beta: 0), taskCount: 2)
    let update = try trial.step(blocks: [[[3, 0], [0, 1]], [[4], [0]]])
    // Norms 5 and 1.
    #expect(Samples.difference(update[0], [3, 5]) < Tolerance.float32())
    #expect(Samples.difference(update[1], [4]) < Tolerance.float32())
  }

  @Test func `takes gradients of the losses' logarithms`() throws {
    var trial = ElementwiseTrial(try DBMTL(beta: 0), taskCount: 2)
    let update = try trial.step([[2, 0], [0, 3]], losses: [0.5, 0.25])
    // 4 and 12 before the second sets the size.
    #expect(Samples.difference(update, [12, 12]) < 1e-6)
  }

  @Test func `averages over the steps with a memory that fades`() throws {
    var trial = ElementwiseTrial(try DBMTL(beta: 0.5, sigma: 1), taskCount: 1)
    #expect(try Samples.difference(trial.step([[4]]), [2]) < Tolerance.float32())
    // The second step keeps 0.25 of the average.
    #expect(try Samples.difference(trial.step([[8]]), [0.25 * 2 + 0.75 * 8]) < 1e-6)
    #expect(trial.rule.stateCount == 1)
    #expect(try DBMTL(beta: 0).stateCount == 0)
  }

  @Test func `leaves a gradient of zero at zero`() throws {
    var trial = ElementwiseTrial(try DBMTL(beta: 0), taskCount: 2)
    #expect(try trial.step([[0, 0], [3, 4]]) == [3, 4])
    #expect(try trial.step([[0, 0], [0, 0]]) == [0, 0])
  }

  @Test func `refuses losses of zero and bad settings`() throws {
    var rule = try DBMTL()
    #expect(throws: CombinerError.lossNotPositive(task: 1, loss: 0, combiner: "db_mtl")) {
      try rule.begin(ElementwiseStep(number: 1, losses: [nil, 0]))
    }
    for beta in [-0.1, 1, .nan] as [Double] {
      #expect(
        throws: CombinerError.badSetting(
          name: "beta", value: "\(beta)", expected: "a number in 0..<1")
      ) { try DBMTL(beta: beta) }
    }
    #expect(
      throws: CombinerError.badSetting(name: "sigma", value: "-1.0", expected: "a number ≥ 0")
    ) { try DBMTL(sigma: -1) }
  }
}
