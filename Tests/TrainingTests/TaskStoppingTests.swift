import Combiners
import Interactions
import Networks
import Optimizers
import TestSupport
import Testing
import Training
import Workers

/// Runs whose tasks stop by themselves, on validation values that are given.
struct TaskStoppingTests {
  static let log = TinyLog.make(rows: 40)

  struct Run {
    let loop: TrainingLoop
    /// The scores of each task after each pass, as validated: `[pass][task][row]`.
    var seen: [[[UInt32]]] = []
    var summaries: [EpochSummary] = []

    var final: [[UInt32]] { Self.scores(loop.engine) }

    static func scores(_ engine: TrainingEngine) -> [[UInt32]] {
      let scoring = ScoringEngine(weights: engine.weights, schema: TinyLog.schema)
      return scoring.scores(of: log, rows: .range(0..<40)).map { $0.map(\.bitPattern) }
    }

    /// `values[pass][task]`, in the order in which passes are made.
    init(
      _ values: [[Double?]], architecture: Architecture, patience: Int = 1, epochs: Int = 4,
      horizon: Int? = nil, kind: CombinerKind = .staticWeights
    ) throws {
      let engine = TrainingEngine(
        weights: Runs.weights(architecture), schema: TinyLog.schema, optimizer: Optimizer(),
        combining: try Runs.combining(kind), batchCapacity: 8, microBatch: 4,
        workers: WorkerGroup(workerCount: 2), averageHorizon: horizon, seed: 5)
      loop = try TrainingLoop(
        engine: engine,
        schedule: TrainingSchedule(
          batch: 8, epochs: epochs, patience: patience, stopsByTask: true),
        log: log, rows: .range(0..<40))
      var seen: [[[UInt32]]] = []
      summaries = try loop.run(
        validate: {
          seen.append(Self.scores(engine))
          return PassValidation(nil, tasks: values[seen.count - 1])
        }, onProgress: { _ in })
      self.seen = seen
    }
  }

  /// Click is best after its first pass, so the second is undone and made again without it; purchase
  /// is best after the third.
  static let values: [[Double?]] = [
    [0.7, 0.6, 0.6], [0.6, 0.7, 0.7], [nil, 0.7, 0.7], [nil, 0.75, 0.8], [nil, 0.8, 0.7],
  ]

