import Combiners
import Interactions
import Matrices
import Networks
import Optimizers
import TaskLosses
import TestSupport
import Testing
import Training
import Workers

/// Settings of single tasks, as a step of plain descent shows them.
struct TaskTrainingTests {
  static let log = TinyLog.make(rows: 40)

  /// How far a step moves each parameter and table.
  static func change(_ tasks: [TaskTraining]?) throws -> [String: [Float]] {
    let optimizer = Optimizer(kind: .sgd)
    let weights = Runs.weights(.stem, optimizer: optimizer)
    let before = Runs.parts(weights)
    let engine = TrainingEngine(
      weights: weights, schema: TinyLog.schema, optimizer: optimizer,
      combining: try Runs.combining(.staticWeights), batchCapacity: 40, microBatch: 8,
      workers: WorkerGroup(workerCount: 2), tasks: tasks, seed: 5)
    _ = try engine.step(rows: 0..<40, of: log, step: 1, learningRate: 0.25)
    return Runs.parts(weights).mapValues { $0 }.reduce(into: [:]) { changes, part in
      changes[part.key] = zip(part.value, before[part.key] ?? []).map {
        Float(bitPattern: $0) - Float(bitPattern: $1)
      }
    }
  }

  @Test func `a task's rate moves its own parameters and tables alone`() throws {
    let plain = try Self.change(nil)
    let purchase = try #require(TinyLog.taskNames.firstIndex(of: "purchase"))
    let tasks = TinyLog.taskNames.indices.map {
      TaskTraining(learningRate: $0 == purchase ? 4 : 1)
    }
    var own = 0
    for (name, change) in try Self.change(tasks) {
      let factor: Float = OwnTask.of(name, in: .stem) == purchase ? 4 : 1
      if factor == 4 { own += 1 }
      for (value, expected) in zip(change, plain[name] ?? []) {
        #expect(abs(value - factor * expected) <= 1e-6, "\(name)")
      }
    }
    #expect(own > 4)
  }

  @Test(arguments: [0.25, 1])
  func `the bias of a logit moves by the mean error against smoothed labels`(share: Double) throws {
    let rate = 0.3
    let tasks = TinyLog.taskNames.map { _ in
      TaskTraining(smoothing: TaskLoss.Smoothing(share: share, rate: rate))
    }
    let smoothed = try Self.change(tasks)
    let scores = ScoringEngine(
      weights: Runs.weights(.stem, optimizer: Optimizer(kind: .sgd)), schema: TinyLog.schema
    ).scores(of: Self.log, rows: .range(0..<40))
    for (task, name) in TinyLog.taskNames.enumerated() {
      let known = (0..<40).filter { Self.log.labels[task][$0] < Label.unknown.rawValue }
      let error = known.reduce(0.0) { sum, row in
        let target = (1 - share) * Double(Self.log.labels[task][row]) + share * rate
        return sum + (Double(scores[task][row]) - target) / Double(known.count)
      }
      let bias = try #require(smoothed["\(name)/logit/bias"]?.first)
      #expect(abs(Double(bias) + 0.25 * error) < Tolerance.float32Gradient, "\(name)")
    }
  }
}
