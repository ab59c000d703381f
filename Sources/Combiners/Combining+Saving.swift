extension Combining: Encodable {
  /// Writes what the combiner has learnt so far; ``SavedCombining`` reads it.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .losses(let rule): try rule.encode(to: encoder)
    case .gradients(let rule, _): try rule.encode(to: encoder)
    case .elements(let rule, _): try rule.encode(to: encoder)
    }
  }
}

/// The state of a combiner as it was encoded, of a kind that only a fresh one tells.
public struct SavedCombining: Decodable {
  private let decoder: any Decoder

  public init(from decoder: any Decoder) throws { self.decoder = decoder }

  /// A combiner of the same kind and use as `fresh`, in the saved state.
  ///
  /// - Parameter fresh: A combiner with the settings of the run that was saved.
  /// - Returns: The combiner as it was.
  /// - Throws: `DecodingError` where the state is of another kind.
  public func restored(_ fresh: Combining) throws -> Combining {
    func read<Rule: Decodable>(_ rule: Rule) throws -> Rule { try Rule(from: decoder) }
    return switch fresh {
    case .losses(let rule): .losses(try read(rule))
    case .gradients(let rule, let use): .gradients(try read(rule), use)
    case .elements(let rule, let scope): .elements(try read(rule), scope: scope)
    }
  }
}
