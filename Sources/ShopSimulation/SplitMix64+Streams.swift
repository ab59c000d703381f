import Randomness

/// Every user, item and request has a generator of its own, made from the seed, the kind of thing
/// and its number. What is drawn for one therefore never depends on the others, on the order in
/// which they are made, or on how the log is cut into chunks.
extension SplitMix64 {
  /// What a generator draws for; each kind has its own streams.
  enum Stream: UInt64 {
    case user = 1, item, effects, request, calibration, candidates, laterEffects
  }

  /// The generator of one thing of a kind.
  init(seed: UInt64, stream: Stream, index: Int) {
    self = .derived(
      from: seed &+ SplitMix64.increment &* stream.rawValue, for: UInt64(bitPattern: Int64(index)))
  }

  /// A whole number in `0..<bound`, all about equally likely.
  mutating func index(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
