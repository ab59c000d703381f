public import Frontiers
public import RunConfiguration

extension FrontierJob {
  /// What the sweep came to.
  public struct Report: Codable, Sendable {
    /// In the order of the configuration.
    public var taskNames: [String]
    public var measure: Measure
    /// What every full run began from.
    public var seeds: [UInt64]
    /// Which rows trained, chose and tested.
    public var data: DataSummary
    /// Swept points, then named combiners.
    public var points: [Point]
    /// Of the points on the frontier, above ``reference``, in the product of the measures' units; nil
    /// where no point was measured.
    public var hypervolume: Double?
    /// The same of the swept points alone.
    public var sweptHypervolume: Double?
    /// What one conditioned network holds of the sweep; nil without one.
    public var conditioned: Conditioned?
    /// By task, in the measure's unit.
    public var reference: [String: Double]
    /// Why combiners have no verdict; nil where they have one or there are none.
    public var whyNoVerdict: String?
    /// What was recommended; nil where nobody asked, or nothing fits.
    public var pick: Pick?
    /// Why nothing was recommended although somebody asked.
    public var whyNoPick: String?
    /// Full-length runs that the report rests on.
    public var runs: Int
    /// Of training and measuring them, each on one core.
    public var trainingSeconds: Double
    /// From beginning to end; less where runs were kept from before.
    public var seconds: Double

    enum CodingKeys: String, CodingKey {
      case measure, seeds, data, points, hypervolume, conditioned, reference, pick, runs, seconds
      case taskNames = "task_names"
      case sweptHypervolume = "swept_hypervolume"
      case whyNoVerdict = "why_no_verdict"
      case whyNoPick = "why_no_pick"
      case trainingSeconds = "training_seconds"
    }
  }

  /// What one conditioned network, chosen from by preference, holds beside the sweep.
  public struct Conditioned: Codable, Sendable, Equatable {
    /// Of its points, above ``Report/reference``.
    public var hypervolume: Double
    /// Of the sweep's hypervolume; above 1 it holds more.
    public var share: Double?
    /// Of training it from every seed and measuring it at every preference.
    public var trainingSeconds: Double
    /// Of the sweep's training.
    public var costShare: Double

    enum CodingKeys: String, CodingKey {
      case hypervolume, share
      case trainingSeconds = "training_seconds"
      case costShare = "cost_share"
    }
  }

  /// One setting: loss weights, a combiner, or a preference of a conditioned network.
  public struct Point: Codable, Sendable {
    /// As people read it.
    public var name: String
    /// By task, summing to 1: of the losses, or a conditioned network's preference; nil for a named
    /// combiner.
    public var weights: [String: Double]?
    /// How the weights act; nil for a named combiner.
    public var scalarisation: Scalarisation?
    /// The kind of a named combiner, `conditioned` with a preference as well; nil for swept weights.
    public var combiner: String?
    /// By task; empty where training failed.
    public var validation: [String: Measured]
    /// By task, of points on the frontier and named combiners.
    public var test: [String: Measured]?
    /// No other point that trained to the end is as good for every task and better for one.
    public var isOnFrontier: Bool
    /// Where a named combiner stands beside the swept points.
    public var verdict: FrontierVerdict?
    /// Epochs after which it was given up, from one seed; nil where it trained to the end.
    public var stoppedAfter: Int?
    /// Mean of its runs, each on one core.
    public var seconds: Double?
    /// Why a run failed; nil where none did.
    public var failure: String?
    /// The combiner's section of a configuration that trains this point.
    public var section: RunConfiguration.Combiner

    /// Trained with weights of its own.
    public var isSwept: Bool { combiner == nil }
    /// Trained with a named combiner that finds weights itself.
    public var isNamed: Bool { combiner != nil && weights == nil }

    enum CodingKeys: String, CodingKey {
      case name, weights, scalarisation, combiner, validation, test, verdict, seconds, failure
      case isOnFrontier = "on_frontier"
      case stoppedAfter = "stopped_after"
      case section = "configuration"
    }
  }

  /// A task's measures: means over the seeds, and their standard errors.
  public struct Measured: Codable, Sendable, Equatable {
    public var auc: Double?
    /// Nil for one seed.
    public var aucError: Double?
    /// In nats.
    public var logLoss: Double?
    public var logLossError: Double?
    public var gauc: Double?
    public var calibration: Double?

    enum CodingKeys: String, CodingKey {
      case auc, gauc, calibration
      case aucError = "auc_error"
      case logLoss = "log_loss"
      case logLossError = "log_loss_error"
    }
  }

  /// A recommended point.
  public struct Pick: Codable, Sendable, Equatable {
    /// Among ``Report/points``.
    public var point: Int
    public var name: String
    /// What each condition's task had to reach.
    public var conditions: [Condition]
    /// The task it is best for.
    public var goal: String

    /// One task's bound.
    public struct Condition: Codable, Sendable, Equatable {
      public var task: String
      public var bound: Double
    }
  }
}

extension FrontierJob.Measured {
  /// The value of a measure, and its standard error.
  public func value(of measure: FrontierJob.Measure) -> (mean: Double?, error: Double?) {
    switch measure {
    case .auc: (auc, aucError)
    case .logLoss: (logLoss, logLossError)
    }
  }
}
