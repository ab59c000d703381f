/// Every combiner that a run configuration can name.
public enum CombinerKind: String, CaseIterable, Codable, Sendable {
  case staticWeights = "static"
  case uncertainty
  case pcgrad
  case metabalance

  /// What a combiner needs to see of a step, and so what a step costs.
  public enum Family: String, CaseIterable, Codable, Sendable {
    /// Losses alone: one backward pass.
    case losses
    /// The inner products of the tasks' gradients: a backward pass for each task.
    case gradients
    /// The tasks' gradients block by block: a backward pass for each task.
    case elements
  }

  /// What this kind needs to see of a step.
  public var family: Family {
    switch self {
    case .staticWeights, .uncertainty: .losses
    case .pcgrad: .gradients
    case .metabalance: .elements
    }
  }

  /// The settings that this kind takes, by their names in a run configuration.
  public var settingNames: [String] {
    switch self {
    case .staticWeights: ["weights"]
    case .uncertainty: ["form", "learning_rate", "lowest"]
    case .pcgrad: []
    case .metabalance: ["main", "strategy", "relax", "beta"]
    }
  }

  /// A fresh combiner of this kind for the given tasks.
  ///
  /// Settings left out take the defaults of the combiner's own initialiser; `seed` fixes what a
  /// combiner draws at random.
  /// - Throws: ``CombinerError`` where a setting is out of range, is not one that this kind takes,
  ///   names an unknown task, or is missing.
  public func make(
    settings: CombinerSettings = CombinerSettings(), taskNames: [String], seed: UInt64
  ) throws(CombinerError) -> Combining {
    for name in settings.names where !settingNames.contains(name) {
      throw .unusedSetting(name: name, combiner: rawValue, taken: settingNames)
    }
    switch self {
    case .staticWeights:
      return .losses(try StaticWeights(settings.weights(of: taskNames)))
    case .uncertainty:
      let usual = try UncertaintyWeighting(taskCount: taskNames.count)
      return .losses(
        try UncertaintyWeighting(
          taskCount: taskNames.count, form: settings.form ?? usual.form,
          learningRate: settings.learningRate ?? usual.learningRate,
          lowest: settings.lowest ?? usual.lowest))
    case .pcgrad:
      return .gradients(PCGrad(seed: seed))
    case .metabalance:
      guard let main = settings.main else {
        throw .missingSetting(name: "main", combiner: rawValue)
      }
      guard let index = taskNames.firstIndex(of: main) else {
        throw .unknownTask(main, known: taskNames)
      }
      let usual = try MetaBalance(taskCount: taskNames.count, main: index)
      return .elements(
        try MetaBalance(
          taskCount: taskNames.count, main: index, strategy: settings.strategy ?? usual.strategy,
          relax: settings.relax ?? usual.relax, beta: settings.beta ?? usual.beta))
    }
  }
}
