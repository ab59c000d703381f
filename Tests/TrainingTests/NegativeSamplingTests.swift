import Combiners
import Interactions
import Matrices
import Networks
import Optimizers
import Randomness
import TestSupport
import Testing
import Training
import Workers

/// Passes over a share of the rows without a positive label.
struct NegativeSamplingTests {
  /// Every fourth row is negative for all tasks, and no label is unknown: with unknown ones, the labelled
  /// rows of a pass would vary.
  static func known(rows: Int) -> EncodedLog {
    var log = TinyLog.make(rows: rows)
    log.labels = log.labels.enumerated().map { task, labels in
      Column(
        (0..<rows).map { row in
          row % 4 > 0 && (labels[row] == 1 || row % 3 == task) ? 1 : 0
        })
    }
    return log
  }

  static func isNegative(_ log: EncodedLog, _ row: Int) -> Bool {
    log.labels.allSatisfy { $0[row] != 1 }
  }

  /// All ways to choose some of these rows.
  static func choices(_ count: Int, of rows: ArraySlice<UInt32>) -> [[UInt32]] {
    guard count > 0 else { return [[]] }
    guard let first = rows.first, rows.count >= count else { return [] }
    return choices(count - 1, of: rows.dropFirst()).map { [first] + $0 }
      + choices(count, of: rows.dropFirst())
  }

  @Test(arguments: Architecture.allCases, [false, true])
  func `the mean gradient of all draws is that of all rows`(
    architecture: Architecture, areWeighted: Bool
  ) throws {
    var log = Self.known(rows: 20)
    if areWeighted {
      log.weights = Column((0..<20).map { 1 + Float($0 % 4) })
    }
    let combining = Combining.losses(try StaticWeights([0.5, 2, 1]))
    func change(_ rows: [UInt32], _ rowWeights: RowWeights?) throws -> [String: [Double]] {
      try GradientTests.change(
        GradientTests.weights(architecture, GradientTests.settings), combining, log: log,
        rows: rows, rowWeights: rowWeights)
    }
    let rows = Array(0..<UInt32(20))
    let negatives = rows.filter { Self.isNegative(log, Int($0)) }
    let sampled = try #require(RowWeights(of: log, rows: .range(0..<20), negatives: 0.4))
    let taken = try #require(sampled.negatives?.taken)
    #expect(negatives.count == 5 && taken == 2)
    let choices = Self.choices(taken, of: negatives[...])
    var mean: [String: [Double]] = [:]
    for choice in choices {
      let drawn = rows.filter { !negatives.contains($0) || choice.contains($0) }
      #expect(drawn.count == sampled.rowsPerPass)
      mean.merge(
        try change(drawn, sampled).mapValues { $0.map { $0 / Double(choices.count) } }
      ) { zip($0, $1).map { $0 + $1 } }
    }
    let all = try change(rows, RowWeights(of: log, rows: .range(0..<20)))
    #expect(GradientTests.largestDifference(mean, all) < Tolerance.float32Gradient)
  }

  /// The rows that a run takes in each of its passes, in the order of the log.
  static func passes(
    _ rows: RowSelection, share: Double, seed: UInt64 = 3, epochs: Int = 2
  ) throws -> [[Int]] {
    let log = TinyLog.make(rows: 200)
    let sampling = try #require(NegativeSampling(share: share, of: log, rows: rows))
    return (0..<epochs).map { epoch in
      let drawn = sampling.draw(seed: seed, epoch: epoch)
      #expect(drawn.count == sampling.rowsPerPass)
      return (0..<drawn.count).map { drawn[$0] }
    }
  }

