import Combiners
import Interactions
import Networks
import TestSupport
import Testing
import Training

struct EarlyStoppingTests {
  /// A run whose validation values are given: the epochs done, and the epoch whose weights it keeps.
  static func run(_ values: [Double?], patience: Int?) throws -> (epochs: Int, kept: Int?) {
    let weights = Runs.weights()
    let loop = try TrainingLoop(
      engine: Runs.engine(weights, Runs.combining(.staticWeights)),
      schedule: TrainingSchedule(batch: 16, epochs: values.count, patience: patience),
      log: TinyLog.make(rows: 20), rows: .range(0..<20))
    var seen: [[UInt32]] = []
    let summaries = try loop.run(
      validate: {
        seen.append(Runs.bits(weights))
        return PassValidation(values[seen.count - 1])
      },
      onProgress: { _ in })
    #expect(summaries.count == seen.count)
    let kept = seen.firstIndex(of: Runs.bits(weights)).map { $0 + 1 }
    // A run that is resumed from here goes on after the epoch whose weights were kept.
    #expect(loop.position.epoch == kept)
    return (seen.count, kept)
  }

  @Test func `goes back to the best weights when patience ends`() throws {
    let run = try EarlyStoppingTests.run([0.5, 0.7, 0.6, 0.65, 0.9], patience: 2)
    #expect(run == (4, 2))
  }

  @Test func `goes back to the best weights at the end too`() throws {
    #expect(try EarlyStoppingTests.run([0.5, 0.7, 0.6], patience: 2) == (3, 2))
    #expect(try EarlyStoppingTests.run([0.5, 0.7, 0.8], patience: 2) == (3, 3))
  }

  @Test func `takes an equal value for no better one`() throws {
    #expect(try EarlyStoppingTests.run([0.7, 0.7, 0.7], patience: 1) == (2, 1))
  }

  @Test func `keeps the last weights without patience`() throws {
    #expect(try EarlyStoppingTests.run([0.7, 0.6, 0.5], patience: nil) == (3, 3))
  }

  @Test func `passes over epochs without a value, or with one that is no number`() throws {
    #expect(try EarlyStoppingTests.run([nil, 0.5, nil, 0.4, 0.9], patience: 2) == (4, 2))
    #expect(try EarlyStoppingTests.run([.nan, 0.5, 0.7, 0.4], patience: 3) == (4, 3))
    #expect(try EarlyStoppingTests.run([nil, nil], patience: 1) == (2, 2))
  }
}
