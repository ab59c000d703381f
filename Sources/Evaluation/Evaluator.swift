public import Interactions
public import Networks
public import RankingMetrics
public import Training
public import Workers

/// Measures a model on rows of a log, task by task.
public struct Evaluator {
  private let engine: ScoringEngine

  /// Creates an evaluator of a model for logs of this schema.
  ///
  /// - Parameters:
  ///   - weights: The trained numbers, read at each measurement.
  ///   - schema: What the logs hold, as the model was made for.
  ///   - workers: The threads that score.
  public init(weights: Weights, schema: InputSchema, workers: WorkerGroup = WorkerGroup()) {
    engine = ScoringEngine(weights: weights, schema: schema, workers: workers)
  }

  /// The probability of each task's event for each row of `rows`, `[taskCount][rows.count]`.
  public func scores(of log: EncodedLog, rows: RowSelection) -> [[Float]] {
    engine.scores(of: log, rows: rows)
  }

  /// How much each expert serves each task over the rows; empty for networks without gates.
  public func gateUse(of log: EncodedLog, rows: RowSelection) -> [GateUse] {
    engine.gateUse(of: log, rows: rows)
  }

  /// Each task's metrics over the rows with a known label, in the order of the log's tasks.
  ///
  /// GAUC groups by user where the log has users, else by request. An empty selection has metrics
  /// without values, whose notes say why. `scores` are those of the same rows, where they are known
  /// already.
  ///
  /// - Complexity: O(rows · taskCount) time and memory.
  public func metrics(
    of log: EncodedLog, rows: RowSelection, scores known: [[Float]]? = nil
  ) -> [TaskMetrics] {
    let scores = known ?? self.scores(of: log, rows: rows)
    let groups = (log.users ?? log.requests).map { column in
      (0..<rows.count).map { column[rows[$0]] }
    }
    return log.labels.enumerated().map { task, labels in
      TaskMetrics(
        scores: scores[task], labels: (0..<rows.count).map { labels[rows[$0]] }, groups: groups)
    }
  }
}
