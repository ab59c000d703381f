internal import Combiners
internal import Interactions
internal import Logging
internal import Networks
internal import Optimizers
internal import PostgresLogs
public import RunConfiguration
public import Tuning

/// Searches settings of a configuration for those that are best on the validation rows.
///
/// Trials go side by side on rows that are read once, and are kept, so that an interrupted search goes on.
/// The configuration as it stands is the trial of number 0. The test rows have no part in the
/// choice; where they are asked for, the chosen settings alone are told on them.
public struct TuneJob {
  /// Answers the configuration with settings on top, as `--set` takes them; with none, as it stands.
  public var overriding: ([String]) throws -> RunConfiguration
  /// What may change; nil takes ``standardSpace(of:method:)``.
  public var space: SearchSpace?
  public var method = Search.Method.tpe
  /// Points of the space to try, at least one, beside the configuration as it stands; all, where the space
  /// has no more.
  public var trials = 30
  /// How many seeds the best few, the configuration as it stands and single-task networks are trained
  /// from, beginning with the configuration's.
  public var seeds = 1
  /// Of the search: which points are tried.
  public var seed: UInt64 = 1
  public var objective = Objective.worstGain
  /// Whether the chosen settings are told on the test rows.
  public var tests = false
  /// Reads the database and trains again, whatever is kept from before.
  public var fresh = false
  /// Runs at the same time, each with a model of its own in memory; nil is one for each core.
  public var atOnce: Int?
  /// Where encoded logs are kept.
  public var columnDirectory = ".paretorank/columns"
  /// Where results of training runs are kept.
  public var trialDirectory = ".paretorank/trials"

  /// How many of the best points are trained from every seed.
  public static let finalistCount = 3

  /// A search over what `overriding` makes of a configuration.
  public init(overriding: @escaping ([String]) throws -> RunConfiguration) {
    self.overriding = overriding
  }

  /// The settings that a search tries where nobody names any.
  ///
  /// Learning rates a tenth to ten times the usual one, the network's form, dropout, and, where the
  /// method doesn't decide on it, the number of epochs.
  public static func standardSpace(
    of configuration: RunConfiguration, method: Search.Method
  ) -> [String] {
    let mixtures = ["mmoe", "ple", "stem"]
    let needsExperts = configuration.network.settings.needExperts
    let architectures = needsExperts ? mixtures : ["shared_bottom"] + mixtures
    let isAdam = configuration.optimizer.rule.kind.isAdam
    return [
      "optimizer.learning_rate=log:" + (isAdam ? "1e-4..1e-2" : "1e-3..1e-1"),
      "network.architecture=" + architectures.joined(separator: ","), "network.dropout=0..0.3",
    ] + (method == .halving ? [] : ["training.epochs=1..4"])
  }

  /// Trains what has not been trained yet and chooses.
  ///
  /// - Throws: `SearchSpaceError` for keys that can't be searched and values that don't fit,
  ///   ``JobError/missingConfiguration(_:)`` without validation rows, or test rows where they are asked
  ///   for, ``JobError/badData(_:)`` where the validation rows have no AUC, the failure of the runs where
  ///   all fail, and the errors of the parts.
  public func run(_ context: JobContext) throws -> Report {
    precondition(trials > 0 && seeds > 0)
    let base = try overriding([])
    let space = try checkedSpace(of: base, context)
    try base.split.requireValidation(to: "choose settings by")
    let notes = try RunNotes(.tune, base, context: context)
    return try notes.following {
      let start = ContinuousClock.now
      let data = try TrainingData(
        base, context: context, columnDirectory: columnDirectory, fresh: fresh)
      try data.requireBothLabels(of: base.tasks.map(\.name))
      guard !tests || data.rowCount(of: .test) > 0 else {
        throw JobError.missingConfiguration(
          "the split has no test rows to tell the chosen settings on: set split.test")
      }
      let pool = try TrialPool(
        data, context: context, directory: trialDirectory, atOnce: atOnce, fresh: fresh)
      if base.network.automatic == nil, let open = try openConfiguration(in: space) {
        data.tellChoice(for: open, context)
      }
      // A trial that searches the architecture keeps the rest of what auto stands for.
      let chosen = data.resolved(base)
      var job = self
      if let count = space.pointCount, count < trials {
        context.logger.info("the space has only \(count) points; all are tried")
        job.trials = count
      }
      var search = TuneSearch(
        job: job, base: base, chosen: chosen, space: space, pool: pool, context: context)
      try search.run()
      var report = try search.report()
      report.seconds = start.duration(to: .now) / .seconds(1)
      return (report, data.rowCount(of: .train))
    }
  }

