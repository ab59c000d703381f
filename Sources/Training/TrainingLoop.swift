import Foundation
public import Interactions
internal import Networks
public import Optimizers
internal import Randomness

/// How long and in what order a run trains.
public struct TrainingSchedule: Codable, Sendable, Equatable {
  /// Rows of a step.
  public var batch: Int
  /// Passes over the training rows.
  public var epochs: Int
  public var seed: UInt64
  /// False keeps the rows in the order of time.
  public var shuffles: Bool
  public var learningRate: LearningRateSchedule
  /// Epochs without a better validation value after which the run stops and goes back to its best
  /// weights; nil trains all epochs and keeps the last.
  public var patience: Int?
  /// Whether every task has a patience of its own; of no meaning where ``patience`` is nil.
  ///
  /// A task whose patience is over goes back to its best pass, and from then on nothing that its loss
  /// trains changes any more. The first to stop takes the whole run back with it; the others go on from
  /// there with what they share with no stopped task.
  public var stopsByTask: Bool
  /// Rows that are shuffled together; nil for all.
  ///
  /// A pass goes from one pool of rows to the next, each of which is copied to memory, so this bounds how
  /// much of the log is there.
  public var poolRows: Int?

  public init(
    batch: Int = 4_096, epochs: Int = 3, seed: UInt64 = 7, shuffles: Bool = true,
    learningRate: LearningRateSchedule = LearningRateSchedule(), patience: Int? = nil,
    stopsByTask: Bool = false, poolRows: Int? = nil
  ) {
    precondition(batch > 0 && epochs > 0 && poolRows ?? 1 > 0)
    self.batch = batch
    self.epochs = epochs
    self.seed = seed
    self.shuffles = shuffles
    self.learningRate = learningRate
    self.patience = patience
    self.stopsByTask = stopsByTask
    self.poolRows = poolRows
  }

  /// The most passes that early stopping keeps copies of, for so many tasks.
  public func keptPasses(taskCount: Int) -> Int {
    guard let patience else { return 0 }
    return stopsByTask ? min(taskCount, patience + 1) : 1
  }
}

/// How far a run has come: with the weights and the combiner's state, all that going on needs.
public struct TrainingPosition: Codable, Sendable, Equatable {
  /// Whole passes done.
  public var epoch = 0
  /// Steps done since the run began.
  public var step = 0
  /// Steps of the runs before, whose weights this run began with; 0 where they were fresh.
  public var earlierSteps = 0

  /// The start of a run with fresh weights.
  public init() {}

  /// The start of a run with the weights of another one that came so far.
  public init(after former: TrainingPosition) { earlierSteps = former.earlierSteps + former.step }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    epoch = try container.decode(Int.self, forKey: .epoch)
    step = try container.decode(Int.self, forKey: .step)
    // Models of before runs followed each other have none.
    earlierSteps = try container.decodeIfPresent(Int.self, forKey: .earlierSteps) ?? 0
  }
}

/// What a run is doing, told after steps.
public struct TrainingProgress: Sendable {
  /// The current pass, counted from 1.
  public var epoch: Int
  public var epochs: Int
  public var step: Int
  public var stepCount: Int
  /// Mean loss of each task in this pass so far, in nats; nil before its first labelled row.
  public var losses: [Double?]
  /// Since the run began or was resumed.
  public var rowsPerSecond: Double
  public var secondsLeft: Double
}

/// What a pass over the training rows came to.
public struct EpochSummary: Codable, Sendable, Equatable {
  public var epoch: Int
  /// Mean training loss of each task, in nats.
  public var losses: [Double?]
  /// The validation value that early stopping looks at, higher is better; nil where not measured.
  public var validation: Double?
}

/// Trains over several passes, in a seeded order, and stops early where it is told to.
///
/// Where the engine samples negatives, each pass is over the rows that were drawn for it.
public final class TrainingLoop {
  public let engine: TrainingEngine
  public let schedule: TrainingSchedule
  /// How far the run has come, and what it has seen.
  public private(set) var progress: LoopProgress
  /// The passes that early stopping may go back to: the best so far, or where every task stops by itself
  /// the best ones of those that still train.
  public private(set) var kept: [RunState] = []
  private let rows: RowSelection
  private let log: EncodedLog

