import Frontiers
import Randomness
import Testing

struct SeedNoiseTests {
  /// Settings with planted means, a shift of each seed, and noise.
  private static func runs(
    _ settings: Int, seeds: Int, noise: [Double], generator: inout SplitMix64
  ) -> [[[Double]]] {
    let shifts = (0..<seeds).map { _ in 10 * generator.normal() }
    return (0..<settings).map { setting in
      shifts.map { shift in noise.map { Double(setting) + shift + $0 * generator.normal() } }
    }
  }

  @Test func `what settings and seeds have in common is no noise`() throws {
    var generator = SplitMix64(seed: 3)
    let noise = try #require(
      SeedNoise(of: Self.runs(200, seeds: 4, noise: [0.01, 0.3], generator: &generator)))
    #expect(noise.degreesOfFreedom == 597)
    #expect(abs(noise.deviations[0] / 0.01 - 1) < 0.1)
    #expect(abs(noise.deviations[1] / 0.3 - 1) < 0.1)
  }

  @Test func `one seed or one setting tells nothing`() {
    #expect(SeedNoise(of: [[[1, 2]], [[2, 3]]]) == nil)
    #expect(SeedNoise(of: [[[1, 2], [2, 3]]]) == nil)
    #expect(SeedNoise(of: []) == nil)
    #expect(SeedNoise(of: [[[1, 2], [2, 3]], [[1, .nan], [2, 3]]]) == nil)
  }

  @Test func `differences stay within the half-widths nineteen times of twenty`() throws {
    var generator = SplitMix64(seed: 11)
    var covered = 0
    for _ in 0..<400 {
      let runs = Self.runs(6, seeds: 3, noise: [1, 1], generator: &generator)
      let widths = try #require(SeedNoise(of: runs)).halfWidths(comparisons: 5)
      let means = runs.map(SeedNoise.mean)
      let holds = (1..<6).allSatisfy { setting in
        (0..<2).allSatisfy { k in
          abs(means[setting][k] - means[0][k] - Double(setting)) <= widths[k]
        }
      }
      if holds { covered += 1 }
    }
    #expect(covered >= 372 && covered < 400)
  }
}
