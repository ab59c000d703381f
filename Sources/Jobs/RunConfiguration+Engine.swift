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

  /// The combiner with the state of a fresh run.
  func makeCombining() throws(CombinerError) -> Combining {
    let names = tasks.map(\.name)
    switch combiner {
    case .weighted: return .losses(try StaticWeights(taskWeights))
    case .uncertainty(let learningRate):
      return .losses(
        try UncertaintyWeighting(taskCount: names.count, learningRate: learningRate))
    case .pcgrad: return .gradients(PCGrad(seed: training.seed))
    case .metabalance(let main, let strategy, let relax, let beta):
      guard let index = names.firstIndex(of: main) else {
        throw .unknownTask(main, known: names)
      }
      return .elements(
        try MetaBalance(
          taskCount: names.count, main: index,
          strategy: MetaBalance.Strategy(rawValue: strategy.rawValue) ?? .c, relax: relax,
          beta: beta))
    }
  }

  var schedule: TrainingSchedule {
    TrainingSchedule(
      batch: training.batch, epochs: training.epochs, seed: training.seed,
      shuffles: training.shuffle, learningRate: optimizer.learningRateSchedule,
      patience: training.earlyStopping?.patience)
  }

  var workers: WorkerGroup { WorkerGroup(workerCount: training.workers) }
}

extension RunConfiguration.Network {
  /// A network of this form, with no weights yet.
  func make(schema: InputSchema, taskNames: [String]) -> Networks.Network {
    let architecture: Networks.Architecture =
      switch architecture {
      case .singleTask: .singleTask
      case .sharedBottom: .sharedBottom
      case .mmoe: .mmoe
      }
    return architecture.make(
      schema: schema, taskNames: taskNames,
      settings: NetworkSettings(
        experts: experts, expert: expert, bottom: bottom, tower: tower,
        activation: activation == .relu ? .relu : .gelu, dropout: dropout))
  }
}

extension RunConfiguration.Optimizer {
  var update: Optimizers.Optimizer {
    switch rule {
    case .adam(let beta1, let beta2, let epsilon):
      Optimizers.Optimizer(
        kind: .adam, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .adamw(let beta1, let beta2, let epsilon, let weightDecay):
      Optimizers.Optimizer(
        kind: .adamw, learningRate: learningRate, weightDecay: weightDecay, beta1: beta1,
        beta2: beta2, epsilon: epsilon)
    case .adagrad(let epsilon):
      Optimizers.Optimizer(kind: .adagrad, learningRate: learningRate, epsilon: epsilon)
    case .sgd(let momentum, let weightDecay):
      Optimizers.Optimizer(
        kind: .sgd, learningRate: learningRate, weightDecay: weightDecay, momentum: momentum)
    }
  }

  var learningRateSchedule: LearningRateSchedule {
    switch schedule {
    case .constant: .constant
    case .cosine: .cosine(warmUpSteps: warmUpSteps, finalShare: finalShare)
    }
  }
}

extension RunConfiguration.Split {
  var split: Interactions.Split {
    switch self {
    case .recent(let train, let validation, let test):
      .lengths(
        train: train?.microseconds, validation: validation.microseconds,
        test: test.microseconds)
    case .windows(let train, let validation, let test):
      .windows(train: train.timeWindow, validation: validation.timeWindow, test: test.timeWindow)
    case .random(let train, let validation, let test, let seed):
      .random(train: train, validation: validation, test: test, seed: seed)
    }
  }

  /// Rows outside this window are of no use to the split, if the newest row is `newest`.
  func neededWindow(newest: Int64) -> Range<Int64>? {
    switch self {
    case .recent(nil, _, _), .random: nil
    case .recent(let train?, let validation, let test):
      newest + 1 - train.microseconds - validation.microseconds - test.microseconds..<newest + 1
    case .windows(let train, let validation, let test):
      min(train.from, validation.from, test.from)..<max(train.to, validation.to, test.to)
    }
  }
}

extension RunConfiguration.Window {
  var timeWindow: TimeWindow { TimeWindow(from: from, to: to) }
}

extension RunConfiguration.Rows {
  /// The source of these rows that also meet a further condition.
  func source(where condition: String?) -> LogQuery.Source {
    switch (self, condition) {
    case (.relation(let relation), nil): .table(relation.quoted)
    case (.query(let text), nil): .query(text)
    case (.relation(let relation), let condition?):
      .query("SELECT * FROM \(relation.quoted) AS log WHERE \(condition)")
    case (.query(let text), let condition?):
      .query("SELECT * FROM (\n\(text)\n) AS log WHERE \(condition)")
    }
  }
}

extension RunConfiguration.Relation {
  /// Every part in double quotes.
  var quoted: String {
    [schema, name].compactMap(\.self)
      .map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ".")
  }
}
