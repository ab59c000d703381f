/// The settings of all combiners; each kind takes some of them and refuses the others.
public struct CombinerSettings: Codable, Sendable, Equatable {
  /// For ``StaticWeights``: tasks' weights, `≥ 0`; a task left out weighs 1.
  public var weights: [String: Double]?
  /// For ``MetaBalance``: the task that the others serve.
  public var main: String?
  /// For ``MetaBalance``: when an auxiliary gradient is changed.
  public var strategy: MetaBalance.Strategy?
  /// For ``MetaBalance``: how far an auxiliary gradient goes to the main one's size, `0...1`.
  public var relax: Double?
  /// For ``MetaBalance``: how much of a norm's average a step keeps, `0..<1`.
  public var beta: Double?
  /// For ``UncertaintyWeighting``: which likelihood the losses stand for.
  public var form: UncertaintyWeighting.Form?
  /// For ``UncertaintyWeighting``: the rate at which the uncertainties learn, `> 0`.
  public var learningRate: Double?
  /// For ``UncertaintyWeighting``: the least log variance, `< 0`.
  public var lowest: Double?

  private enum CodingKeys: String, CodingKey {
    case weights, main, strategy, relax, beta, form
    case learningRate = "learning_rate"
    case lowest
  }

  /// Creates settings; those left out take the combiner's defaults.
  public init(
    weights: [String: Double]? = nil, main: String? = nil, strategy: MetaBalance.Strategy? = nil,
    relax: Double? = nil, beta: Double? = nil, form: UncertaintyWeighting.Form? = nil,
    learningRate: Double? = nil, lowest: Double? = nil
  ) {
    self.weights = weights
    self.main = main
    self.strategy = strategy
    self.relax = relax
    self.beta = beta
    self.form = form
    self.learningRate = learningRate
    self.lowest = lowest
  }

  /// The names of the settings that are there, as a run configuration writes them.
  var names: [String] {
    let present: [(CodingKeys, Bool)] = [
      (.weights, weights != nil), (.main, main != nil), (.strategy, strategy != nil),
      (.relax, relax != nil), (.beta, beta != nil), (.form, form != nil),
      (.learningRate, learningRate != nil), (.lowest, lowest != nil),
    ]
    return present.filter(\.1).map(\.0.rawValue)
  }

  /// The weights in the order of the tasks.
  func weights(of taskNames: [String]) throws(CombinerError) -> [Double] {
    let named = weights ?? [:]
    for name in named.keys.sorted() where !taskNames.contains(name) {
      throw .unknownTask(name, known: taskNames)
    }
    return taskNames.map { named[$0] ?? 1 }
  }
}
