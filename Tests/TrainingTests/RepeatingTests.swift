import Combiners
import Foundation
import Interactions
import Networks
import Optimizers
import TestSupport
import Testing
import Training

/// Equal seeds give equal bits, interrupted or not.
struct RepeatingTests {
  static let log = TinyLog.make(rows: 45)
  static let schedule = TrainingSchedule(
    batch: 10, epochs: 3,
    learningRate: LearningRateSchedule(shape: .cosine, warmUpSteps: 3, finalShare: 0.1))

  struct Interruption: Error {}

  static func loop(
    _ weights: Weights, _ combining: Combining, position: TrainingPosition = TrainingPosition()
  ) throws -> TrainingLoop {
    try TrainingLoop(
      engine: Runs.engine(weights, combining), schedule: schedule, log: log, rows: .range(2..<43),
      position: position)
  }

  static func uninterrupted(_ kind: CombinerKind, _ settings: NetworkSettings = Runs.settings)
    throws -> (bits: [UInt32], summaries: [EpochSummary])
  {
    let weights = Runs.weights(settings: settings, conditioned: kind.conditionsNetwork)
    let summaries = try loop(weights, Runs.combining(kind)).run { _ in }
    return (Runs.bits(weights), summaries)
  }

  @Test(arguments: CombinerKind.allCases) func `same seed, same bits`(kind: CombinerKind) throws {
    var settings = Runs.settings
    settings.dropout = 0.2
    let first = try RepeatingTests.uninterrupted(kind, settings)
    let second = try RepeatingTests.uninterrupted(kind, settings)
    #expect(first.bits == second.bits)
    #expect(first.summaries == second.summaries)
    #expect(first.summaries.map(\.epoch) == [1, 2, 3])
  }

  /// 41 rows make 5 steps a pass: after the first pass, and in the middle of the second.
  @Test(arguments: CombinerKind.allCases, [5, 7])
  func `a resumed run equals the uninterrupted one`(kind: CombinerKind, steps: Int) throws {
    let expected = try RepeatingTests.uninterrupted(kind)
    let weights = Runs.weights(conditioned: kind.conditionsNetwork)
    let interrupted = try RepeatingTests.loop(weights, Runs.combining(kind))
    #expect(throws: Interruption.self) {
      try interrupted.run(
        validate: {
          if steps == 5 { throw Interruption() }
          return nil
        },
        onProgress: { if $0.step == steps && steps != 5 { throw Interruption() } })
    }
    let position = try JSONDecoder().decode(
      TrainingPosition.self, from: JSONEncoder().encode(interrupted.position))
    #expect(position.step == steps && position.epoch == 1)

    let others = Runs.weights(seed: 99, conditioned: kind.conditionsNetwork)
    Runs.copy(weights, to: others)
    let resumed = try RepeatingTests.loop(
      others, Runs.combining(kind), position: position)
    try Runs.reread(interrupted.engine, into: resumed.engine)
    let summaries = try resumed.run { _ in }
    #expect(Runs.bits(others) == expected.bits)
    #expect(summaries.last == expected.summaries.last)
  }

  @Test func `another seed gives another order`() throws {
    func bits(_ seed: UInt64, shuffles: Bool = true) throws -> [UInt32] {
      let weights = Runs.weights()
      let loop = try TrainingLoop(
        engine: Runs.engine(weights, Runs.combining(.staticWeights)),
        schedule: TrainingSchedule(batch: 10, epochs: 1, seed: seed, shuffles: shuffles),
        log: RepeatingTests.log, rows: .range(0..<45))
      _ = try loop.run { _ in }
      return Runs.bits(weights)
    }
    #expect(try bits(1) != bits(2))
    #expect(try bits(1, shuffles: false) == bits(2, shuffles: false))
  }

  @Test(arguments: [true, false]) func `every pass has an order of its own`(shuffles: Bool) throws {
    // Without a learning rate, equal rows have equal losses.
    let still = Optimizer(kind: .sgd, learningRate: 0, momentum: 0)
    let loop = try TrainingLoop(
      engine: Runs.engine(
        Runs.weights(optimizer: still), Runs.combining(.staticWeights), optimizer: still),
      schedule: TrainingSchedule(batch: 10, epochs: 2, shuffles: shuffles),
      log: RepeatingTests.log, rows: .range(0..<45))
    var losses: [[Double?]] = []
    _ = try loop.run { losses.append($0.losses) }
    #expect((losses[0] == losses[5]) == !shuffles)
  }

  @Test func `a batch larger than the rows is one step a pass`() throws {
    func bits(batch: Int) throws -> [UInt32] {
      let weights = Runs.weights()
      let loop = try TrainingLoop(
        engine: Runs.engine(weights, Runs.combining(.pcgrad)),
        schedule: TrainingSchedule(batch: batch, epochs: 2, shuffles: false),
        log: RepeatingTests.log, rows: .range(0..<11))
      _ = try loop.run { _ in }
      #expect(loop.stepsPerEpoch == 1 && loop.position.step == 2)
      return Runs.bits(weights)
    }
    #expect(try bits(batch: 64) == bits(batch: 11))
  }

  @Test func `rows of a list are those of the range`() throws {
    func bits(_ rows: RowSelection) throws -> [UInt32] {
      let weights = Runs.weights()
      let loop = try TrainingLoop(
        engine: Runs.engine(weights, Runs.combining(.staticWeights)),
        schedule: TrainingSchedule(batch: 4, epochs: 1), log: RepeatingTests.log, rows: rows)
      _ = try loop.run { _ in }
      return Runs.bits(weights)
    }
    #expect(try bits(.range(5..<15)) == bits(.list(Column((5..<15).map { Int32($0) }))))
  }

  @Test func `no rows are an error`() throws {
    #expect(throws: TrainingError.noRows) {
      try TrainingLoop(
        engine: Runs.engine(Runs.weights(), Runs.combining(.staticWeights)),
        schedule: TrainingSchedule(batch: 4), log: RepeatingTests.log, rows: .range(3..<3))
    }
  }

  @Test func `progress counts passes, steps and what is left`() throws {
    let loop = try RepeatingTests.loop(Runs.weights(), Runs.combining(.staticWeights))
    var seen: [TrainingProgress] = []
    _ = try loop.run { seen.append($0) }
    #expect(seen.map(\.step) == Array(1...15))
    #expect(seen.map(\.epoch) == (0..<15).map { $0 / 5 + 1 })
    #expect(seen.allSatisfy { $0.stepCount == 15 && $0.epochs == 3 && $0.losses.count == 3 })
    #expect(seen.allSatisfy { $0.rowsPerSecond > 0 && $0.secondsLeft >= 0 })
    #expect(seen.last?.secondsLeft == 0)
  }
}