  @Test(arguments: [
    RowSelection.range(0..<200), .range(17..<190),
    .list(Column((0..<180).map { Int32($0 * 10 / 9) })),
  ])
  func `a pass has all rows with a positive label and so many others, each once`(
    rows: RowSelection
  ) throws {
    let log = TinyLog.make(rows: 200)
    let all = (0..<rows.count).map { rows[$0] }
    let negatives = all.filter { Self.isNegative(log, $0) }
    for pass in try Self.passes(rows, share: 0.3) {
      #expect(pass == pass.sorted() && Set(pass).count == pass.count)
      #expect(Set(pass).isSubset(of: all))
      let taken = pass.filter { Self.isNegative(log, $0) }
      #expect(taken.count == Int((0.3 * Double(negatives.count)).rounded()))
      #expect(pass.count - taken.count == all.count - negatives.count)
    }
  }

  @Test func `every pass draws others, and every negative as often`() throws {
    let passes = try Self.passes(.range(0..<200), share: 0.25, epochs: 400)
    #expect(passes[0] != passes[1])
    #expect(try Self.passes(.range(0..<200), share: 0.25)[0] == passes[0])
    #expect(try Self.passes(.range(0..<200), share: 0.25, seed: 4)[0] != passes[0])
    let log = TinyLog.make(rows: 200)
    var counts: [Int: Int] = [:]
    for row in passes.joined() where Self.isNegative(log, row) { counts[row, default: 0] += 1 }
    #expect(counts.count == (0..<200).count { Self.isNegative(log, $0) })
    // 400 draws at 0.25: a deviation of 9.
    #expect(counts.values.allSatisfy { abs($0 - 100) < 40 })
  }

  @Test func `one negative at least is taken, and no share of none or all`() {
    let log = TinyLog.make(rows: 60)
    let rows = RowSelection.range(0..<60)
    #expect(NegativeSampling(share: 1e-9, of: log, rows: rows)?.taken == 1)
    #expect(NegativeSampling(share: 1, of: log, rows: rows) == nil)
    var positive = log
    positive.labels[0] = Column([UInt8](repeating: 1, count: 60))
    #expect(NegativeSampling(share: 0.5, of: positive, rows: rows) == nil)
  }

  // MARK: Runs

  static let log = TinyLog.make(rows: 90)
  static let rows = RowSelection.range(3..<87)

  struct Interruption: Error {}

  static func loop(
    _ weights: Weights, pools: Int?, position: TrainingPosition = TrainingPosition()
  ) throws -> TrainingLoop {
    let rowWeights = RowWeights(of: log, rows: rows, negatives: 0.4)
    let engine = TrainingEngine(
      weights: weights, schema: TinyLog.schema, optimizer: Optimizer(),
      combining: try Runs.combining(.pcgrad), batchCapacity: 10, microBatch: 4,
      workers: WorkerGroup(workerCount: 2), averageHorizon: 3, rowWeights: rowWeights, seed: 5)
    var schedule = RepeatingTests.schedule
    schedule.poolRows = pools
    return try TrainingLoop(
      engine: engine, schedule: schedule, log: log, rows: rows, position: position)
  }

