/// Sizes and functions of a network; an architecture uses those that it has a place for.
public struct NetworkSettings: Codable, Sendable, Equatable {
  /// Number of experts that all tasks share; of each level, where there are several.
  public var experts: Int
  /// Number of each task's own experts, of each level.
  public var taskExperts: Int
  /// Levels of experts above each other.
  public var levels: Int
  /// Blocks between the input and what reads it, each kind once.
  public var interactions: [InteractionBlock]
  /// Hidden widths of what weighs the elements of lists with ``InputSchema/Pooling/attention``.
  public var attention: [Int]
  /// Hidden widths of each expert, first to last.
  public var expert: [Int]
  /// Hidden widths of a shared bottom, or of each task's own bottom.
  public var bottom: [Int]
  /// Hidden widths of each task's tower; its last layer, one logit, comes on top.
  public var tower: [Int]
  public var activation: ActivationFunction
  /// Share of hidden values that training drops, `0..<1`.
  public var dropout: Double
  /// Share of embeddings that training takes out of a row, each as a whole, `0..<1`.
  public var embeddingDropout: Double
  /// How gates divide a mixture among experts.
  public var gate: GateFunction
  /// What gates' logits are divided by before their softmax, above 0: shares are more even above 1.
  public var gateTemperature: Double
  /// Share of experts that training takes out of a row's mixture, `0..<1`; the others' shares grow.
  public var expertDropout: Double
  /// What uneven use of experts costs, 0 or more; 0 switches it off.
  public var loadBalancing: Double
  public var expertNormalization: ExpertNormalization
  /// What a probability above the predecessor's costs in AITM, 0 or more; 0 switches it off.
  ///
  /// The default is that of Xi et al.'s experiments.
  public var calibrator: Double
  /// How ESCM² estimates costs over all rows.
  public var counterfactual: Counterfactual
  /// What ESCM²'s counterfactual terms weigh beside the cross-entropy, 0 or more.
  public var counterfactualWeight: Double
  /// The smallest probability of a predecessor by which ESCM² divides, above 0 and at most 1.
  public var propensityFloor: Double

  public init(
    experts: Int = 4, taskExperts: Int = 1, levels: Int = 2, expert: [Int] = [256, 128],
    bottom: [Int] = [256, 128], tower: [Int] = [64], activation: ActivationFunction = .relu,
    dropout: Double = 0, embeddingDropout: Double = 0, gate: GateFunction = .softmax,
    gateTemperature: Double = 1, expertDropout: Double = 0, loadBalancing: Double = 0,
    expertNormalization: ExpertNormalization = .none, calibrator: Double = 0.6,
    counterfactual: Counterfactual = .inversePropensity, counterfactualWeight: Double = 1,
    propensityFloor: Double = 0.05, interactions: [InteractionBlock] = [], attention: [Int] = [36]
  ) {
    self.experts = experts
    self.taskExperts = taskExperts
    self.levels = levels
    self.expert = expert
    self.bottom = bottom
    self.tower = tower
    self.activation = activation
    self.dropout = dropout
    self.embeddingDropout = embeddingDropout
    self.gate = gate
    self.gateTemperature = gateTemperature
    self.expertDropout = expertDropout
    self.loadBalancing = loadBalancing
    self.expertNormalization = expertNormalization
    self.calibrator = calibrator
    self.counterfactual = counterfactual
    self.counterfactualWeight = counterfactualWeight
    self.propensityFloor = propensityFloor
    self.interactions = interactions
    self.attention = attention
    let problem = problem
    precondition(problem == nil, problem ?? "")
  }

  /// Whether they say something about mixtures that only an architecture with experts can fulfil.
  public var needExperts: Bool { gate != .softmax || expertNormalization != .none }

  /// What no network can have; nil where all is in its range.
  private var problem: String? {
    guard experts > 0 && taskExperts > 0 && levels > 0 else { return "no experts or no levels" }
    guard (expert + bottom + tower + attention).allSatisfy({ $0 > 0 }) else {
      return "a layer of no width"
    }
    // Layers compute with floats, where a little less than 1 is 1.
    guard [dropout, embeddingDropout, expertDropout].allSatisfy({ $0 >= 0 && Float($0) < 1 }) else {
      return "a dropout rate that is not in 0..<1"
    }
    guard Float(gateTemperature) > 0 else { return "a gate temperature of \(gateTemperature)" }
    guard [loadBalancing, calibrator, counterfactualWeight].allSatisfy({ $0 >= 0 }) else {
      return "a negative weight"
    }
    guard propensityFloor > 0 && propensityFloor <= 1 else {
      return "a propensity floor of \(propensityFloor)"
    }
    guard gate == .softmax || (gateTemperature == 1 && expertDropout == 0) else {
      return "a gate temperature or expert dropout without softmax gates"
    }
    return nil
  }

  private enum CodingKeys: String, CodingKey {
    case experts, levels, expert, bottom, tower, activation, dropout, calibrator, counterfactual
    case interactions, attention, gate
    case embeddingDropout = "embedding_dropout"
    case taskExperts = "task_experts"
    case gateTemperature = "gate_temperature"
    case expertDropout = "expert_dropout"
    case loadBalancing = "load_balancing"
    case expertNormalization = "expert_normalization"
    case counterfactualWeight = "counterfactual_weight"
    case propensityFloor = "propensity_floor"
  }

  /// Reads settings; those that older models' lack have their defaults, and none is out of range.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let usual = NetworkSettings()
    experts = try values.decode(Int.self, forKey: .experts)
    taskExperts = try values.decode(Int.self, forKey: .taskExperts)
    levels = try values.decode(Int.self, forKey: .levels)
    expert = try values.decode([Int].self, forKey: .expert)
    bottom = try values.decode([Int].self, forKey: .bottom)
    tower = try values.decode([Int].self, forKey: .tower)
    activation = try values.decode(ActivationFunction.self, forKey: .activation)
    dropout = try values.decode(Double.self, forKey: .dropout)
    func later<Value: Decodable>(_ key: CodingKeys, _ usual: Value) throws -> Value {
      try values.decodeIfPresent(Value.self, forKey: key) ?? usual
    }
    embeddingDropout = try later(.embeddingDropout, usual.embeddingDropout)
    gate = try later(.gate, usual.gate)
    gateTemperature = try later(.gateTemperature, usual.gateTemperature)
    expertDropout = try later(.expertDropout, usual.expertDropout)
    loadBalancing = try later(.loadBalancing, usual.loadBalancing)
    expertNormalization = try later(.expertNormalization, usual.expertNormalization)
    calibrator = try later(.calibrator, usual.calibrator)
    counterfactual = try later(.counterfactual, usual.counterfactual)
    counterfactualWeight = try later(.counterfactualWeight, usual.counterfactualWeight)
    propensityFloor = try later(.propensityFloor, usual.propensityFloor)
    interactions = try later(.interactions, usual.interactions)
    attention = try later(.attention, usual.attention)
    try decoder.require(problem)
  }
}
