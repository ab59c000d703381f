import Foundation
import Gates
import Randomness
import TestSupport
import Testing

struct PopulationStabilityTests {
  private func histogram(_ counts: [Int], designEffect: Double = 1) -> DriftProfile.Histogram {
    DriftProfile.Histogram(edges: [], counts: counts, designEffect: designEffect)
  }

  @Test func `two buckets give the closed form`() throws {
    let index = try #require(
      PopulationStability(histogram([29, 69]), since: histogram([69, 29])))
    // Half a value more in each: shares of 29.5/99 and 69.5/99.
    let expected = 2 * (40.0 / 99) * log(69.5 / 29.5)
    #expect(abs(index.value - expected) < Tolerance.double)
    #expect(abs(index.expected - 2.0 / 98) < Tolerance.double)
  }

  @Test func `what chance adds is the quantile of chi squared`() throws {
    let index = try #require(
      PopulationStability(
        histogram([100, 100, 100, 100], designEffect: 2), since: histogram([100, 100, 100, 100])))
    #expect(index.value == 0)
    // χ² with 3 degrees of freedom exceeds 24.462 once in fifty thousand times; Wilson and Hilferty's
    // formula is 5 % above it.
    let quantile = index.chance / (2.0 / 400 + 1.0 / 400)
    #expect(quantile > 24.462 && quantile < 25.7)
  }

  @Test func `buckets that empty or fill are finite, and those empty both times don't count`()
    throws
  {
    let moved = try #require(
      PopulationStability(histogram([0, 50, 0]), since: histogram([50, 0, 0])))
    #expect(moved.value.isFinite && moved.value > 5)
    #expect(abs(moved.expected - 2.0 / 50) < Tolerance.double)
    let alone = try #require(PopulationStability(histogram([9, 0]), since: histogram([4, 0])))
    #expect(alone.value == 0 && alone.chance == 0)
  }

  @Test func `other buckets and empty histograms can't be compared`() {
    let numbers = DriftProfile.Histogram(edges: [1], counts: [3, 4])
    let others = DriftProfile.Histogram(edges: [2], counts: [3, 4])
    #expect(PopulationStability(numbers, since: others) == nil)
    #expect(PopulationStability(histogram([0, 0]), since: histogram([1, 2])) == nil)
    #expect(PopulationStability(histogram([1, 2]), since: histogram([0, 0])) == nil)
  }

  @Test func `without drift the index is in the mean what theory says`() throws {
    var generator = SplitMix64(seed: 3)
    func draw(_ count: Int) -> DriftProfile.Histogram {
      var counts = [Int](repeating: 0, count: 10)
      for _ in 0..<count { counts[Int.random(in: 0..<10, using: &generator)] += 1 }
      return histogram(counts)
    }
    var sum = 0.0
    var expected = 0.0
    for _ in 0..<200 {
      let index = try #require(PopulationStability(draw(300), since: draw(200)))
      sum += index.value
      expected += index.expected
    }
    // A mean of 200 numbers with a relative deviation of √(2/9) each.
    #expect(abs(sum / expected - 1) < 4 * (2.0 / 9 / 200).squareRoot())
  }
}

struct ClusteredCountsTests {
  private func counts(_ clusters: [[Int]], buckets: Int = 2) -> ClusteredCounts {
    var counts = ClusteredCounts(bucketCount: buckets)
    for cluster in clusters {
      for bucket in cluster { counts.add(bucket) }
      counts.endCluster()
    }
    return counts
  }

  private func designEffect(_ clusters: [[Int]]) -> Double { counts(clusters).designEffect }

  @Test func `values by themselves count one each, and those all alike as one`() {
    #expect(designEffect((0..<100).map { [$0 % 2] }) == 1)
    #expect(
      abs(designEffect((0..<40).map { [$0 % 2, $0 % 2, $0 % 2] }) - 3) < Tolerance.double)
    // All in one bucket: as if each cluster's values were alike.
    #expect(designEffect([[0, 0], [0, 0, 0, 0]]) == 20.0 / 6)
    #expect(designEffect([]) == 1)
  }

  @Test func `values that balance each other count no more than one each`() {
    #expect(designEffect((0..<40).map { _ in [0, 1] }) == 1)
  }

  @Test func `two buckets have one eigenvalue, and eigenvalues that differ are uneven`() {
    #expect(counts([[0, 0], [1], [1, 1, 0]]).unevenness == 1)
    // Buckets 0 and 1 come in threes, 2 and 3 alone: eigenvalues of 3, 1 and between.
    let mixed = counts(
      (0..<60).map { [[0, 0, 0], [1, 1, 1], [2], [3], [2], [3]][$0 % 6] }, buckets: 4)
    // D has the eigenvectors (1, −1, 0, 0) with 3, (0, 0, 1, −1) with 1, and with
    // w = (s, s, −t, −t) what is left of the trace.
    let trace = mixed.designEffect * 3
    let last = trace - 4
    let expected = 3 * (9 + 1 + last * last) / (trace * trace)
    #expect(abs(mixed.unevenness - expected) < Tolerance.double)
    #expect(last > 1 && last < 3)
  }
}
