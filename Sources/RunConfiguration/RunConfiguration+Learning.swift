public import Combiners
public import Networks
public import Optimizers
public import RankingMetrics

// Each section's JSON has the keys of a configuration file, so that checked values decode as they
// stand.

extension RunConfiguration {
  /// The network's form.
  public struct Network: Codable, Sendable, Equatable {
    /// Of no meaning while ``automatic`` is there.
    public var architecture: Architecture
    public var settings: NetworkSettings
    /// Where the architecture is to be chosen from the log; nil where it stands.
    public var automatic: Automatic?

    /// `architecture: auto`.
    public struct Automatic: Codable, Sendable, Equatable {
      /// Whether the number of experts was set, and so isn't chosen.
      public var keepsExperts: Bool

      public init(keepsExperts: Bool = false) { self.keepsExperts = keepsExperts }
    }

    public init(architecture: Architecture = .mmoe, settings: NetworkSettings = NetworkSettings()) {
      self.architecture = architecture
      self.settings = settings
    }

    /// What the configuration calls the architecture.
    public var name: String { automatic == nil ? architecture.rawValue : Self.automaticName }

    private static let automaticName = "auto"

    private enum CodingKeys: String, CodingKey {
      case architecture
      case keepsExperts = "keeps_experts"
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if try container.decode(String.self, forKey: .architecture) == Self.automaticName {
        architecture = .mmoe
        automatic = Automatic(
          keepsExperts: try container.decodeIfPresent(Bool.self, forKey: .keepsExperts) ?? false)
      } else {
        architecture = try container.decode(Architecture.self, forKey: .architecture)
      }
      settings = try NetworkSettings(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .architecture)
      if automatic?.keepsExperts == true { try container.encode(true, forKey: .keepsExperts) }
      try settings.encode(to: encoder)
    }
  }

  /// How the tasks' losses or gradients become one step.
  public struct Combiner: Codable, Sendable, Equatable {
    public var kind: CombinerKind
    /// Those that the kind takes; the static combiner's weights win over those of the tasks.
    public var settings: CombinerSettings

    public init(
      kind: CombinerKind = .staticWeights, settings: CombinerSettings = CombinerSettings()
    ) {
      self.kind = kind
      self.settings = settings
    }

    private enum CodingKeys: String, CodingKey { case kind }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      kind = try container.decode(CombinerKind.self, forKey: .kind)
      settings = try CombinerSettings(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(kind, forKey: .kind)
      try settings.encode(to: encoder)
    }
  }

  /// How a step moves the parameters.
  public struct Optimizer: Codable, Sendable, Equatable {
    public var rule: Optimizers.Optimizer
    /// Longest gradient of a step, Euclidean; nil leaves gradients as they are.
    public var clipNorm: Double?
    public var schedule: LearningRateSchedule

    public init(
      rule: Optimizers.Optimizer = Optimizers.Optimizer(), clipNorm: Double? = nil,
      schedule: LearningRateSchedule = LearningRateSchedule()
    ) {
      self.rule = rule
      self.clipNorm = clipNorm
      self.schedule = schedule
    }

    private enum CodingKeys: String, CodingKey { case clipNorm = "clip_norm" }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      rule = try Optimizers.Optimizer(from: decoder)
      clipNorm = try container.decodeIfPresent(Double.self, forKey: .clipNorm)
      schedule = try LearningRateSchedule(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try rule.encode(to: encoder)
      try container.encodeIfPresent(clipNorm, forKey: .clipNorm)
      try schedule.encode(to: encoder)
    }
  }

  /// How long and how wide to train.
  public struct Training: Codable, Sendable, Equatable {
    /// Ends training when the validation rows stop improving.
    public struct EarlyStopping: Codable, Sendable, Equatable {
      /// What stops.
      public enum Unit: String, Codable, Sendable {
        /// The run, which goes back to its best pass.
        case run
        /// Each task by itself: nothing that its loss trains changes after its best pass.
        case task
      }

      /// Epochs without improvement to wait for a better one.
      public var patience: Int
      public var rule: ValidationRule
      public var by: Unit

      public init(patience: Int = 1, rule: ValidationRule = .meanAUC, by: Unit = .run) {
        self.patience = patience
        self.rule = rule
        self.by = by
      }

      private enum CodingKeys: String, CodingKey { case patience, rule, by }

      public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        patience = try values.decode(Int.self, forKey: .patience)
        rule = try values.decode(ValidationRule.self, forKey: .rule)
        // Older models' lack it.
        by = try values.decodeIfPresent(Unit.self, forKey: .by) ?? .run
      }
    }

    /// Rows of one step.
    public var batch: Int
    public var epochs: Int
    public var seed: UInt64
    /// Threads; nil is one for each core.
    public var workers: Int?
    /// Rows that a worker takes through the network at a time.
    public var microBatch: Int
    /// Whether each epoch takes the rows in a new random order.
    public var shuffle: Bool
    /// Share of the training rows without a positive label that each epoch draws, in `0...1`, above 0; nil
    /// for all.
    public var negatives: Double?
    /// Memory that a run may take, in bytes; nil is what the machine has.
    public var memory: Int?
    public var earlyStopping: EarlyStopping?
    /// Passes that a moving average of the weights looks back, which is then the model; nil takes the
    /// weights of the last step.
    public var weightAverage: Double?
    /// How each task's scores are calibrated on the validation rows when training ends; nil leaves them.
    public var calibration: ScoreCalibration.Kind?

    public init(
      batch: Int = 4096, epochs: Int = 3, seed: UInt64 = 7, workers: Int? = nil,
      microBatch: Int = 128, shuffle: Bool = true, negatives: Double? = nil, memory: Int? = nil,
      earlyStopping: EarlyStopping? = nil, weightAverage: Double? = nil,
      calibration: ScoreCalibration.Kind? = nil
    ) {
      self.batch = batch
      self.epochs = epochs
      self.seed = seed
      self.workers = workers
      self.microBatch = microBatch
      self.shuffle = shuffle
      self.negatives = negatives
      self.memory = memory
      self.earlyStopping = earlyStopping
      self.weightAverage = weightAverage
      self.calibration = calibration
    }

    private enum CodingKeys: String, CodingKey {
      case batch, epochs, seed, workers, shuffle, negatives, memory, calibration
      case microBatch = "micro_batch"
      case earlyStopping = "early_stopping"
      case weightAverage = "weight_average"
    }
  }
}
