internal import Combiners
internal import Interactions
internal import Networks
internal import Optimizers
internal import PostgresLogs
internal import RunConfiguration
internal import Training
internal import Workers

// What the parts of a configuration are called in the modules that do the work.

extension RunConfiguration {
  var roles: LogRoles {
    LogRoles(
      time: impressions.time, user: impressions.user, item: impressions.item,
      request: impressions.request,
      tasks: tasks.map { LogRoles.TaskLabel(name: $0.name, column: $0.label, after: $0.after) })
  }

  /// The log's columns that a run reads, each once: roles first, then features.
  var columns: [String] {
    var columns: [String] = []
    let all =
      [impressions.time, impressions.user, impressions.item, impressions.request].compactMap(\.self)
      + tasks.map(\.label) + features.map(\.column)
    for column in all where !columns.contains(column) { columns.append(column) }
    return columns
  }

  /// A network for these inputs, with no weights yet.
  func makeNetwork(schema: InputSchema) -> Networks.Network {
    network.architecture.make(
      schema: schema, taskNames: tasks.map(\.name), settings: network.settings)
  }

  var workers: WorkerGroup { WorkerGroup(workerCount: training.workers) }

  var schedule: TrainingSchedule {
    TrainingSchedule(
      batch: training.batch, epochs: training.epochs, seed: training.seed,
      shuffles: training.shuffle, learningRate: optimizer.learningRateSchedule,
      patience: training.earlyStopping?.patience)
  }
}

extension RunConfiguration.Rows {
  /// The source of these rows that also meet a further condition.
  func source(where condition: String?) -> LogQuery.Source {
    switch (self, condition) {
    case (.relation(let relation), nil): .table(relation.quotedDescription)
    case (.query(let text), nil): .query(text)
    case (.relation(let relation), let condition?):
      .query("SELECT * FROM \(relation.quotedDescription) WHERE \(condition)")
    case (.query(let text), let condition?):
      .query("SELECT * FROM (\n\(text)\n) AS rows WHERE \(condition)")
    }
  }
}
