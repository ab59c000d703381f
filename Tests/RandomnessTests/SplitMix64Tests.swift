import Foundation
import Randomness
import Testing

struct SplitMix64Tests {
  @Test func `gives the published sequence of seed 1234567`() {
    var generator = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect((0..<5).map { _ in generator.next() } == expected)
  }

  @Test func `goes on the same after being encoded`() throws {
    var generator = SplitMix64(seed: .max)
    _ = generator.next()
    var copy = try JSONDecoder().decode(
      SplitMix64.self, from: JSONEncoder().encode(generator))
    #expect(copy == generator)
    #expect((0..<9).map { _ in copy.next() } == (0..<9).map { _ in generator.next() })
  }

  @Test func `derives generators of their own for every purpose`() {
    var first: Set<UInt64> = []
    for seed in 0..<4 as Range<UInt64> {
      for purpose in 0..<4 as Range<UInt64> {
        for index in 0..<64 as Range<UInt64> {
          var generator = SplitMix64.derived(from: seed, for: purpose, index)
          first.insert(generator.next())
        }
      }
    }
    #expect(first.count == 4 * 4 * 64)
    #expect(SplitMix64.derived(from: 3, for: 1, 2) == SplitMix64.derived(from: 3, for: 1, 2))
    #expect(SplitMix64.derived(from: 3, for: 1, 2) != SplitMix64.derived(from: 3, for: 2, 1))
    #expect(SplitMix64.derived(from: 3, for: 1) != SplitMix64.derived(from: 3, for: 1, 0))
  }

  @Test func `draws uniform numbers below 1`() {
    var generator = SplitMix64(seed: 9)
    let count = 20_000
    let values = (0..<count).map { _ in generator.uniform() }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = values.reduce(0, +) / Double(count)
    // Five deviations of the mean, 1 / √12 each draw.
    #expect(abs(mean - 0.5) < 5 / (12 * Double(count)).squareRoot())
    let tenths = values.reduce(into: [Int](repeating: 0, count: 10)) { $0[Int($1 * 10)] += 1 }
    let deviation = (Double(count) * 0.09).squareRoot()
    #expect(tenths.allSatisfy { abs(Double($0 - count / 10)) < 5 * deviation })
  }

  @Test func `draws normal numbers of mean 0 and deviation 1`() {
    var generator = SplitMix64(seed: 9)
    let count = 20_000
    let values = (0..<count).map { _ in generator.normal() }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + $1 * $1 } / Double(count)
    let within = Double(values.count { abs($0) < 1 }) / Double(count)
    #expect(values.allSatisfy { $0.isFinite })
    #expect(abs(mean) < 5 / Double(count).squareRoot())
    #expect(abs(variance - 1) < 5 * (2 / Double(count)).squareRoot())
    // erf(1 / √2) of a normal distribution lies within one deviation.
    #expect(abs(within - erf(0.5.squareRoot())) < 5 * 0.5 / Double(count).squareRoot())
  }
}
