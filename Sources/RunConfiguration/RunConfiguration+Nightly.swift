// Lengths of time are in microseconds.

extension RunConfiguration {
  /// How long work in the database may take.
  public struct Limits: Codable, Sendable, Equatable {
    /// Longest time of one statement, reading included.
    public var statement: Int64
    /// Longest wait for another's lock on a table.
    public var lock: Int64
    /// How long a lost connection is tried again.
    public var retry: Int64

    public init(
      statement: Int64 = 7_200_000_000, lock: Int64 = 30_000_000, retry: Int64 = 300_000_000
    ) {
      self.statement = statement
      self.lock = lock
      self.retry = retry
    }
  }

  /// How the nightly job goes on from one night to the next.
  public struct Nightly: Codable, Sendable, Equatable {
    /// What a night's training begins with.
    public enum Start: String, Codable, Sendable {
      /// The current model, with its optimizer, combiner and vocabularies; it sees new rows alone.
      case warm
      /// A fresh model, which sees all rows of the split.
      case scratch
    }

    public var start: Start
    /// Passes over the new rows of a warm start.
    public var epochs: Int
    /// Length of the newest window whose labels are known, on which models are compared.
    public var evaluation: Int64
    /// How long after it was shown an impression may still arrive in the log.
    public var lateness: Int64
    /// Ids not seen for so long lose their embedding; nil for never.
    public var evictAfter: Int64?
    /// Time between two checkpoints of training.
    public var checkpoint: Int64
    /// Models to keep on disk, the current one included.
    public var keep: Int
    /// Folder of the nightly report; nil for none.
    public var report: String?
    /// Text file for Prometheus's node_exporter; nil for none.
    public var metricsFile: String?
    public var gate: Gate

    public init(
      start: Start = .warm, epochs: Int = 1, evaluation: Int64 = 86_400_000_000,
      lateness: Int64 = 86_400_000_000, evictAfter: Int64? = nil, checkpoint: Int64 = 300_000_000,
      keep: Int = 7, report: String? = nil, metricsFile: String? = nil, gate: Gate = Gate()
    ) {
      self.start = start
      self.epochs = epochs
      self.evaluation = evaluation
      self.lateness = lateness
      self.evictAfter = evictAfter
      self.checkpoint = checkpoint
      self.keep = keep
      self.report = report
      self.metricsFile = metricsFile
      self.gate = gate
    }

    private enum CodingKeys: String, CodingKey {
      case start, epochs, evaluation, lateness, checkpoint, keep, report, gate
      case evictAfter = "evict_after"
      case metricsFile = "metrics_file"
    }
  }

  /// What a new model must fulfil to be published.
  public struct Gate: Codable, Sendable, Equatable {
    /// Which way doubt counts.
    public enum Evidence: String, Codable, Sendable {
      /// A model is refused if the interval shows it to be worse.
      case worse
      /// A model is published only if the interval shows it not to be worse.
      case notWorse = "not_worse"
    }

    /// Loss of AUC against the current model that is borne, for each task.
    public var tolerance: Double
    public var evidence: Evidence
    /// Predicted over observed positives lies between 1 / this and this.
    public var calibration: Double
    /// Positives of each task that the evaluation window needs.
    public var minimumPositives: Int
    /// Rows a day lie between the former run's / this and times this.
    public var rowRatio: Double
    /// Share of positives of a task lies between the former run's / this and times this.
    public var labelRatio: Double
    /// How far the share of missing values of a column may rise.
    public var missingRise: Double
    /// How far the share of values without an embedding may rise.
    public var newIDRise: Double
    /// Highest population stability index of a feature against the former run.
    public var stability: Double

    public init(
      tolerance: Double = 0.002, evidence: Evidence = .worse, calibration: Double = 1.5,
      minimumPositives: Int = 10, rowRatio: Double = 3, labelRatio: Double = 3,
      missingRise: Double = 0.2, newIDRise: Double = 0.3, stability: Double = 0.5
    ) {
      self.tolerance = tolerance
      self.evidence = evidence
      self.calibration = calibration
      self.minimumPositives = minimumPositives
      self.rowRatio = rowRatio
      self.labelRatio = labelRatio
      self.missingRise = missingRise
      self.newIDRise = newIDRise
      self.stability = stability
    }

    private enum CodingKeys: String, CodingKey {
      case tolerance, evidence, calibration, stability
      case minimumPositives = "minimum_positives"
      case rowRatio = "row_ratio"
      case labelRatio = "label_ratio"
      case missingRise = "missing_rise"
      case newIDRise = "new_id_rise"
    }
  }
}
