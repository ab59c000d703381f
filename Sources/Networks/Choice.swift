/// A choice among kinds, each with settings of its own.
///
/// Its JSON is the name of its kind where all settings are the defaults, or a map of `kind` and them.
protocol Choice: Codable, Equatable {
  associatedtype Kind: Codable
  var kind: Kind { get }
  /// What goes beside the kind; nil where it has no settings.
  var settings: (any Encodable)? { get }
  /// The choice of a kind with its default settings.
  init(_ kind: Kind)
  /// The choice of a kind with the settings beside it.
  init(_ kind: Kind, settingsFrom decoder: any Decoder) throws
}

private enum ChoiceKeys: String, CodingKey { case kind }

extension Choice {
  public init(from decoder: any Decoder) throws {
    if let kind = try? decoder.singleValueContainer().decode(Kind.self) {
      self.init(kind)
    } else {
      let container = try decoder.container(keyedBy: ChoiceKeys.self)
      try self.init(container.decode(Kind.self, forKey: .kind), settingsFrom: decoder)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    if self == Self(kind) {
      var container = encoder.singleValueContainer()
      try container.encode(kind)
    } else {
      var container = encoder.container(keyedBy: ChoiceKeys.self)
      try container.encode(kind, forKey: .kind)
      try settings?.encode(to: encoder)
    }
  }
}

extension Decoder {
  /// Refuses settings with a problem, as those of a damaged file.
  func require(_ problem: String?) throws {
    guard let problem else { return }
    throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: problem))
  }
}
