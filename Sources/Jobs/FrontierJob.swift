public import Combiners
public import Frontiers
internal import Interactions
internal import Logging
internal import PostgresLogs
public import RunConfiguration

/// Trains one model for each of many loss weights, and says which of them no other beats.
///
/// Combiners that find weights themselves are trained for the same time and from the same seeds, and
/// judged beside the swept points. All choosing is by the validation rows; the test rows only tell what
/// came of it.
public struct FrontierJob {
  /// Which loss weights are tried.
  public enum Method: String, CaseIterable, Codable, Sendable {
    /// Evenly spaced weights.
    case lattice
    /// Weights with evenly spaced logarithms.
    case logarithmic
    /// Weights at random.
    case dirichlet
    /// Evenly spaced weights, of which only the promising ones train to the end.
    case halving
  }

  /// What a point's training minimises.
  public enum Scalarisation: String, CaseIterable, Codable, Sendable {
    /// The weighted sum of the losses.
    case sum
    /// The weighted maximum of what the losses lack to each task's best (Chebyshev's), smoothed. It
    /// reaches places between two points of the sum where the frontier bends inwards.
    case chebyshev
  }

  /// What the tasks are to be good at.
  public enum Measure: String, CaseIterable, Codable, Sendable {
    /// Higher is better.
    case auc
    /// In nats; lower is better.
    case logLoss = "log_loss"
  }

  /// The run that every point changes the combiner of.
  public var configuration: RunConfiguration
  /// Points of each scalarisation, at least one a task.
  public var points = 12
  public var method = Method.lattice
  /// How many seeds each point is trained from, beginning with the configuration's.
  public var seeds = 1
  public var scalarisations = [Scalarisation.sum]
  /// Trained beside the sweep.
  public var combiners: [CombinerKind] = []
  public var measure = Measure.auc
  /// Where the hypervolume is measured from, by task, in the measure's unit.
  ///
  /// Nil takes what a model that knows nothing reaches: AUC 0.5, or the log loss of always predicting the
  /// validation rows' share of positives.
  public var reference: [Double]?
  /// Which point of the frontier to recommend.
  public var pick: PickRule?
  /// Reads the database and trains again, whatever is kept from before.
  public var fresh = false
  /// Runs at the same time, each with a model of its own in memory; nil is one for each core.
  public var atOnce: Int?
  /// Where encoded logs are kept.
  public var columnDirectory = ".paretorank/columns"
  /// Where results of training runs are kept, so that an interrupted sweep goes on.
  public var trialDirectory = ".paretorank/trials"

  /// A sweep of 12 points around a run.
  public init(configuration: RunConfiguration) { self.configuration = configuration }

  /// Trains what has not been trained yet and judges it.
  ///
  /// - Throws: ``JobError/missingConfiguration(_:)`` without a second task, enough points or
  ///   validation rows, ``JobError/badData(_:)`` where these have no AUC or every run fails,
  ///   `CombinerError` for a combiner that the tasks don't fit, and the errors of the parts.
  public func run(_ context: JobContext) throws -> Report {
    try check()
    let notes = try RunNotes(.frontier, configuration, context: context)
    return try notes.following {
      let start = ContinuousClock.now
      let data = try TrainingData(
        configuration, context: context, columnDirectory: columnDirectory, fresh: fresh)
      try data.requireBothLabels(of: configuration.tasks.map(\.name))
      let pool = try TrialPool(
        data, context: context, directory: trialDirectory, atOnce: atOnce, fresh: fresh)
      let sweep = FrontierSweep(job: self, pool: pool, context: context)
      let results = try sweep.run()
      let runs = results.flatMap(\.runs)
      if runs.allSatisfy({ $0.validation == nil }), let failure = runs.first?.failure {
        context.logger.error("every run failed")
        throw failure
      }
      let seconds = start.duration(to: .now) / .seconds(1)
      let judging = FrontierJudging(
        job: self, results: results, data: data.summary, seconds: seconds)
      return (judging.report, data.rowCount(of: .train))
    }
  }

  /// Refuses what no frontier can come of, before any reading.
  private func check() throws {
    precondition(points > 1 && seeds > 0 && !scalarisations.isEmpty)
    precondition(reference.map { $0.count == configuration.tasks.count } ?? true)
    guard configuration.tasks.count > 1 else {
      throw JobError.missingConfiguration(
        "a frontier is between tasks; the configuration has only \(configuration.tasks[0].name)")
    }
    guard points >= configuration.tasks.count else {
      throw JobError.missingConfiguration(
        "\(points) points are too few for \(configuration.tasks.count) tasks; "
          + "each needs one that it weighs most in")
    }
    try configuration.split.requireValidation(to: "find the frontier on")
    for setting in FrontierSetting.named(combiners, configuration) {
      let run = setting.configuration(configuration, seed: 0)
      if run.network.automatic == nil,
        let problem = run.combiner.problem(with: run.network.architecture)
      {
        throw JobError.missingConfiguration(problem.text)
      }
      _ = try run.makeCombining()
    }
  }
}
