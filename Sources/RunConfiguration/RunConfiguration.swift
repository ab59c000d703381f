internal import Combiners
public import Interactions

/// What one run reads, learns and writes: a configuration file, checked and typed.
///
/// Its JSON form belongs into model files: it holds every value, defaults included, and never a
/// password (see ``DatabaseAddress``).
public struct RunConfiguration: Codable, Sendable, Equatable {
  /// The database; nil leaves it to `PG*` variables and the private server.
  public var database: DatabaseAddress?
  public var impressions: Impressions
  /// At least one.
  public var tasks: [TaskDefinition]
  /// At least one, with distinct names.
  public var features: [FeatureDefinition]
  public var split: Split
  public var network: Network
  public var combiner: Combiner
  public var optimizer: Optimizer
  public var training: Training
  /// What to score; nil where the run only trains.
  public var scoring: Scoring?
  public var output: Output
  public var limits: Limits
  public var nightly: Nightly

  public init(
    database: DatabaseAddress? = nil, impressions: Impressions, tasks: [TaskDefinition],
    features: [FeatureDefinition], split: Split = .standard, network: Network = Network(),
    combiner: Combiner = Combiner(), optimizer: Optimizer = Optimizer(),
    training: Training = Training(), scoring: Scoring? = nil, output: Output = Output(),
    limits: Limits = Limits(), nightly: Nightly = Nightly()
  ) {
    self.database = database
    self.impressions = impressions
    self.tasks = tasks
    self.features = features
    self.split = split
    self.network = network
    self.combiner = combiner
    self.optimizer = optimizer
    self.training = training
    self.scoring = scoring
    self.output = output
    self.limits = limits
    self.nightly = nightly
  }

  // Models of before there were limits and nights have neither.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      database: try container.decodeIfPresent(DatabaseAddress.self, forKey: .database),
      impressions: try container.decode(Impressions.self, forKey: .impressions),
      tasks: try container.decode([TaskDefinition].self, forKey: .tasks),
      features: try container.decode([FeatureDefinition].self, forKey: .features),
      split: try container.decode(Split.self, forKey: .split),
      network: try container.decode(Network.self, forKey: .network),
      combiner: try container.decode(Combiner.self, forKey: .combiner),
      optimizer: try container.decode(Optimizer.self, forKey: .optimizer),
      training: try container.decode(Training.self, forKey: .training),
      scoring: try container.decodeIfPresent(Scoring.self, forKey: .scoring),
      output: try container.decode(Output.self, forKey: .output),
      limits: try container.decodeIfPresent(Limits.self, forKey: .limits) ?? Limits(),
      nightly: try container.decodeIfPresent(Nightly.self, forKey: .nightly) ?? Nightly())
  }

  /// The static weight of each task's loss, in the order of ``tasks``.
  ///
  /// The static combiner's own weights win over those of the tasks.
  public var taskWeights: [Double] {
    var named: [String: Double] = [:]
    if case .byTask(let weights)? = combiner.settings[.weights] { named = weights }
    return tasks.map { named[$0.name] ?? $0.weight }
  }
}
