import RealModule

/// A small, fast random generator, one for each thing that is drawn.
///
/// Every user, item and request has a generator of its own, made from the seed, the kind of thing
/// and its number. What is drawn for one therefore never depends on the others, on the order in
/// which they are made, or on how the log is cut into chunks.
///
/// Steele, Lea, Flood: *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014.
/// <https://doi.org/10.1145/2660193.2660195>
struct SplitMix64: RandomNumberGenerator {
  /// What a generator draws for; each kind has its own streams.
  enum Stream: UInt64 { case user = 1, item, effects, request, calibration, candidates }

  private var state: UInt64

  init(seed: UInt64, stream: Stream, index: Int) {
    let key = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15 &* stream.rawValue)
    state = Self.mixed(key ^ Self.mixed(UInt64(bitPattern: Int64(index)) &+ 0x632B_E59B_D9B4_E019))
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// A number in `0..<1`, a multiple of 2⁻⁵³.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number of the standard normal distribution (Box and Muller 1958, the cosine half).
  mutating func normal() -> Double {
    let radius = (-2 * Double.log(1 - unit())).squareRoot()
    return radius * Double.cos(2 * Double.pi * unit())
  }

  /// A whole number in `0..<bound`, all about equally likely.
  mutating func index(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
