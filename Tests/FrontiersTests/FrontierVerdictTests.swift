import Frontiers
import Randomness
import Testing

struct FrontierVerdictTests {
  private static let swept: [[Double]] = [
    [0.80, 0.60], [0.75, 0.70], [0.60, 0.80], [0.70, 0.65], [.nan, 1],
  ]

  private static func verdict(_ point: [Double], noise: Double = 0.01) throws -> FrontierVerdict {
    try #require(FrontierVerdict(of: point, beside: swept, noise: [noise, noise]))
  }

  @Test func `a point that another beats by more than the noise is behind`() throws {
    let verdict = try Self.verdict([0.72, 0.68])
    #expect(verdict.standing == .behind)
    #expect(abs(verdict.distance + 0.02) < 1e-12)
    #expect(abs(verdict.low + 0.03) < 1e-12)
    #expect(abs(verdict.high + 0.01) < 1e-12)
    #expect(try Self.verdict([0.72, 0.68], noise: 0.03).standing == .withinNoise)
  }

  @Test func `a point that beats one of the frontier by more than the noise is beyond`() throws {
    let verdict = try Self.verdict([0.78, 0.72])
    #expect(verdict.standing == .beyond)
    #expect(abs(verdict.lead - 0.02) < 1e-12)
    #expect(abs(verdict.leadLow - 0.01) < 1e-12)
    #expect(try Self.verdict([0.78, 0.72], noise: 0.03).standing == .withinNoise)
    // To beat a point that another swept point beats is nothing.
    #expect(try Self.verdict([0.73, 0.68]).standing != .beyond)
  }

  @Test func `a trade-off between the swept ones is on the frontier`() throws {
    #expect(try Self.verdict([0.68, 0.76]).standing == .on)
    #expect(try Self.verdict([0.90, 0.40]).standing == .on)
  }

  @Test func `a swept point itself is within noise`() throws {
    let verdict = try Self.verdict([0.75, 0.70])
    #expect(verdict.standing == .withinNoise)
    #expect(verdict.distance == 0)
  }

  @Test func `nothing is said of unknown points or beside nothing`() {
    #expect(FrontierVerdict(of: [.nan, 1], beside: Self.swept, noise: [0, 0]) == nil)
    #expect(FrontierVerdict(of: [1, 1], beside: [[.nan, 1]], noise: [0, 0]) == nil)
  }

  /// Points of a circle, whose measured means are noisy.
  private static func findings(
    of truth: [Double], seeds: Int = 3
  ) throws -> [FrontierVerdict.Standing] {
    var generator = SplitMix64(seed: 21)
    let angles = (0..<15).map { 0.05 + 0.1 * Double($0) }
    let settings = angles.map { [(1 - $0 * $0 / 4), (0.2 + 0.8 * $0 / 1.5)] } + [truth]
    return try (0..<200).map { _ in
      let shifts = (0..<seeds).map { _ in 0.02 * generator.normal() }
      let runs = settings.map { setting in
        shifts.map { shift in setting.map { $0 + shift + 0.01 * generator.normal() } }
      }
      let means = runs.map(SeedNoise.mean)
      let noise = try #require(SeedNoise(of: runs)).halfWidths(comparisons: 15)
      let verdict = FrontierVerdict(of: means[15], beside: Array(means[..<15]), noise: noise)
      return try #require(verdict).standing
    }
  }

  @Test func `a combiner that equals a swept point is hardly ever told from it`() throws {
    let equal = [1 - 0.55 * 0.55 / 4, 0.2 + 0.8 * 0.55 / 1.5]
    let findings = try Self.findings(of: equal)
    #expect(findings.count { $0 == .behind || $0 == .beyond } <= 10)
  }

  @Test func `planted combiners before and behind the frontier are found`() throws {
    let place = [1 - 0.55 * 0.55 / 4, 0.2 + 0.8 * 0.55 / 1.5]
    let behind = try Self.findings(of: place.map { $0 - 0.1 })
    #expect(behind.count { $0 == .behind } > 190)
    let beyond = try Self.findings(of: place.map { $0 + 0.1 })
    #expect(beyond.count { $0 == .beyond } > 190)
  }
}
