public import Gates

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
    /// Share of the requests that no task trains on before all tasks have evaluated them.
    public var holdout: Double
    /// How long after it was shown an impression may still arrive in the log.
    public var lateness: Int64
    /// Ids not seen for so long lose their embedding; nil for never.
    public var evictAfter: Int64?
    /// Time between two checkpoints of training.
    public var checkpoint: Int64
    /// Models that ever were current to keep on disk, the current one included; of the others, the
    /// newest is kept.
    public var keep: Int
    /// Folder of the nightly report; nil for none.
    public var report: String?
    /// Text file for Prometheus's node_exporter; nil for none.
    public var metricsFile: String?
    public var gate: GateSettings

    public init(
      start: Start = .warm, epochs: Int = 1, evaluation: Int64 = 86_400_000_000,
      holdout: Double = 0.2, lateness: Int64 = 86_400_000_000, evictAfter: Int64? = nil,
      checkpoint: Int64 = 300_000_000,
      keep: Int = 7, report: String? = nil, metricsFile: String? = nil,
      gate: GateSettings = GateSettings()
    ) {
      self.start = start
      self.epochs = epochs
      self.evaluation = evaluation
      self.holdout = holdout
      self.lateness = lateness
      self.evictAfter = evictAfter
      self.checkpoint = checkpoint
      self.keep = keep
      self.report = report
      self.metricsFile = metricsFile
      self.gate = gate
    }

    private enum CodingKeys: String, CodingKey {
      case start, epochs, evaluation, holdout, lateness, checkpoint, keep, report, gate
      case evictAfter = "evict_after"
      case metricsFile = "metrics_file"
    }
  }
}
