public import RankingMetrics

extension CompareJob {
  /// What the evidence says of the second model.
  public enum Verdict: String, Codable, Sendable {
    /// The interval of its gain in AUC lies above zero.
    case better
    /// It lies below zero.
    case worse
    /// It holds zero, or there is none.
    case noEvidence = "no evidence"
  }

  /// What was found of both models on the same rows.
  public struct Report: Codable, Sendable {
    public var first: String
    public var second: String
    /// The models' versions, where they were named by them.
    public var firstVersion: Int?
    public var secondVersion: Int?
    /// A part's name, or the times.
    public var window: String
    public var rows: Int
    /// The tasks that both models have, in the order of the first.
    public var taskNames: [String]
    /// By task.
    public var tasks: [String: TaskComparison]
    /// Tasks of the first model alone.
    public var onlyFirst: [String]
    /// Tasks of the second model alone.
    public var onlySecond: [String]
    /// A table for each of the job's ``CompareJob/cuts``; nil without any.
    public var by: [SegmentTable<TaskComparison>]?

    enum CodingKeys: String, CodingKey {
      case first, second, window, rows, tasks, by
      case firstVersion = "first_version"
      case secondVersion = "second_version"
      case taskNames = "task_names"
      case onlyFirst = "only_first"
      case onlySecond = "only_second"
    }
  }

  /// Both models on the known rows of one task.
  public struct TaskComparison: Codable, Sendable {
    public var first: TaskMetrics
    public var second: TaskMetrics
    /// The second model's AUC minus the first's, see ``AUCDifference``.
    public var aucGain: Double?
    /// The ends of its 95 % interval.
    public var aucGainLow: Double?
    public var aucGainHigh: Double?
    /// Fall of the log loss from the first model to the second, in nats a row; above 0 is better.
    public var logLossGain: Double?
    /// The ends of its 95 % interval.
    public var logLossGainLow: Double?
    public var logLossGainHigh: Double?
    /// What the interval of the AUC's gain says of the second model.
    public var verdict: Verdict
    /// Without evidence, the positives with which a gain of this size would be told from zero, see
    /// ``PositivesNeeded``.
    public var positivesNeeded: Int?
    /// What a reader should know; nil if nothing.
    public var note: String?

    enum CodingKeys: String, CodingKey {
      case first, second, verdict, note
      case aucGain = "auc_gain"
      case aucGainLow = "auc_gain_low"
      case aucGainHigh = "auc_gain_high"
      case logLossGain = "log_loss_gain"
      case logLossGainLow = "log_loss_gain_low"
      case logLossGainHigh = "log_loss_gain_high"
      case positivesNeeded = "positives_needed"
    }

    /// Compares two models' probabilities of the same rows.
    init(first: [Float], second: [Float], labels: [UInt8], groups: [Int64]?) {
      self.first = TaskMetrics(scores: first, labels: labels, groups: groups)
      self.second = TaskMetrics(scores: second, labels: labels, groups: groups)
      verdict = .noEvidence
      do throws(UndefinedMetric) {
        let loss = try SeededDifference.logLoss(first: [first], second: [second], labels: labels)
        logLossGain = loss.value
        logLossGainLow = loss.rowInterval?.lowerBound
        logLossGainHigh = loss.rowInterval?.upperBound
        let gain = try AUCDifference(first: first, second: second, labels: labels)
        aucGain = gain.value
        aucGainLow = gain.interval?.lowerBound
        aucGainHigh = gain.interval?.upperBound
        // With fewer positives an interval is too short too often: with two, one time in five.
        if min(gain.positives, gain.negatives) >= TaskMetrics.fewestOfAClass {
          if aucGainLow ?? 0 > 0 { verdict = .better }
          if aucGainHigh ?? 0 < 0 { verdict = .worse }
        }
        if verdict == .noEvidence {
          positivesNeeded = PositivesNeeded.telling(gain.value, like: gain)
        }
        note = noteOnEvidence(gain)
      } catch {
        note = error.description
      }
    }

    private func noteOnEvidence(_ gain: AUCDifference) -> String? {
      switch verdict {
      case .better where logLossGainHigh ?? 0 < 0: return "the log loss is worse"
      case .worse where logLossGainLow ?? 0 > 0: return "the log loss is better"
      case .noEvidence:
        if gain.interval == nil { return "no interval: two positives and two negatives are needed" }
        guard let positivesNeeded, positivesNeeded > gain.positives else { return nil }
        return "\(gain.positives) positives are too few to tell a gain of this size: about "
          + "\(positivesNeeded) would be needed"
      default: return nil
      }
    }
  }
}
