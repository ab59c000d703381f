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

/// Saved with the model. To read it, a decoder needs a fresh combiner, as ``SavedCombining`` says.
extension CombiningState: Codable {
  private enum CodingKeys: String, CodingKey {
    case combining
    case newestLosses = "newest_losses"
    case heldWeights = "held_weights"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    combining = try container.decode(SavedCombining.self, forKey: .combining).combining
    newestLosses = try container.decode([Double?].self, forKey: .newestLosses)
    heldWeights = try container.decode([Double?].self, forKey: .heldWeights)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(combining, forKey: .combining)
    try container.encode(newestLosses, forKey: .newestLosses)
    try container.encode(heldWeights, forKey: .heldWeights)
  }
}
