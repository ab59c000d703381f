/// A setting that combiners take, by its name in a run configuration; several kinds share some.
public enum CombinerSetting: String, CaseIterable, Codable, Sendable, CodingKey {
  // Tasks and the weights they begin with.
  case main, weights, of
  case withoutMain = "without_main"
  // Which gradients, and how often.
  case scope, per, every
  // Variants of a method.
  case form, strategy, normalisation, rescale
  // Numbers.
  case alpha, beta, gamma, sigma, lambda, rho, mu, eta, p, c
  case relax, leak, temperature, window, iterations, probe
  case learningRate = "learning_rate"
  case lowest, highest
  case warmUp = "warm_up"
  case concentration, draws
}

/// A value of a setting.
public enum SettingValue: Codable, Sendable, Equatable {
  case flag(Bool)
  case number(Double)
  case text(String)
  /// A number for some of the tasks, by name.
  case byTask([String: Double])

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .byTask(try container.decode([String: Double].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flag(let flag): try container.encode(flag)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .byTask(let numbers): try container.encode(numbers)
    }
  }
}

extension SettingValue: CustomStringConvertible {
  public var description: String {
    switch self {
    case .flag(let flag): "\(flag)"
    case .number(let number):
      number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    case .text(let text): text
    case .byTask(let numbers):
      numbers.keys.sorted().map { "\($0): \(numbers[$0] ?? 0)" }.joined(separator: ", ")
    }
  }
}
