internal import Combiners
import Foundation
internal import Interactions
internal import Logging
internal import Networks
internal import Training

/// One training from the first step to the last, with its checkpoints, apart from where its rows come
/// from and where its model goes.
struct TrainingRun {
  /// Where a run's checkpoints are, and what one must be of for the run to go on from it.
  struct Checkpointing {
    var folder: CheckpointFolder
    var key: CheckpointFolder.Key
    /// Least time from one to the next.
    var interval: Duration
  }

  /// With the weights that the run begins with.
  var engine: TrainingEngine
  var log: EncodedLog
  /// Those to train on.
  var rows: RowSelection
  var schedule: TrainingSchedule
  /// Where the run begins, unless a checkpoint is found.
  var position = TrainingPosition()
  /// The validation value at that position; nil where there is none.
  var formerValue: Double?
  /// What the configuration calls the combiner.
  var combinerName: String
  /// Nil keeps no checkpoints.
  var checkpointing: Checkpointing?

  /// What a run came to; the engine has the numbers.
  struct Outcome {
    var position: TrainingPosition
    /// Passes made, those that were gone back from and those of a killed process included.
    var passesMade: Int
    /// Those of a killed process included.
    var summaries: [EpochSummary]
    var combining: [CombiningWindow]
    /// The pass that each task's part is of where it stopped by itself, by name.
    var taskPasses: [String: Int]
    /// Of training without validation, that of a killed process up to its last checkpoint included.
    var seconds: Double
  }

  /// Trains to the end, from the newest checkpoint that fits if there is one.
  ///
  /// `validate` is asked after each pass for values to be maximised.
  func run(
    _ context: JobContext, validate: (() throws -> PassValidation?)?
  ) throws -> Outcome {
    let loop = try TrainingLoop(
      engine: engine, schedule: schedule, log: log, rows: rows, position: position,
      formerValue: formerValue)
    let found = try resume(loop, context)
    let start = ContinuousClock.now
    var validationTime = Duration.zero
    func seconds() -> Double {
      (found?.seconds ?? 0) + (start.duration(to: .now) - validationTime) / .seconds(1)
    }
    let checkpoints = checkpointing.map { checkpointing in
      Checkpoints(every: checkpointing.interval) { loop in
        do {
          try checkpointing.folder.save(loop, key: checkpointing.key, seconds: seconds())
        } catch {
          context.logger.warning(
            "no checkpoint was written, training goes on without it: \(error)")
        }
      }
    }
    let summaries = try loop.run(
      validate: {
        let began = ContinuousClock.now
        // The pass is over, so nobody needs the pages of its rows; nor later those of validation.
        log.dropPages()
        defer {
          log.dropPages()
          validationTime += began.duration(to: .now)
        }
        return try validate?()
      }, checkpoints: checkpoints, onProgress: { try show($0, context) })
    tellUnsolved(context)
    try context.checkCancelled()
    guard engine.weights.areFinite else {
      throw TrainingError.nonFiniteGradient(
        step: loop.position.step,
        cause: "weights have overflowed: lower optimizer.learning_rate or set optimizer.clip_norm")
    }
    return Outcome(
      position: loop.position, passesMade: loop.progress.passesMade, summaries: summaries,
      combining: loop.combining,
      taskPasses: taskPasses(loop, context), seconds: seconds())
  }

  /// Puts the loop where the newest fitting checkpoint was taken.
  private func resume(
    _ loop: TrainingLoop, _ context: JobContext
  ) throws -> CheckpointFolder.Found? {
    guard let checkpointing else { return nil }
    let found = try checkpointing.folder.latest(key: checkpointing.key, for: engine) {
      context.logger.warning("\($0) is passed over: \($1)")
    }
    guard let found else { return nil }
    loop.resume(at: found.progress, kept: found.kept)
    context.logger.info(
      "training goes on from a checkpoint after step \(found.progress.position.step)")
    return found
  }

  private func taskPasses(_ loop: TrainingLoop, _ context: JobContext) -> [String: Int] {
    var passes: [String: Int] = [:]
    for (name, pass) in zip(engine.network.taskNames, loop.stops) where pass != nil {
      passes[name] = pass
    }
    guard !passes.isEmpty else { return [:] }
    let texts = passes.keys.sorted().map { "\($0) \(passes[$0] ?? 0)" }
    context.logger.info(
      "tasks are as after the pass they were best after: \(texts.joined(separator: ", "))")
    return passes
  }

  private func tellUnsolved(_ context: JobContext) {
    let unsolved: Int
    switch engine.combining {
    case .losses, .preferences: unsolved = 0
    case .gradients(let rule, _): unsolved = rule.unsolvedSteps
    case .elements(let rule, _): unsolved = rule.unsolvedSteps
    }
    if unsolved > 0 {
      context.logger.warning(
        """
        \(combinerName) did not solve its problem to its tolerance in \(unsolved) steps; the best \
        weights found were used there
        """)
    }
  }

  private func show(_ progress: TrainingProgress, _ context: JobContext) throws {
    try context.checkCancelled()
    let losses = zip(engine.network.taskNames, progress.losses)
      .map { "\($0) \($1.map { String(format: "%.4f", $0) } ?? "–")" }
    context.onProgress(
      JobProgress(
        stage: "epoch \(progress.epoch)/\(progress.epochs)", done: progress.step,
        total: progress.stepCount,
        detail: "\(Int(progress.rowsPerSecond)) rows/s  loss " + losses.joined(separator: "  ")))
  }
}
