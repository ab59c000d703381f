import Randomness
import RankingMetrics
import Testing

struct SeededDifferenceTests {
  /// Scores that follow the labels with some noise.
  private static func scores(_ labels: [UInt8], noise: Float, _ generator: inout SplitMix64)
    -> [Float]
  {
    labels.map { 1 / (1 + Float(1 + (generator.uniform() - 0.5) * Double(noise) - Double($0))) }
  }

  private static func labels(_ count: Int, _ generator: inout SplitMix64) -> [UInt8] {
    (0..<count).map { _ in generator.uniform() < 0.2 ? 1 : generator.uniform() < 0.1 ? 2 : 0 }
  }

  @Test func `with one seed it is DeLong's paired difference, without an interval`() throws {
    var generator = SplitMix64(seed: 1)
    let labels = Self.labels(300, &generator)
    let first = Self.scores(labels, noise: 1.5, &generator)
    let second = Self.scores(labels, noise: 1, &generator)
    let seeded = try SeededDifference.auc(first: [first], second: [second], labels: labels)
    let plain = try AUCDifference(first: first, second: second, labels: labels)
    #expect(abs(seeded.value - plain.value) < 1e-12)
    let variance = try #require(seeded.rowVariance)
    #expect(abs(variance - (try #require(plain.variance))) < 1e-12)
    #expect(seeded.seedVariance == nil)
    #expect(seeded.interval() == nil)
  }

  @Test func `equal models of all seeds leave the rows' variance alone`() throws {
    var generator = SplitMix64(seed: 2)
    let labels = Self.labels(300, &generator)
    let first = Self.scores(labels, noise: 1.5, &generator)
    let second = Self.scores(labels, noise: 1, &generator)
    let seeded = try SeededDifference.auc(
      first: [first, first, first], second: [second, second, second], labels: labels)
    let plain = try AUCDifference(first: first, second: second, labels: labels)
    #expect(seeded.bySeed.allSatisfy { abs($0 - plain.value) < 1e-12 })
    let interval = try #require(seeded.interval())
    let expected = try #require(plain.interval)
    #expect(abs(interval.lowerBound - expected.lowerBound) < 1e-9)
    #expect(abs(interval.upperBound - expected.upperBound) < 1e-9)
  }

  @Test func `seeds that disagree bring Student's t with their degrees of freedom`() {
    // Of two rows of each class, all ordered right by the second model of one seed alone.
    let labels: [UInt8] = [0, 0, 1, 1]
    let right: [Float] = [0.1, 0.2, 0.8, 0.9]
    let tied: [Float] = [0.5, 0.5, 0.5, 0.5]
    let seeded = try? SeededDifference.auc(
      first: [tied, tied], second: [right, tied], labels: labels)
    #expect(seeded?.bySeed == [0.5, 0])
    #expect(seeded?.value == 0.25)
    #expect(seeded?.rowVariance == 0)
    #expect(seeded?.seedVariance == 0.0625)
    let reach = StudentT.quantile(0.975, degreesOfFreedom: 1) * 0.25
    #expect(abs((seeded?.interval()?.upperBound ?? 0) - (0.25 + reach)) < 1e-9)
  }

  @Test func `log loss gains are the mean difference of the rows' losses`() throws {
    let labels: [UInt8] = [0, 1, 2, 1]
    let first: [Float] = [0.5, 0.5, 0.9, 0.5]
    let second: [Float] = [0.25, 0.75, 0.1, 0.75]
    let seeded = try SeededDifference.logLoss(
      first: [first, first], second: [second, second], labels: labels)
    let gain = 0.405_465_108_108_164_4  // log 1.5
    #expect(abs(seeded.value - gain) < 1e-7)
    #expect((seeded.rowVariance ?? 1) < 1e-14)
  }

  @Test func `intervals hold the true difference as often as they say`() throws {
    // Both ways are equally good in truth: models and rows are drawn anew each time.
    var generator = SplitMix64(seed: 3)
    let draws = 400
    var held = 0
    for _ in 0..<draws {
      let labels = (0..<120).map { UInt8($0 % 3 == 0 ? 1 : 0) }
      // A row's difficulty is common to all models; each model adds a noise of its own.
      let common = labels.map { Double($0) + 1.5 * generator.normal() }
      func model() -> [Float] { common.map { Float($0 + 0.7 * generator.normal()) } }
      let first = (0..<4).map { _ in model() }
      let second = (0..<4).map { _ in model() }
      let seeded = try SeededDifference.auc(first: first, second: second, labels: labels)
      if try #require(seeded.interval()).contains(0) { held += 1 }
    }
    // 95 % of 400 with three binomial standard deviations below; too wide is allowed for.
    #expect(Double(held) / Double(draws) > 0.95 - 3 * (0.95 * 0.05 / Double(draws)).squareRoot())
    #expect(held < draws)
  }
}
