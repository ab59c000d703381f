/// How a gate turns what it computes into shares of its experts.
///
/// Its JSON is the name of its kind where all settings are the defaults, or a map of `kind` and them.
public enum GateFunction: Sendable, Equatable {
  /// Each expert has a share above 0; see ``NetworkSettings/gateTemperature``.
  case softmax
  /// A few experts have all.
  case dselectK(DSelectK)

  /// The names of the functions.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case softmax
    case dselectK = "dselect_k"
  }

  /// The function of a kind with its default settings.
  public init(_ kind: Kind) {
    switch kind {
    case .softmax: self = .softmax
    case .dselectK: self = .dselectK(DSelectK())
    }
  }

  public var kind: Kind {
    switch self {
    case .softmax: .softmax
    case .dselectK: .dselectK
    }
  }
}

extension GateFunction: Choice {
  var settings: (any Encodable)? {
    switch self {
    case .softmax: nil
    case .dselectK(let settings): settings
    }
  }

  init(_ kind: Kind, settingsFrom decoder: any Decoder) throws {
    switch kind {
    case .softmax: self = .softmax
    case .dselectK: self = .dselectK(try DSelectK(from: decoder))
    }
  }
}
