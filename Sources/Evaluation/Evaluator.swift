public import Interactions
public import Networks
public import RankingMetrics
internal import Training
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

  /// Each task's metrics over the rows with a known label, in the order of the log's tasks.
  ///
  /// A conditioned network scores as `preference` asks, or by equal shares of the tasks.
  /// GAUC groups by user where the log has users, else by request. An empty selection has metrics
  /// without values, whose notes say why.
  ///
  /// - Complexity: O(rows · taskCount) time and memory.
  public func metrics(
    of log: EncodedLog, rows: RowSelection, preference: Preference? = nil
  ) -> [TaskMetrics] {
    let scores = engine.scores(of: log, rows: rows, preference: preference)
    let groups = (log.users ?? log.requests).map { column in
      (0..<rows.count).map { column[rows[$0]] }
    }
    return log.labels.enumerated().map { task, labels in
      TaskMetrics(
        scores: scores[task], labels: (0..<rows.count).map { labels[rows[$0]] }, groups: groups)
    }
  }
}
