import Combiners
import Interactions
import Matrices
import Networks
import Optimizers
import TestSupport
import Testing
import Training
import Workers

/// The L2 penalty by frequency against counts made by hand.
struct RowDecayTests {
  static let log = TinyLog.make(rows: 40)
  static let rows = RowSelection.range(0..<30)
  static let strength = 0.5

  /// How often a pass selects each row of each table, where it takes so many of the rows without a
  /// positive label.
  static func counts(_ share: Double) -> [[Double]] {
    var counts = log.schema.tables.map { [Double](repeating: 0, count: $0.rowCount) }
    for (lookup, column) in zip(log.schema.lookups, log.lookups) {
      for row in 0..<rows.count {
        let times = log.labels.contains { $0[row] == 1 } ? 1 : share
        switch column {
        case .single(let ids): counts[lookup.table][Int(ids[row])] += times
        case .list(let values, let ends):
          let first = row == 0 ? 0 : Int(ends[row - 1])
          for place in first..<Int(ends[row]) {
            counts[lookup.table][Int(values[place])] += times
          }
        }
      }
    }
    return counts
  }

  /// What a step at a rate of 1 does to every embedding.
  static func change(
    rowDecay: RowDecay?, clipNorm: Double?, combiner: CombinerKind = .staticWeights,
    optimizer: Optimizer = Optimizer(kind: .sgd)
  ) throws -> [[[Float]]] {
    let weights = Runs.weights(optimizer: optimizer)
    func values() -> [[[Float]]] {
      weights.tables[0].map { table in
        (0..<table.rowCount).map { row in
          (0..<table.dimension).map { table.values[row, $0] }
        }
      }
    }
    let before = values()
    let engine = TrainingEngine(
      weights: weights, schema: TinyLog.schema, optimizer: optimizer,
      combining: try Runs.combining(combiner), batchCapacity: 16, microBatch: 4,
      workers: WorkerGroup(workerCount: 2), clipNorm: clipNorm, rowDecay: rowDecay, seed: 5)
    _ = try engine.step(rows: 0..<12, of: log, step: 1, learningRate: 1)
    return zip(values(), before).map { zip($0, $1).map { zip($0, $1).map { $0 - $1 } } }
  }

  /// MTAdam takes the optimizer's place, and leaves it the decay.
  @Test(
    arguments: [(nil, .staticWeights), (0.01, .staticWeights), (nil, .mtadam), (0.01, .mtadam)]
      as [(Double?, CombinerKind)], [nil, 0.4])
  func `a touched row goes down by its strength over its count, an untouched one stays`(
    step: (clipNorm: Double?, combiner: CombinerKind), share: Double?
  ) throws {
    let negatives = share.flatMap {
      NegativeSampling(share: $0, of: Self.log, rows: Self.rows)
    }
    #expect((negatives == nil) == (share == nil))
    let decay = RowDecay(
      strength: Self.strength, of: Self.log, rows: Self.rows, negatives: negatives)
    let plain = try Self.change(
      rowDecay: nil, clipNorm: step.clipNorm, combiner: step.combiner)
    let decayed = try Self.change(
      rowDecay: decay, clipNorm: step.clipNorm, combiner: step.combiner)
    let start = Runs.weights(optimizer: Optimizer(kind: .sgd)).tables[0]
    var touched = 0
    let taken = negatives.map { Double($0.taken) / Double($0.count) } ?? 1
    for (table, counts) in Self.counts(taken).enumerated() {
      for (row, count) in counts.enumerated() {
        let isTouched = plain[table][row].contains { $0 != 0 }
        for column in plain[table][row].indices {
          let value = Double(start[table].values[row, column])
          let expected = isTouched ? -Self.strength / count * value : 0
          let difference = Double(decayed[table][row][column] - plain[table][row][column])
          #expect(abs(difference - expected) < 1e-6)
        }
        if isTouched { touched += 1 }
      }
    }
    #expect(touched > 5)
  }

  @Test(arguments: [OptimizerKind.adam, .adagrad])
  func `a row that as many rows select as the strength says decays by 1, in every optimizer`(
    kind: OptimizerKind
  ) throws {
    func change(_ strength: Double?, _ weightDecay: Double) throws -> [[[Float]]] {
      try Self.change(
        rowDecay: strength.map { RowDecay(strength: $0, of: Self.log, rows: Self.rows) },
        clipNorm: nil,
        optimizer: Optimizer(kind: kind, embeddings: .init(weightDecay: weightDecay)))
    }
    let plain = try change(nil, 0)
    let all = try change(nil, 1)
    #expect(plain != all)
    for count in Set(Self.counts(1).joined()) where count > 0 {
      let decayed = try change(count, 0)
      for (table, counts) in Self.counts(1).enumerated() {
        for row in counts.indices where counts[row] == count {
          for (found, expected) in zip(decayed[table][row], all[table][row]) {
            #expect(abs(found - expected) < 1e-6)
          }
        }
      }
    }
  }
}