  /// The space, of which every end and choice fits by itself.
  private func checkedSpace(
    of base: RunConfiguration, _ context: JobContext
  ) throws -> SearchSpace {
    let standard = Self.standardSpace(of: base, method: method)
    let space = try self.space ?? SearchSpace(standard.map { try SearchDimension($0) })
    if self.space == nil {
      let searches = standard.map { "--search \($0)" }.joined(separator: " ")
      context.logger.info("nobody said what to search: \(searches)")
    }
    for dimension in space.dimensions {
      let section = String(dimension.path.prefix { $0 != "." })
      if Self.rowSections.contains(section) {
        throw SearchSpaceError.notTraining(path: dimension.path)
      }
      let configurations = try dimension.probes.map { value in
        let configuration = try checked(value, of: dimension.path, base)
        if let reason = reasonAgainst(configuration, at: dimension.path, base) {
          throw SearchSpaceError.unfit(path: dimension.path, value: value, reason: reason)
        }
        return configuration
      }
      if let idle = configurations.lazy.compactMap({ $0.idleSetting(dimension.path) }).first,
        !space.dimensions.contains(where: Self.setsArchitecture)
      {
        context.logger.warning("\(idle)")
      }
    }
    if method == .halving, base.training.epochs < 2 {
      throw JobError.missingConfiguration(
        "halving trains most points for a part of training.epochs, of which there is only one; "
          + "--set training.epochs=3, or take another --method")
    }
    return space
  }

  /// The configuration with a value of the space that leaves something to be chosen from the data; nil
  /// where no value does.
  private func openConfiguration(in space: SearchSpace) throws -> RunConfiguration? {
    for dimension in space.dimensions where Self.setsArchitecture(dimension) {
      for value in dimension.probes {
        let configuration = try overriding(["\(dimension.path)=\(value)"])
        if configuration.network.automatic != nil { return configuration }
      }
    }
    return nil
  }

  /// Whether a dimension's values say which architecture it is, alone or in the whole section.
  private static func setsArchitecture(_ dimension: SearchDimension) -> Bool {
    "network.architecture".hasPrefix(dimension.path)
  }

  /// Sections that say which rows there are and what becomes of them.
  private static let rowSections: Set = [
    "database", "impressions", "features", "split", "scoring", "output", "limits", "nightly",
  ]

  /// Why a key can't be searched although its values fit; nil where it can.
  ///
  /// A whole map of settings also sets those that are not in it: to what they are by default.
  private func reasonAgainst(
    _ configuration: RunConfiguration, at path: String, _ base: RunConfiguration
  ) -> String? {
    let (training, former) = (configuration.training, base.training)
    let unfit: [(key: String, isChanged: Bool, reason: String)] = [
      (
        "training.seed", training.seed != former.seed,
        "the best seed is luck; --seeds measures how much"
      ),
      (
        "training.workers", training.workers != former.workers,
        "each trial trains with one thread; others sum in another order"
      ),
      (
        "training.memory", training.memory != former.memory,
        "it is what the machine has to give, not a setting of the model"
      ),
      (
        "training.calibration", training.calibration != former.calibration,
        "trials are compared before their scores are calibrated"
      ),
      (
        "training.epochs", method == .halving && training.epochs != former.epochs,
        "halving decides how long to train; --set training.epochs is its longest"
      ),
    ]
    return unfit.first { $0.isChanged }.map { key, _, reason in
      key == path ? reason : "it changes \(key): \(reason)"
    }
  }

  /// The configuration with a value of the space.
  private func checked(
    _ value: String, of path: String, _ base: RunConfiguration
  ) throws -> RunConfiguration {
    let configuration: RunConfiguration
    do {
      configuration = try overriding(["\(path)=\(value)"])
      _ = try configuration.makeCombining()
    } catch let error as CombinerError {
      throw SearchSpaceError.unfit(path: path, value: value, reason: "\(error)")
    } catch ConfigurationError.invalid(let issues) {
      let reasons = issues.map { issue in
        (issue.path == path ? "" : "\(issue.path): ") + issue.problem
          + Spelling.hint(issue.suggestion)
      }
      let wholes = Self.wholeMaps(instead: path, value, as: issues)
      throw SearchSpaceError.unfit(
        path: path, value: value, reason: (reasons + wholes).joined(separator: "; "))
    }
    guard configuration.readsAndWrites(like: base) else {
      throw SearchSpaceError.notTraining(path: path)
    }
    return configuration
  }

  /// What to search where a value of a key fits and lacks others beside it.
  private static func wholeMaps(
    instead path: String, _ value: String, as issues: [ConfigurationIssue]
  ) -> [String] {
    guard let point = path.lastIndex(of: ".") else { return [] }
    let (map, key) = (path[..<point], path[path.index(after: point)...])
    guard issues.allSatisfy({ $0.path != path && $0.path.hasPrefix("\(map).") }) else { return [] }
    return ["whole maps may be a choice, as in --search '\(map)={\(key): \(value), …},{…}'"]
  }
}

extension RunConfiguration {
  /// Whether another one differs in nothing but how a model is trained.
  fileprivate func readsAndWrites(like other: RunConfiguration) -> Bool {
    var same = other
    same.network = network
    same.combiner = combiner
    same.optimizer = optimizer
    same.training = training
    for (index, task) in tasks.enumerated() where same.tasks.indices.contains(index) {
      same.tasks[index].weight = task.weight
      same.tasks[index].learningRate = task.learningRate
      same.tasks[index].labelSmoothing = task.labelSmoothing
      same.tasks[index].reads = task.reads
    }
    return self == same
  }
}
