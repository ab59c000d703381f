internal import RankingMetrics

/// How much of a difference between two settings' means the seeds alone can make.
///
/// All settings ran with the same seeds. What is left of an objective's values when each setting's mean
/// and each seed's mean are taken away is noise, and about equally large for all settings, so that few
/// seeds of many settings are enough to know it: the two-way analysis of variance without replication.
public struct SeedNoise: Sendable, Equatable {
  /// By objective, the deviation of one run.
  public let deviations: [Double]
  /// How well they are known.
  public let degreesOfFreedom: Int
  /// Seeds of each setting.
  public let seedCount: Int

  /// Estimates the noise of `runs`, `[settingCount][seedCount][objectiveCount]`.
  ///
  /// Settings with a NaN are left out. It is nil for fewer than two seeds or two settings.
  public init?(of runs: [[[Double]]]) {
    let runs = runs.filter { !$0.contains { $0.contains(where: \.isNaN) } }
    guard runs.count > 1, let seedCount = runs.first?.count, seedCount > 1,
      let objectiveCount = runs[0].first?.count
    else { return nil }
    precondition(runs.allSatisfy { $0.count == seedCount }, "settings with other seeds")
    self.seedCount = seedCount
    degreesOfFreedom = (runs.count - 1) * (seedCount - 1)
    let settingMeans = runs.map(Self.mean)
    let seedMeans = (0..<seedCount).map { seed in Self.mean(runs.map { $0[seed] }) }
    let mean = Self.mean(settingMeans)
    var sums = [Double](repeating: 0, count: objectiveCount)
    for (setting, values) in runs.enumerated() {
      for (seed, value) in values.enumerated() {
        for k in 0..<objectiveCount {
          let rest = value[k] - settingMeans[setting][k] - seedMeans[seed][k] + mean[k]
          sums[k] += rest * rest
        }
      }
    }
    let freedom = Double(degreesOfFreedom)
    deviations = sums.map { ($0 / freedom).squareRoot() }
  }

  /// By objective, what a difference of two settings' means may be off by.
  ///
  /// All of `comparisons` differences together, in each objective, stay within with probability 0.95
  /// at least (Bonferroni's correction).
  public func halfWidths(comparisons: Int) -> [Double] {
    let count = Double(max(comparisons, 1) * deviations.count)
    let t = StudentT.quantile(1 - 0.025 / count, degreesOfFreedom: Double(degreesOfFreedom))
    return deviations.map { t * $0 * (2 / Double(seedCount)).squareRoot() }
  }

  /// The mean of points of one length.
  public static func mean(_ points: [[Double]]) -> [Double] {
    guard let first = points.first else { return [] }
    return first.indices.map { k in points.reduce(0) { $0 + $1[k] } / Double(points.count) }
  }
}
