internal import Interactions
internal import Logging
internal import PostgresLogs
internal import RankingMetrics
internal import RunConfiguration

/// The best that any model could do: how well the true probabilities rank the rows of a window.
struct BestPossible {
  private let configuration: RunConfiguration
  private let times: Range<Int64>?
  private let isWanted: ((Int64) -> Bool)?
  private let context: JobContext

  /// Describes the rows: those of `times`, nil for all, and of those the ones that `isWanted` picks by
  /// their time, nil for all.
  init(
    _ configuration: RunConfiguration, _ times: Range<Int64>?, _ isWanted: ((Int64) -> Bool)?,
    _ context: JobContext
  ) {
    self.configuration = configuration
    self.times = times
    self.isWanted = isWanted
    self.context = context
  }

  /// The AUC of every task with a column of true probabilities; one that can't be had is warned of.
  func aucs() throws -> [String: Double] {
    var result: [String: Double] = [:]
    for task in configuration.tasks {
      guard let truth = task.truth else { continue }
      do {
        result[task.name] = try auc(of: truth, for: task)
      } catch {
        try context.checkCancelled()
        context.logger.warning("task \(task.name) has no best possible AUC: \(error)")
      }
    }
    return result
  }

  private func auc(of truth: String, for task: RunConfiguration.TaskDefinition) throws -> Double? {
    let location = DatabaseLocation(configuration)
    let connection = try location.connect(isCancelled: context.isCancelled)
    let rows = configuration.impressions
    let sql = try LogQuery(
      source: rows.rows.source, condition: rows.condition, columns: [task.label, truth, rows.time],
      timeColumn: rows.time, window: times
    ).sql(on: connection)
    let reader = try LogReader(connection, query: sql)
    _ = try reader.columns.numberColumn(truth, role: task.truthRole)
    var labels: [UInt8] = []
    var probabilities: [Float] = []
    while let chunk = try reader.next() {
      let columns = chunk.columns
      let outcomes = try columns[0].labels(of: reader.columns[0], firstRow: labels.count)
      guard case .times(let times) = columns[2].values else {
        throw JobError.badData("column \(rows.time) has no times")
      }
      for row in 0..<chunk.rowCount where isWanted?(times[row]) ?? true {
        guard let probability = columns[1].number(row), 0...1 ~= probability else {
          throw JobError.badData("column \(truth) holds values that are no probabilities")
        }
        labels.append(outcomes[row])
        probabilities.append(Float(probability))
      }
    }
    return TaskMetrics(scores: probabilities, labels: labels).auc
  }
}

extension RunConfiguration.TaskDefinition {
  /// What messages call the column ``truth``.
  var truthRole: String { "the true probability of task \(name)" }
}