  @Test(arguments: [Architecture.sharedBottom, .mmoe, .cgc], [nil, 4])
  func `a task stays as after its best pass while the others go on`(
    architecture: Architecture, horizon: Int?
  ) throws {
    let run = try Run(Self.values, architecture: architecture, horizon: horizon)
    #expect(run.seen.count == 5 && run.loop.stops == [1, nil, 3])
    #expect(run.loop.position.epoch == 4 && run.summaries.map(\.epoch) == [1, 2, 3, 4])
    #expect(run.final[0] == run.seen[0][0])
    for later in 2...4 { #expect(run.seen[later][0] == run.seen[0][0]) }
    #expect(run.final[1] == run.seen[4][1] && run.final[1] != run.seen[0][1])
    #expect(run.final[2] == run.seen[3][2] && run.final[2] != run.seen[4][2])
  }

  @Test func `networks that share nothing go back task by task`() throws {
    let values: [[Double?]] = [[0.7, 0.6, 0.6], [0.6, 0.7, 0.6], [0.9, 0.6, 0.7]]
    let run = try Run(values, architecture: .singleTask, epochs: 3)
    #expect(run.seen.count == 3 && run.loop.stops == [1, 2, 1].map { $0 })
    #expect(run.final[0] == run.seen[0][0] && run.final[1] == run.seen[1][1])
  }

  @Test func `waits as many passes as patience says`() throws {
    let values: [[Double?]] = [
      [0.7, 0.5, 0.5], [0.6, 0.6, 0.6], [0.8, 0.7, 0.7], [0.9, 0.8, 0.8],
    ]
    let run = try Run(values, architecture: .mmoe, patience: 2)
    #expect(run.seen.count == 4 && run.loop.stops == [nil, nil, nil])
    #expect(run.final == run.seen[3])
  }

  @Test func `a run that went back is as patient as before`() throws {
    let values: [[Double?]] = [
      [0.5, 0.6, 0.5], [0.7, 0.55, 0.6], [0.6, 0.7, 0.7], [0.65, 0.72, 0.72],
      [nil, 0.56, 0.6], [nil, 0.58, 0.65], [nil, 0.57, 0.7], [nil, 0.56, 0.72],
    ]
    let run = try Run(values, architecture: .mmoe, patience: 2, epochs: 6)
    #expect(run.seen.count == 8 && run.loop.stops == [2, 4, nil])
    #expect(run.final[0] == run.seen[1][0] && run.final[1] == run.seen[5][1])
    #expect(run.final[2] == run.seen[7][2])
  }

  /// Purchase stops first; click's bottom, which purchase does not read, is shared with cart until that
  /// stops, too.
  @Test(arguments: [nil, 4])
  func `a second going back leaves alone what stopped before`(horizon: Int?) throws {
    let values: [[Double?]] = [
      [0.5, 0.5, 0.7], [0.6, 0.6, 0.6], [0.6, 0.7, nil], [0.7, 0.6, nil], [0.8, nil, nil],
      [0.9, nil, nil],
    ]
    let run = try Run(values, architecture: .asymmetric, horizon: horizon)
    #expect(run.seen.count == 6 && run.loop.stops == [nil, 2, 1])
    #expect(run.final[2] == run.seen[0][2] && run.final[1] == run.seen[2][1])
    #expect(run.final[0] == run.seen[5][0])
  }

  /// Click and cart are both of the first pass, of which one copy is kept; what cart's stopping puts back
  /// of it must not reach click.
  @Test(arguments: [Architecture.aitm, .esmm], [nil, 4])
  func `tasks of one funnel stop one after the other`(
    architecture: Architecture, horizon: Int?
  ) throws {
    let values: [[Double?]] = [
      [0.7, 0.5, 0.5], [0.6, 0.6, 0.6], [nil, 0.4, 0.6], [nil, nil, 0.6], [nil, nil, 0.7],
      [nil, nil, 0.8],
    ]
    let run = try Run(values, architecture: architecture, horizon: horizon)
    #expect(run.seen.count == 6 && run.loop.stops == [1, 1, nil])
    #expect(run.final[0] == run.seen[0][0] && run.final[1] == run.seen[0][1])
    #expect(run.final[2] == run.seen[5][2])
  }

  @Test func `a run without validation values trains to the end`() throws {
    let run = try Run([[], []], architecture: .mmoe, epochs: 2)
    #expect(run.loop.stops == [nil, nil, nil] && run.final == run.seen[1])
  }

  @Test func `ends when no task is left`() throws {
    let values: [[Double?]] = [[0.7, 0.7, 0.7], [0.6, 0.6, 0.6]]
    let run = try Run(values, architecture: .mmoe)
    #expect(run.seen.count == 2 && run.loop.stops == [1, 1, 1])
    #expect(run.final == run.seen[0] && run.loop.position.epoch == 1)
  }

  @Test func `a task without values trains to the end`() throws {
    let values: [[Double?]] = [[0.7, nil, 0.5], [0.8, nil, 0.6], [0.9, .nan, 0.7]]
    let run = try Run(values, architecture: .mmoe, epochs: 3)
    #expect(run.loop.stops == [nil, nil, nil] && run.final == run.seen[2])
  }

  /// A network that is told preferences would have to be another one.
  @Test(arguments: CombinerKind.allCases.filter { !$0.conditionsNetwork })
  func `every combiner leaves a stopped task alone`(kind: CombinerKind) throws {
    let run = try Run(Self.values, architecture: .cgc, kind: kind)
    #expect(run.final[0] == run.seen[0][0] && run.final[1] != run.seen[0][1])
  }
}
