internal import Randomness

/// The rows of a log that a run trains on.
public enum TrainingRows: Sendable {
  /// A stretch of rows, as splits by time give.
  case range(Range<Int>)
  /// Any rows, as random splits give.
  case list([UInt32])

  public var count: Int {
    switch self {
    case .range(let range): range.count
    case .list(let rows): rows.count
    }
  }

  /// The rows in their own order, or in the random order that a seed and a pass stand for.
  func order(shuffled: (seed: UInt64, epoch: UInt64)?) -> [UInt32] {
    var order: [UInt32] =
      switch self {
      case .range(let range): range.map { UInt32($0) }
      case .list(let rows): rows
      }
    if let shuffled {
      var generator = SplitMix64.derived(from: shuffled.seed, for: 2, shuffled.epoch)
      order.shuffle(using: &generator)
    }
    return order
  }
}
