internal import Interactions
public import RankingMetrics
public import Training

extension TrainJob {
  /// What training came to.
  public struct Report: Codable, Sendable {
    /// The directory.
    public var model: String
    /// Training rows.
    public var rows: Int
    /// Those of them that each pass takes: all, or as many as are drawn.
    public var rowsPerPass: Int
    /// Passes over them, with those of a resumed run's former part.
    public var epochs: Int
    /// The pass whose weights were kept; where tasks stopped by themselves, that of the others.
    public var bestEpoch: Int
    /// Of training alone, without reading.
    public var seconds: Double
    /// Of training alone, over the rows of all its passes.
    public var rowsPerSecond: Double
    /// From the database or a kept log.
    public var readingSeconds: Double
    /// Whether the encoded log of an earlier run was used.
    public var reusedLog: Bool
    /// One for each pass, those before a resumption included.
    public var summaries: [EpochSummary]
    /// By task; empty without validation rows.
    public var validation: [String: TaskMetrics]
    /// In the order of the configuration's tasks.
    public var reading: [TaskReading]
    /// What combining did, stretch by stretch, since the first pass.
    public var combining: [CombiningWindow]
    /// The pass that each task's part is of where it stopped by itself, by name.
    public var taskPasses: [String: Int]
    /// How much each expert serves each task on the validation rows; empty without gates or rows.
    public var gateUse: [GateUse]

    init(
      model: String, rows: Int, rowsPerPass: Int, passes: Int, bestEpoch: Int, seconds: Double,
      readingSeconds: Double, reusedLog: Bool, summaries: [EpochSummary],
      validation: [String: TaskMetrics], reading: ReadingSummary, combining: [CombiningWindow],
      taskPasses: [String: Int], gateUse: [GateUse]
    ) {
      self.taskPasses = taskPasses
      self.gateUse = gateUse
      self.combining = combining
      self.model = model
      self.rows = rows
      self.rowsPerPass = rowsPerPass
      epochs = summaries.last?.epoch ?? bestEpoch
      self.bestEpoch = bestEpoch
      self.seconds = seconds
      rowsPerSecond = seconds > 0 ? Double(rowsPerPass * passes) / seconds : 0
      self.readingSeconds = readingSeconds
      self.reusedLog = reusedLog
      self.summaries = summaries
      self.validation = validation
      self.reading = reading.tasks.map {
        TaskReading(
          task: $0.name, positives: $0.positives, negatives: $0.negatives, unknown: $0.unknowns,
          funnelViolations: $0.funnelViolations)
      }
    }

    enum CodingKeys: String, CodingKey {
      case model, rows, epochs, seconds
      case rowsPerPass = "rows_per_pass"
      case bestEpoch = "best_epoch"
      case rowsPerSecond = "rows_per_second"
      case readingSeconds = "reading_seconds"
      case reusedLog = "reused_log"
      case taskPasses = "task_passes"
      case gateUse = "gate_use"
      case summaries, validation, reading, combining
    }
  }

  /// What reading found about a task.
  public struct TaskReading: Codable, Sendable {
    public var task: String
    public var positives: Int
    public var negatives: Int
    public var unknown: Int
    /// Rows positive here although the task before is negative.
    public var funnelViolations: Int

    enum CodingKeys: String, CodingKey {
      case task, positives, negatives, unknown
      case funnelViolations = "funnel_violations"
    }
  }
}

extension TrainJob.Report {
  /// Which pass's weights were kept, in a few words.
  public var keptText: String {
    let kept = "kept the weights after epoch \(bestEpoch)"
    if taskPasses.isEmpty { return kept }
    let own = taskPasses.sorted { $0.key < $1.key }.map { "of \($0.key) after \($0.value)" }
    return "\(kept), those \(own.joined(separator: ", "))"
  }
}
