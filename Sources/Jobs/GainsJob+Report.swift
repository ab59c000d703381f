extension GainsJob {
  /// What the evidence says of an auxiliary task.
  public enum Verdict: String, Codable, Sendable {
    /// The interval of the gain in AUC lies above zero.
    case helps
    /// It lies below zero.
    case hurts
    /// It holds zero, or there is none.
    case noEvidence = "no evidence"
  }

  /// What is gained by training with more tasks rather than fewer, on the test rows.
  public struct Difference: Codable, Sendable, Equatable {
    /// Mean over the seeds.
    public var aucGain: Double?
    /// The ends of its interval; nil with one seed or too few rows.
    public var low: Double?
    public var high: Double?
    public var verdict: Verdict
    /// Fall of the log loss, in nats a row.
    public var logLossGain: Double?
    public var logLossLow: Double?
    public var logLossHigh: Double?
    /// The gain in AUC of each seed.
    public var bySeed: [Double]

    enum CodingKeys: String, CodingKey {
      case low, high, verdict
      case aucGain = "auc_gain"
      case logLossGain = "log_loss_gain"
      case logLossLow = "log_loss_low"
      case logLossHigh = "log_loss_high"
      case bySeed = "by_seed"
    }
  }

  /// What one auxiliary task does for one main task.
  public struct Gain: Codable, Sendable, Equatable {
    public var main: String
    public var auxiliary: String
    /// Trained with the auxiliary task, rather than alone.
    public var alone: Difference
    /// Trained with all tasks, rather than with all but the auxiliary one; nil with two tasks, where
    /// it is the same.
    public var amongAll: Difference?
    /// Mean cosine of the two tasks' gradients over the shared parameters, with all tasks in training.
    public var cosine: Double?
    /// Share of the measured steps in which the two gradients opposed each other.
    public var conflicts: Double?

    enum CodingKeys: String, CodingKey {
      case main, auxiliary, cosine, conflicts
      case amongAll = "among_all"
    }

    /// The gain over training alone stands beside the names, as the headline.
    public func encode(to encoder: any Encoder) throws {
      try alone.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(main, forKey: .main)
      try container.encode(auxiliary, forKey: .auxiliary)
      try container.encode(amongAll, forKey: .amongAll)
      try container.encode(cosine, forKey: .cosine)
      try container.encode(conflicts, forKey: .conflicts)
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      main = try container.decode(String.self, forKey: .main)
      auxiliary = try container.decode(String.self, forKey: .auxiliary)
      alone = try Difference(from: decoder)
      amongAll = try container.decodeIfPresent(Difference.self, forKey: .amongAll)
      cosine = try container.decodeIfPresent(Double.self, forKey: .cosine)
      conflicts = try container.decodeIfPresent(Double.self, forKey: .conflicts)
    }

    init(
      main: String, auxiliary: String, alone: Difference, amongAll: Difference?, cosine: Double?,
      conflicts: Double?
    ) {
      self.main = main
      self.auxiliary = auxiliary
      self.alone = alone
      self.amongAll = amongAll
      self.cosine = cosine
      self.conflicts = conflicts
    }
  }

  /// How a main task fares alone and in company.
  public struct MainTask: Codable, Sendable, Equatable {
    public var task: String
    /// Test rows with a known label.
    public var rows: Int
    /// Test rows with label 1.
    public var positives: Int
    /// Mean AUC over the seeds, trained alone.
    public var aucAlone: Double?
    /// Mean AUC over the seeds, trained with all tasks.
    public var aucTogether: Double?
    /// With all tasks rather than alone.
    public var together: Difference
    /// The positives that the test part would need for its rows to tell gains of this task as small as
    /// ``Report/detectable`` from zero, were it not for the seeds; nil where it has them, or where
    /// nobody can say.
    public var positivesNeeded: Int?
    /// What stands in the way of a verdict, for a reader; nil where nothing does.
    public var note: String?

    enum CodingKeys: String, CodingKey {
      case task, rows, positives, together, note
      case aucAlone = "auc_alone"
      case aucTogether = "auc_together"
      case positivesNeeded = "positives_needed"
    }
  }

  /// What was found.
  public struct Report: Codable, Sendable {
    /// Each main task with each auxiliary one.
    public var gains: [Gain]
    public var mains: [MainTask]
    /// Which rows trained and tested.
    public var data: DataSummary
    public var seeds: [UInt64]
    /// How often an interval holds the true value.
    public var level: Double
    /// A gain in AUC that one would want to be told of.
    public var detectable: Double
    /// Training runs that the report rests on.
    public var runs: Int
    /// Of this run, runs kept from before left out.
    public var seconds: Double
  }
}
