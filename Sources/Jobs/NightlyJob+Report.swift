import Foundation
public import Gates
public import RankingMetrics

extension NightlyJob {
  /// How a night ended.
  public enum Outcome: String, Codable, Sendable {
    /// The new model is the current one.
    case published
    /// The gate kept the new model back.
    case refused
    /// No row has become known since the current model was trained.
    case nothingNew = "nothing_new"
  }

  /// One stage of a night.
  public struct StageReport: Codable, Sendable {
    public var name: NightlyStage
    public var seconds: Double
    public var rows: Int?
    /// An earlier attempt of the same run did it.
    public var wasDone: Bool

    private enum CodingKeys: String, CodingKey {
      case name, seconds, rows
      case wasDone = "was_done"
    }
  }

  /// How one task fares with the new model and with the one before, on the same rows.
  public struct TaskReport: Codable, Sendable {
    /// Rows that the task was trained on tonight, and those of them that are positive.
    public var trainingRows: Int
    public var trainingPositives: Int
    public var candidate: TaskMetrics
    /// Nil without a current model that has the task.
    public var current: TaskMetrics?
    /// The new model's AUC minus the current one's, and its interval.
    public var aucGain: Double?
    public var aucGainLow: Double?
    public var aucGainHigh: Double?

    private enum CodingKeys: String, CodingKey {
      case candidate, current
      case trainingRows = "training_rows"
      case trainingPositives = "training_positives"
      case aucGain = "auc_gain"
      case aucGainLow = "auc_gain_low"
      case aucGainHigh = "auc_gain_high"
    }
  }

  /// What came of a night.
  public struct Report: Codable, Sendable {
    public var run: Int
    public var state: Outcome
    /// Until when the log was complete, ISO 8601.
    public var clock: String
    /// Why the training began as it did.
    public var start: String
    /// The new model's directory and version; nil where nothing was new.
    public var model: String?
    public var version: Int?
    /// Why nothing was new and what would train when, in one line; nil where a row was.
    public var reason: String?
    /// Rows that the training saw.
    public var rows: Int
    /// By name.
    public var tasks: [String: TaskReport]
    public var gate: GateVerdict?
    /// Why the model was published against the gate.
    public var forced: String?
    /// Nil where nothing was scored.
    public var scores: ScoreJob.Report?
    public var stages: [StageReport]
    /// In the order of the configuration.
    public var taskNames: [String]

    private enum CodingKeys: String, CodingKey {
      case run, state, clock, start, model, version, reason, rows, tasks, gate, forced, scores,
        stages
      case taskNames = "task_names"
    }
  }
}