  /// How far the run has come.
  public var position: TrainingPosition { progress.position }
  /// What combining did, some stretches for each pass so far; those of passes that early stopping of the
  /// run went back from are there too, those that tasks went back from are not.
  public var combining: [CombiningWindow] { progress.combining }
  /// The pass that each task's part is of where it stopped by itself; nil for all others.
  public var stops: [Int?] {
    progress.stopping?.stops ?? engine.network.taskNames.map { _ in nil }
  }

  /// Creates a run over some rows of a log, those that the engine's ``TrainingEngine/rowWeights`` were made
  /// of where it has some; a `position` other than the start resumes one.
  ///
  /// `formerValue` is the validation value at that position, nil where it isn't known: early
  /// stopping goes back there unless a later pass is better, or to none where tasks stop by themselves.
  public init(
    engine: TrainingEngine, schedule: TrainingSchedule, log: EncodedLog, rows: RowSelection,
    position: TrainingPosition = TrainingPosition(), formerValue: Double? = nil
  ) throws(TrainingError) {
    guard rows.count > 0 else { throw .noRows }
    precondition(schedule.batch <= engine.batchCapacity)
    self.engine = engine
    self.schedule = schedule
    self.log = log
    self.rows = rows
    progress = LoopProgress(position: position, taskNames: engine.network.taskNames)
    if stopsByTask {
      progress.stopping = TaskStopping(taskCount: engine.network.taskCount)
    } else if let formerValue, !formerValue.isNaN {
      progress.bestValue = formerValue
    }
  }

  private var stopsByTask: Bool { schedule.patience != nil && schedule.stopsByTask }

  /// Goes on where another run was between two steps, the numbers of whose engine this engine has.
  public func resume(at progress: LoopProgress, kept: [RunState]) {
    self.progress = progress
    self.kept = kept
    engine.stoppedTasks = Set(stops.indices.filter { stops[$0] != nil })
  }

  /// Rows of one pass.
  private var rowsPerPass: Int { engine.rowWeights?.rowsPerPass ?? rows.count }

  /// Steps of one pass.
  public var stepsPerEpoch: Int { (rowsPerPass + schedule.batch - 1) / schedule.batch }

  /// What the order of the rows is drawn from: no two runs that follow each other share it.
  private var orderSeed: UInt64 {
    guard position.earlierSteps > 0 else { return schedule.seed }
    var generator = SplitMix64.derived(from: schedule.seed, for: 4, UInt64(position.earlierSteps))
    return generator.next()
  }

  /// Stretches of a pass whose combining is told apart: about a dozen in all.
  private var stepsPerWindow: Int {
    let windows = max(1, 12 / schedule.epochs)
    return max(1, (stepsPerEpoch + windows - 1) / windows)
  }

  /// Trains to the end, or until early stopping, which puts everything back to the best pass: weights,
  /// moments, combiner and ``position``; or each task's part by itself.
  ///
  /// Where the engine keeps an average of the weights, it is that which `validate` looks at and which is
  /// left in their place.
  ///
  /// `validate` is asked after each pass for values to be maximised; a pass with nil or NaN counts
  /// for early stopping as no better and no worse. `checkpoints` says how often to save the run.
  /// `onProgress` is told after each step. Each may throw to end the run; ``position`` then says how
  /// far it came, and where `onProgress` ends it, the run is saved first.
  public func run(
    validate: (() throws -> PassValidation?)? = nil, checkpoints: Checkpoints? = nil,
    onProgress: (TrainingProgress) throws -> Void
  ) throws -> [EpochSummary] {
    if schedule.patience != nil, progress.bestValue != nil, kept.isEmpty {
      engine.beginAverage(afterStep: position.step)
      keepPass(nil)
      engine.endAverage()
    }
    var clock = Clock()
    var saved = (step: position.step, at: ContinuousClock.now)
    func save(after interval: Duration) throws {
      guard let checkpoints, saved.step != position.step,
        saved.at.duration(to: .now) >= interval
      else { return }
      try checkpoints.save(self)
      saved = (position.step, .now)
    }
    func afterStep() throws {
      try save(after: checkpoints?.interval ?? .zero)
      do {
        try onProgress(
          clock.progress(
            epoch: position.epoch + 1, epochs: schedule.epochs, step: position.step,
            stepCount: stepCount, batch: min(schedule.batch, rowsPerPass),
            losses: progress.losses.map(\.value)))
      } catch {
        try save(after: .zero)
        throw error
      }
    }
    var isOver = false
    while position.epoch < schedule.epochs, !isOver {
      try runEpoch(afterStep)
      progress.position.epoch += 1
      engine.beginAverage(afterStep: position.step)
      isOver = endPass(try validate?())
      if position.epoch < schedule.epochs, !isOver { engine.endAverage() }
    }
    if !stopsByTask, let best = kept.first { progress.position = best.restore(to: engine) }
    return progress.summaries
  }

