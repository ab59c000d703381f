/// Every parameter update that a run configuration can name.
public enum OptimizerKind: String, Codable, Sendable, CaseIterable {
  case adam, adamw, adagrad, sgd

  /// The settings that this kind takes, by their names in a run configuration.
  public var settingNames: [String] {
    switch self {
    case .adam, .adamw: ["learning_rate", "weight_decay", "beta1", "beta2", "epsilon"]
    case .adagrad: ["learning_rate", "weight_decay", "epsilon"]
    case .sgd: ["learning_rate", "momentum", "weight_decay"]
    }
  }

  package var isAdam: Bool { self == .adam || self == .adamw }
}
