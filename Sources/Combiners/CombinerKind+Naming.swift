extension CombinerKind {
  /// The kind that a person means.
  ///
  /// Capitals, spaces and signs don't matter, and common names of a method count as its own. Nil for
  /// names of nothing.
  public init?(named name: String) {
    let wanted = Self.plain(name)
    let others: [String: CombinerKind] = [
      "equal": .staticWeights, "equalweights": .staticWeights, "uniform": .staticWeights,
      "sum": .staticWeights, "linear": .staticWeights, "kendall": .uncertainty,
      "uw": .uncertainty, "uncertaintyweighting": .uncertainty,
    ]
    guard
      let kind = Self.allCases.first(where: {
        Self.plain($0.rawValue) == wanted || Self.plain($0.profile.title) == wanted
      }) ?? others[wanted]
    else { return nil }
    self = kind
  }

  private static func plain(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}
