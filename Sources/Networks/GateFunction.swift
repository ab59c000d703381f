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

extension GateFunction: Codable {
  private enum CodingKeys: String, CodingKey { case kind }

  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(Kind.self) {
      self.init(name)
      return
    }
    switch try decoder.container(keyedBy: CodingKeys.self).decode(Kind.self, forKey: .kind) {
    case .softmax: self = .softmax
    case .dselectK: self = .dselectK(try DSelectK(from: decoder))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    if self == GateFunction(kind) {
      var container = encoder.singleValueContainer()
      return try container.encode(kind)
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    switch self {
    case .softmax: break
    case .dselectK(let settings): try settings.encode(to: encoder)
    }
  }
}
