public import Combiners

/// A combiner with all that must be kept from one step to the next.
public struct CombiningState: Sendable {
  public internal(set) var combining: Combining
  /// Each task's mean loss in its newest step, in nats; nil before its first.
  var newestLosses: [Double?]
  /// The gradient weights that hold until they are found anew, by task; nil before the first.
  var heldWeights: [Double?]

  /// The state of a fresh run.
  public init(_ combining: Combining, taskCount: Int) {
    self.combining = combining
    newestLosses = Array(repeating: nil, count: taskCount)
    heldWeights = Array(repeating: nil, count: taskCount)
  }
}

/// Saved with the model; ``SavedCombiningState`` reads it.
extension CombiningState: Encodable {
  enum CodingKeys: String, CodingKey {
    case combining
    case newestLosses = "newest_losses"
    case heldWeights = "held_weights"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(combining, forKey: .combining)
    try container.encode(newestLosses, forKey: .newestLosses)
    try container.encode(heldWeights, forKey: .heldWeights)
  }
}

/// A ``CombiningState`` as it was encoded, of a combiner that only a fresh one tells the kind of.
public struct SavedCombiningState: Decodable {
  private let combining: SavedCombining
  private let newestLosses: [Double?]
  private let heldWeights: [Double?]

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CombiningState.CodingKeys.self)
    combining = try container.decode(SavedCombining.self, forKey: .combining)
    newestLosses = try container.decode([Double?].self, forKey: .newestLosses)
    heldWeights = try container.decode([Double?].self, forKey: .heldWeights)
  }

  /// The state that was saved.
  ///
  /// - Parameter fresh: A combiner with the settings of the run that was saved.
  /// - Returns: The state to go on from.
  /// - Throws: `DecodingError` where the state is of another kind of combiner.
  public func restored(_ fresh: Combining) throws -> CombiningState {
    var state = CombiningState(try combining.restored(fresh), taskCount: newestLosses.count)
    state.newestLosses = newestLosses
    state.heldWeights = heldWeights
    return state
  }
}
