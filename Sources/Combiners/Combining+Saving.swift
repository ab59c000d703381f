extension Combining: Encodable {
  /// Writes what the combiner has learnt so far; ``SavedCombining`` reads it.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .losses(let rule): try rule.encode(to: encoder)
    case .preferences(let rule): try rule.encode(to: encoder)
    case .gradients(let rule, _): try rule.encode(to: encoder)
    case .elements(let rule, _): try rule.encode(to: encoder)
    }
  }
}

/// Reads the state of a combiner, whose kind and use only a fresh one tells.
///
/// The decoder's `userInfo` must have a fresh combiner, with the settings of the run that was saved,
/// under ``fresh``.
public struct SavedCombining: Decodable {
  /// Where the decoder's `userInfo` has the fresh combiner.
  public static let fresh: CodingUserInfoKey = {
    guard let key = CodingUserInfoKey(rawValue: "fresh combiner") else {
      preconditionFailure("a name that is no key")
    }
    return key
  }()

  /// The combiner as it was saved.
  public let combining: Combining

  public init(from decoder: any Decoder) throws {
    guard let fresh = decoder.userInfo[Self.fresh] as? Combining else {
      preconditionFailure("no fresh combiner in the decoder's userInfo")
    }
    func read<Rule: Decodable>(_ rule: Rule) throws -> Rule { try Rule(from: decoder) }
    combining =
      switch fresh {
      case .losses(let rule): .losses(try read(rule))
      case .preferences(let rule): .preferences(try read(rule))
      case .gradients(let rule, let use): .gradients(try read(rule), use)
      case .elements(let rule, let scope): .elements(try read(rule), scope: scope)
      }
  }
}
