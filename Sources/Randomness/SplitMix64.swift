import Glibc

/// A small seeded generator of random numbers: equal seeds give equal sequences on every machine.
///
/// Steele, Lea, Flood: *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014, figure 16.
public struct SplitMix64: RandomNumberGenerator, Codable, Sendable, Equatable {
  @usableFromInline var state: UInt64

  @inlinable public init(seed: UInt64) { state = seed }

  @inlinable public mutating func next() -> UInt64 {
    state &+= SplitMix64.increment
    return SplitMix64.mixed(state)
  }

  /// A generator for one purpose or index among many that share a seed.
  public static func derived(from seed: UInt64, for purpose: UInt64...) -> SplitMix64 {
    SplitMix64(seed: purpose.reduce(mixed(seed)) { mixed($0 ^ mixed($1 &+ 0x632b_e59b_d9b4_e019)) })
  }

  /// A number uniform in `0..<1`, a multiple of 2⁻⁵³.
  @inlinable public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// What the state grows by with every number: 2⁶⁴ divided by the golden ratio, made odd.
  @inlinable package static var increment: UInt64 { 0x9e37_79b9_7f4a_7c15 }

  /// The generator's output function: a bijection after which similar values have nothing in common.
  @inlinable package static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension SplitMix64 {
  /// A number from the normal distribution with mean 0 and deviation 1.
  ///
  /// Box, Muller: *A Note on the Generation of Random Normal Deviates*, 1958; the second deviate of
  /// each pair is dropped, so that the generator's state is its whole state.
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }
}