  @Test(arguments: [nil, 20, 84], [0, 3, 11])
  func `a run has the steps of its drawn rows, and resumed it ends the same`(
    pools: Int?, steps: Int
  ) throws {
    let weights = Runs.weights()
    let whole = try Self.loop(weights, pools: pools)
    let rowsPerPass = try #require(whole.engine.rowWeights?.rowsPerPass)
    #expect(rowsPerPass < 84 && whole.stepsPerEpoch == (rowsPerPass + 9) / 10)
    var seen: [TrainingProgress] = []
    _ = try whole.run { seen.append($0) }
    #expect(seen.map(\.step) == Array(1...3 * whole.stepsPerEpoch))
    #expect(seen.allSatisfy { $0.stepCount == 3 * whole.stepsPerEpoch })

    let others = Runs.weights()
    let interrupted = try Self.loop(others, pools: pools)
    if steps > 0 {
      #expect(throws: Interruption.self) {
        try interrupted.run { if $0.step == steps { throw Interruption() } }
      }
    }
    let copies = Runs.weights(seed: 99)
    Runs.copy(others, to: copies)
    let resumed = try Self.loop(copies, pools: pools, position: interrupted.position)
    try Runs.reread(interrupted.engine, into: resumed.engine)
    _ = try resumed.run { _ in }
    #expect(Runs.bits(copies) == Runs.bits(weights))
  }

  // MARK: Learning

  /// Eight ids with rates of two tasks that are rare, one with the other or without.
  static func planted(rows: Int) -> EncodedLog {
    var generator = SplitMix64(seed: 12)
    let ids = (0..<rows).map { Int32($0 % 8) }
    let clicks = ids.map { UInt8(generator.uniform() < 0.04 + 0.02 * Double($0) ? 1 : 0) }
    let saves = zip(ids, clicks).map { id, click in
      UInt8(generator.uniform() < (click == 1 ? 0.6 : 0.02) * (0.3 + 0.1 * Double(id)) ? 1 : 0)
    }
    return EncodedLog(
      schema: InputSchema(
        tables: [.init(name: "item", rowCount: 8, dimension: 4)],
        lookups: [.init(feature: "item", table: 0)], numbers: []),
      rowCount: rows, lookups: [.single(Column(ids))], numbers: [], taskNames: ["click", "save"],
      labels: [Column(clicks), Column(saves)], times: Column((0..<rows).map { Int64($0) }))
  }

  static func scores(_ log: EncodedLog, negatives: Double?) throws -> [[Float]] {
    let optimizer = Optimizer(learningRate: 0.02)
    let network = Architecture.sharedBottom.make(
      schema: log.schema, taskNames: log.taskNames,
      settings: NetworkSettings(bottom: [8], tower: []))
    let rows = RowSelection.range(0..<log.rowCount)
    let engine = TrainingEngine(
      weights: Weights(network: network, momentCount: optimizer.momentCount, seed: 2),
      schema: log.schema, optimizer: optimizer,
      combining: .losses(try StaticWeights([1, 1])), batchCapacity: 125, microBatch: 64,
      workers: WorkerGroup(workerCount: 2),
      rowWeights: RowWeights(of: log, rows: rows, negatives: negatives), seed: 1)
    let loop = try TrainingLoop(
      engine: engine,
      schedule: TrainingSchedule(
        batch: 125, epochs: negatives == nil ? 8 : 25,
        learningRate: LearningRateSchedule(shape: .cosine, finalShare: 0)), log: log, rows: rows)
    _ = try loop.run { _ in }
    return ScoringEngine(weights: engine.weights, schema: log.schema).scores(of: log, rows: rows)
  }

  @Test func `scores stay calibrated for all tasks, and rank as those of all rows`() throws {
    let log = Self.planted(rows: 4_000)
    let all = try Self.scores(log, negatives: nil)
    let sampled = try Self.scores(log, negatives: 0.2)
    for task in 0..<2 {
      let labels = (0..<log.rowCount).map { log.labels[task][$0] }
      let positives = labels.count { $0 == 1 }
      for scores in [all[task], sampled[task]] {
        let predicted = scores.reduce(0) { $0 + Double($1) }
        let calibration = predicted / Double(positives)
        #expect(abs(calibration - 1) < 0.05, "\(log.taskNames[task])")
      }
      let (one, other) = (auc(all[task], labels), auc(sampled[task], labels))
      #expect(one > 0.55 && abs(one - other) < 0.01, "\(one) and \(other)")
    }
  }

  /// The share of pairs of a positive and a negative row in their right order; ties count half.
  private func auc(_ scores: [Float], _ labels: [UInt8]) -> Double {
    let positives = labels.indices.filter { labels[$0] == 1 }.map { scores[$0] }
    let negatives = labels.indices.filter { labels[$0] == 0 }.map { scores[$0] }
    // Scores are those of eight ids.
    func counts(_ values: [Float]) -> [Float: Double] {
      values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    var right = 0.0
    for (one, times) in counts(positives) {
      for (other, others) in counts(negatives) {
        right += times * others * (one > other ? 1 : one == other ? 0.5 : 0)
      }
    }
    return right / Double(positives.count * negatives.count)
  }
}
