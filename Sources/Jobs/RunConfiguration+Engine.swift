internal import Combiners
internal import Interactions
internal import Networks
internal import Optimizers
internal import PostgresLogs
internal import RunConfiguration
internal import TaskLosses
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

  /// The roles of rows to train on, which have weights.
  var trainingRoles: LogRoles {
    var roles = roles
    roles.weight = impressions.weight
    return roles
  }

  /// The columns that these roles and the features read, each once.
  var trainingColumns: [String] {
    guard let weight = impressions.weight, !columns.contains(weight) else { return columns }
    return columns + [weight]
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

  /// The combiner with the state of a fresh run.
  func makeCombining() throws(CombinerError) -> Combining {
    let names = tasks.map(\.name)
    var settings = combiner.settings
    if combiner.takesTaskWeights {
      settings[.weights] = .byTask(Dictionary(zip(names, taskWeights)) { $1 })
    }
    return try combiner.kind.make(settings: settings, taskNames: names, seed: training.seed)
  }

  /// A network of the configured form, with no weights yet; its combiner may ask for one that takes
  /// a preference.
  func makeNetwork(schema: InputSchema, taskNames: [String]) -> Networks.Network {
    precondition(network.automatic == nil, "an architecture that is still to be chosen")
    return network.architecture.make(
      schema: schema, taskNames: taskNames, settings: network.settings, funnel: funnel,
      reads: reads, conditioned: combiner.kind.conditionsNetwork)
  }

  /// Which task comes after which.
  var funnel: Funnel {
    Funnel(
      predecessors: tasks.map { task in
        task.after.flatMap { name in tasks.firstIndex { $0.name == name } }
      })
  }

  /// Whose bottoms each task reads beside its own in an asymmetric network: its predecessor's where it
  /// names none.
  var reads: [[Int]] {
    zip(tasks, funnel.reads).map { task, predecessor in
      task.reads?.compactMap { name in tasks.firstIndex { $0.name == name } } ?? predecessor
    }
  }

  var schedule: TrainingSchedule {
    TrainingSchedule(
      batch: training.batch, epochs: training.epochs, seed: training.seed,
      shuffles: training.shuffle, learningRate: optimizer.schedule,
      patience: training.earlyStopping?.patience,
      stopsByTask: training.earlyStopping?.by == .task)
  }

  /// How much each of some rows of a log counts; nil where all count the same.
  func rowWeights(for log: EncodedLog, training rows: RowSelection) -> RowWeights? {
    RowWeights(of: log, rows: rows, negatives: training.negatives)
  }

  /// Rows of a step where a pass takes as many.
  func batch(ofRows count: Int) -> Int { min(training.batch, count) }

  /// The schedule on some rows of a log, which shuffles as many rows together as the memory allows.
  ///
  /// `besides` is what the job holds in memory beside it, in bytes.
  ///
  /// - Throws: ``JobError/missingConfiguration(_:)`` where the network alone takes more memory than set.
  func schedule(
    training rows: RowSelection, of log: EncodedLog, rowWeights: RowWeights?,
    features: FittedFeatures, combining: Combining, besides: Int = 0
  ) throws(JobError) -> TrainingSchedule {
    var schedule = schedule
    schedule.batch = batch(ofRows: rowWeights?.rowsPerPass ?? rows.count)
    let held = TrainingEngine.byteCount(
      of: makeNetwork(schema: log.schema, taskNames: log.taskNames),
      momentCount: optimizer.rule.momentCount, combining: combining, batchCapacity: schedule.batch,
      workers: workers, keepsAverage: training.weightAverage != nil,
      decaysRows: optimizer.rule.embeddings.rowDecay != nil,
      keptPasses: schedule.keptPasses(taskCount: tasks.count))
    let vocabularies =
      features.vocabularies.values.reduce(0) { $0 + $1.bytes.count }
      + features.rates.values.reduce(0) { $0 + $1.byteCount }
    schedule.poolRows = try MemoryBudget(training.memory).poolRows(
      of: rows, in: log,
      held: held + vocabularies + besides + (rowWeights?.byteCount ?? 0))
    return schedule
  }

  /// The weights of a fresh run, its logits at the base rates of the training rows.
  func freshWeights(for log: EncodedLog, training: RowSelection) -> Weights {
    let weights = Weights(
      network: makeNetwork(schema: log.schema, taskNames: log.taskNames),
      momentCount: optimizer.rule.momentCount, seed: self.training.seed)
    weights.setBaseRates(
      log.taskNames.indices.map { BaseRate(ofTask: $0, in: log, rows: training).rate })
    return weights
  }

  /// An engine that trains these weights on some rows of a log.
  func engine(
    _ weights: Weights, combining: Combining, for log: EncodedLog, training: RowSelection,
    rowWeights: RowWeights?, measureEvery: Int? = nil
  ) -> TrainingEngine {
    let rowsPerPass = rowWeights?.rowsPerPass ?? training.count
    return TrainingEngine(
      weights: weights, schema: log.schema, optimizer: optimizer.rule, combining: combining,
      batchCapacity: batch(ofRows: rowsPerPass), microBatch: self.training.microBatch,
      workers: workers,
      clipNorm: optimizer.clipNorm, measureEvery: measureEvery,
      averageHorizon: averageHorizon(steps: steps(ofRows: rowsPerPass)),
      tasks: tasks.enumerated().map { index, task in
        TaskTraining(
          learningRate: task.learningRate ?? 1,
          smoothing: task.labelSmoothing.map {
            TaskLoss.Smoothing(
              share: $0, rate: BaseRate(ofTask: index, in: log, rows: training).rate)
          })
      },
      rowDecay: optimizer.rule.embeddings.rowDecay.map {
        RowDecay(
          strength: $0, of: log, rows: training, negatives: rowWeights?.negatives)
      },
      rowWeights: rowWeights,
      seed: self.training.seed)
  }

  /// Steps of a pass over some rows of a log.
  func stepsPerPass(of log: EncodedLog, training rows: RowSelection) -> Int {
    let sampled = training.negatives.flatMap {
      NegativeSampling(share: $0, of: log, rows: rows)
    }
    return steps(ofRows: sampled?.rowsPerPass ?? rows.count)
  }

  /// Steps that take so many rows.
  func steps(ofRows count: Int) -> Int {
    let batch = max(1, batch(ofRows: count))
    return (count + batch - 1) / batch
  }

  /// Steps that the average of the weights looks back where a pass has so many; nil where none is
  /// kept.
  func averageHorizon(steps: Int) -> Int? {
    training.weightAverage.map { max(Int(($0 * Double(steps)).rounded()), 1) }
  }

  var workers: WorkerGroup { WorkerGroup(workerCount: training.workers) }
}

extension [FeatureDefinition] {
  /// The columns of vectors, for queries.
  var vectorColumns: [String] {
    compactMap { if case .vector = $0.encoding { $0.column } else { nil } }
  }
}

extension RunConfiguration.Rows {
  /// These rows as a query names them.
  var source: LogQuery.Source {
    switch self {
    case .relation(let relation): .table(schema: relation.schema, name: relation.name)
    case .query(let text): .query(text)
    }
  }
}
