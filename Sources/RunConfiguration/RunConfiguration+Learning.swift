extension RunConfiguration {
  /// The network's form.
  public struct Network: Codable, Sendable, Equatable {
    public enum Architecture: String, Codable, Sendable, CaseIterable {
      case singleTask = "single_task"
      case sharedBottom = "shared_bottom"
      case mmoe
    }
    public enum Activation: String, Codable, Sendable, CaseIterable { case relu, gelu }

    public var architecture: Architecture
    /// Number of experts; of use to MMoE alone.
    public var experts: Int
    /// Widths of an expert's layers; of use to MMoE alone.
    public var expert: [Int]
    /// Widths of the trunk's layers; of no use to MMoE.
    public var bottom: [Int]
    /// Widths of a task's own layers, before its one output; may be empty.
    public var tower: [Int]
    public var activation: Activation
    /// Share of hidden values dropped while training, in `0..<1`.
    public var dropout: Double

    public init(
      architecture: Architecture = .mmoe, experts: Int = 4, expert: [Int] = [256, 128],
      bottom: [Int] = [256, 128], tower: [Int] = [64], activation: Activation = .relu,
      dropout: Double = 0
    ) {
      self.architecture = architecture
      self.experts = experts
      self.expert = expert
      self.bottom = bottom
      self.tower = tower
      self.activation = activation
      self.dropout = dropout
    }
  }

  /// How the tasks' losses or gradients become one step, each rule with its settings.
  public enum Combiner: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
      case weighted = "static"
      case uncertainty, pcgrad, metabalance
    }
    /// What MetaBalance does to gradients of another size than the main task's.
    public enum Strategy: String, Codable, Sendable, CaseIterable {
      /// Only shrinks larger ones.
      case a
      /// Only enlarges smaller ones.
      case b
      /// Both.
      case c
    }

    /// Losses by fixed weights; tasks without one here keep their own weight.
    case weighted(weights: [String: Double])
    /// Losses by learnt uncertainty.
    case uncertainty(learningRate: Double = 0.01)
    case pcgrad
    /// Gradients drawn to the size of the main task's: `relax` and `beta` in `0...1`.
    case metabalance(main: String, strategy: Strategy = .c, relax: Double = 0.7, beta: Double = 0.9)

    public var kind: Kind {
      switch self {
      case .weighted: .weighted
      case .uncertainty: .uncertainty
      case .pcgrad: .pcgrad
      case .metabalance: .metabalance
      }
    }
  }

  /// How a step moves the parameters.
  public struct Optimizer: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable { case adam, adamw, adagrad, sgd }

    /// The rule with the settings of its own.
    public enum Rule: Codable, Sendable, Equatable {
      case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
      case adamw(
        beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0.01)
      case adagrad(epsilon: Double = 1e-10)
      case sgd(momentum: Double = 0, weightDecay: Double = 0)

      public var kind: Kind {
        switch self {
        case .adam: .adam
        case .adamw: .adamw
        case .adagrad: .adagrad
        case .sgd: .sgd
        }
      }
    }

    public enum Schedule: String, Codable, Sendable, CaseIterable { case constant, cosine }

    public var rule: Rule
    /// Above 0.
    public var learningRate: Double
    /// Longest gradient of a step, Euclidean; nil leaves gradients as they are.
    public var clipNorm: Double?
    public var schedule: Schedule
    /// Steps over which the learning rate rises from zero.
    public var warmUpSteps: Int
    /// Share of the learning rate that the cosine ends at, in `0...1`.
    public var finalShare: Double

    /// `learningRate` nil takes the rule's usual one: 0.001 for Adam and AdamW, else 0.01.
    public init(
      rule: Rule = .adam(), learningRate: Double? = nil, clipNorm: Double? = nil,
      schedule: Schedule = .constant, warmUpSteps: Int = 0, finalShare: Double = 0
    ) {
      self.rule = rule
      let usual =
        switch rule {
        case .adam, .adamw: 0.001
        case .adagrad, .sgd: 0.01
        }
      self.learningRate = learningRate ?? usual
      self.clipNorm = clipNorm
      self.schedule = schedule
      self.warmUpSteps = warmUpSteps
      self.finalShare = finalShare
    }
  }

  /// How long and how wide to train.
  public struct Training: Codable, Sendable, Equatable {
    /// Ends training when the validation rows stop improving.
    public struct EarlyStopping: Codable, Sendable, Equatable {
      public enum Rule: String, Codable, Sendable, CaseIterable {
        case meanAUC = "mean_auc"
        case worstAUC = "worst_auc"
        case meanLogLoss = "mean_log_loss"
      }
      /// Epochs without improvement to wait for a better one.
      public var patience: Int
      public var rule: Rule

      public init(patience: Int = 1, rule: Rule = .meanAUC) {
        self.patience = patience
        self.rule = rule
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
    public var earlyStopping: EarlyStopping?

    public init(
      batch: Int = 4096, epochs: Int = 3, seed: UInt64 = 7, workers: Int? = nil,
      microBatch: Int = 128, shuffle: Bool = true, earlyStopping: EarlyStopping? = nil
    ) {
      self.batch = batch
      self.epochs = epochs
      self.seed = seed
      self.workers = workers
      self.microBatch = microBatch
      self.shuffle = shuffle
      self.earlyStopping = earlyStopping
    }
  }
}