  private var stepCount: Int { schedule.epochs * stepsPerEpoch }

  private func runEpoch(_ afterStep: () throws -> Void) throws {
    let drawn = engine.rowWeights?.negatives?.draw(seed: orderSeed, epoch: position.epoch)
    var order = RowOrder(
      drawn ?? rows, of: log, poolRows: schedule.poolRows,
      seed: schedule.shuffles ? orderSeed : nil, epoch: position.epoch)
    var done = position.step - position.epoch * stepsPerEpoch
    while done < stepsPerEpoch {
      let range = done * schedule.batch..<min((done + 1) * schedule.batch, rowsPerPass)
      let share = schedule.learningRate.share(ofStep: position.step + 1, stepCount: stepCount)
      let (log, rows) = order.batch(range)
      let report = try engine.step(
        rows: rows, of: log, step: position.step + 1,
        learningRate: engine.optimizer.learningRate * share, earlierSteps: position.earlierSteps)
      done += 1
      progress.add(report, endsWindowAfter: done == stepsPerEpoch ? 1 : stepsPerWindow)
      try afterStep()
    }
  }

  /// Notes a pass and keeps the best one; answers whether patience is over.
  private func endPass(_ validation: PassValidation?) -> Bool {
    progress.endEpoch(validation: validation?.value)
    guard let patience = schedule.patience, let validation else { return false }
    if stopsByTask {
      return !validation.tasks.isEmpty && stopTasks(validation.tasks, patience: patience)
    }
    guard let value = validation.value, !value.isNaN else { return false }
    guard progress.bestValue.map({ value > $0 }) ?? true else {
      return kept.first.map { position.epoch - $0.position.epoch >= patience } ?? false
    }
    progress.bestValue = value
    keepPass(0)
    return false
  }

  /// Lets the tasks stop that were better before; answers whether none is left.
  private func stopTasks(_ values: [Double?], patience: Int) -> Bool {
    guard var stopping = progress.stopping else { return false }
    stopping.note(values, afterPass: position.epoch)
    if stopping.running.contains(where: { stopping.bestPass(of: $0) == position.epoch }) {
      keepPass(kept.firstIndex { isOver($0, stopping) })
    }
    while let due = stopping.due(patience: patience, isLast: position.epoch == schedule.epochs),
      let state = kept.first(where: { $0.position.epoch == due.pass })
    {
      let others = stopping.running.filter { !due.tasks.contains($0) }
      if due.tasks.count == engine.network.taskCount || engine.share(due.tasks, with: others) {
        progress.goBack(to: state.restoreRunning(to: engine))
        stopping.goBack(toPass: due.pass)
      } else {
        state.restore(tasks: due.tasks, to: engine)
      }
      engine.stop(due.tasks)
      stopping.stop(due.tasks, asAfterPass: due.pass)
    }
    kept.removeAll { isOver($0, stopping) }
    progress.stopping = stopping
    return stopping.running.isEmpty
  }

  /// Whether no task that still trains was best after this pass.
  private func isOver(_ state: RunState, _ stopping: TaskStopping) -> Bool {
    !stopping.running.contains { stopping.bestPass(of: $0) == state.position.epoch }
  }

  /// Keeps the run as it is, in the place of an earlier copy if there is one.
  private func keepPass(_ place: Int?) {
    if let place, kept.indices.contains(place) {
      kept[place].copy(engine, at: position)
    } else {
      kept.append(RunState(copying: engine, at: position))
    }
  }

  /// Measures how fast a run goes.
  private struct Clock {
    /// Those made so far, of which a run that went back has more than its position says.
    private var steps = 0
    let start = ContinuousClock.now

    mutating func progress(
      epoch: Int, epochs: Int, step: Int, stepCount: Int, batch: Int, losses: [Double?]
    ) -> TrainingProgress {
      let seconds = start.duration(to: .now) / .seconds(1)
      steps += 1
      let perStep = seconds / Double(steps)
      return TrainingProgress(
        epoch: epoch, epochs: epochs, step: step, stepCount: stepCount, losses: losses,
        rowsPerSecond: perStep > 0 ? Double(batch) / perStep : 0,
        secondsLeft: perStep * Double(stepCount - step))
    }
  }
}
