/// How much better one way of training is than another on the same rows, over several seeds.
///
/// Each seed gives one model of either way, and both order the same rows. Two chances are in what is
/// seen: which seeds were drawn, and which rows. With `D_s` the difference of seed `s` and `d̄ᵢ` the
/// mean over the seeds of what row `i` adds to it,
///
///     value = mean(D_s)
///     variance = var(D_s) / S + (row variance of value, from the d̄ᵢ)
///
/// The row variance is DeLong's for the AUC (see ``AUCDifference``) and that of a mean for the log
/// loss. The interval takes Student's t with Satterthwaite's degrees of freedom,
/// `variance² / ((var(D_s)/S)² / (S − 1))`: few where the seeds disagree, many where the rows do.
/// What the seeds do to single rows is in both terms, so the interval is a little too wide rather than
/// too narrow. What another log of the same shop would have done to training is in neither.
///
/// Satterthwaite: *An Approximate Distribution of Estimates of Variance Components*, Biometrics
/// Bulletin 2, 1946.
public struct SeededDifference: Equatable, Sendable {
  /// The mean difference; above 0 where the second way is better.
  public let value: Double
  /// The difference of each seed.
  public let bySeed: [Double]
  /// The variance of ``value`` that comes from the rows; nil where there are too few of them.
  public let rowVariance: Double?

  /// The variance of ``value`` that comes from the seeds; nil with one seed.
  public var seedVariance: Double? {
    guard bySeed.count > 1 else { return nil }
    let squares = bySeed.reduce(0) { $0 + ($1 - value) * ($1 - value) }
    return squares / Double(bySeed.count - 1) / Double(bySeed.count)
  }

  /// The second models' AUC minus the first ones'.
  ///
  /// - Parameters:
  ///   - first: Scores of each seed's model of the first way, `[seeds][rows]`.
  ///   - second: Of the second way, seeds in the same order.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  /// - Returns: The difference, above 0 where the second way is better.
  /// - Throws: ``UndefinedMetric`` where a class is missing or a score is NaN.
  /// - Complexity: O(seeds · rows) time, O(rows) memory.
  public static func auc(
    first: [[Float]], second: [[Float]], labels: [UInt8]
  ) throws(UndefinedMetric) -> SeededDifference {
    precondition(first.count == second.count && !first.isEmpty, "seeds in pairs")
    let counted = try CountedRows(labels: labels, weights: nil)
    var mean = [Double](repeating: 0, count: labels.count)
    var bySeed: [Double] = []
    for (first, second) in zip(first, second) {
      let worse = try Placements(scores: first, counted: counted)
      let better = try Placements(scores: second, counted: counted)
      bySeed.append(better.area - worse.area)
      for row in labels.indices { mean[row] += better.values[row] - worse.values[row] }
    }
    for row in mean.indices { mean[row] /= Double(bySeed.count) }
    let positives = Spread(mean, where: { labels[$0] == 1 })
    let negatives = Spread(mean, where: { labels[$0] == 0 })
    return SeededDifference(
      bySeed: bySeed, rowVariance: sum(positives.varianceOfMean, negatives.varianceOfMean))
  }

  /// The first models' log loss minus the second ones', in nats a row, so that above 0 is better.
  ///
  /// - Parameters:
  ///   - first: Probabilities of each seed's model of the first way, `[seeds][rows]`.
  ///   - second: Of the second way, seeds in the same order.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  /// - Returns: The difference, above 0 where the second way is better.
  /// - Throws: ``UndefinedMetric`` without a row, or where a score is no probability.
  /// - Complexity: O(seeds · rows) time, O(rows) memory.
  public static func logLoss(
    first: [[Float]], second: [[Float]], labels: [UInt8]
  ) throws(UndefinedMetric) -> SeededDifference {
    precondition(first.count == second.count && !first.isEmpty, "seeds in pairs")
    var mean = [Double](repeating: 0, count: labels.count)
    var bySeed: [Double] = []
    for (first, second) in zip(first, second) {
      let worse = try ProbabilityQuality(probabilities: first, labels: labels)
      let better = try ProbabilityQuality(probabilities: second, labels: labels)
      bySeed.append(worse.logLoss - better.logLoss)
      for row in labels.indices where labels[row] <= 1 {
        mean[row] +=
          ProbabilityQuality.loss(first[row], label: labels[row])
          - ProbabilityQuality.loss(second[row], label: labels[row])
      }
    }
    for row in mean.indices { mean[row] /= Double(bySeed.count) }
    return SeededDifference(
      bySeed: bySeed, rowVariance: Spread(mean, where: { labels[$0] <= 1 }).varianceOfMean)
  }

  init(bySeed: [Double], rowVariance: Double?) {
    self.bySeed = bySeed
    self.rowVariance = rowVariance
    value = bySeed.reduce(0, +) / Double(bySeed.count)
  }

  /// The confidence interval; nil with one seed, too few rows, or a difference that no row varies
  /// in.
  ///
  /// - Parameter level: How often it holds the true difference, in `0...1`, ends excluded.
  /// - Returns: The interval, symmetric around ``value``.
  public func interval(level: Double = 0.95) -> ClosedRange<Double>? {
    guard let seedVariance, let rowVariance else { return nil }
    let variance = seedVariance + rowVariance
    // Models that separate the classes perfectly show no variance, which doesn't make them certain.
    guard variance > 0 else { return value == 0 ? 0...0 : nil }
    let degrees =
      seedVariance > 0
      ? variance * variance / (seedVariance * seedVariance) * Double(bySeed.count - 1) : .infinity
    let reach =
      StudentT.quantile((1 + level) / 2, degreesOfFreedom: degrees) * variance.squareRoot()
    return (value - reach)...(value + reach)
  }

  /// The 95 % interval that holds the chance of the rows alone, for two models that are given; nil
  /// with too few rows.
  public var rowInterval: ClosedRange<Double>? {
    guard let rowVariance else { return nil }
    let reach = NormalQuantile.twoSided95 * rowVariance.squareRoot()
    return (value - reach)...(value + reach)
  }

  private static func sum(_ first: Double?, _ second: Double?) -> Double? {
    guard let first, let second else { return nil }
    return first + second
  }
}

/// Mean and spread of some of a list's numbers.
private struct Spread {
  private var count = 0
  private var mean = 0.0
  private var squares = 0.0

  /// Welford's way, which subtracts no large numbers.
  init(_ values: [Double], where counts: (Int) -> Bool) {
    for index in values.indices where counts(index) {
      count += 1
      let before = values[index] - mean
      mean += before / Double(count)
      squares += before * (values[index] - mean)
    }
  }

  /// Nil with fewer than two numbers.
  var varianceOfMean: Double? {
    count > 1 ? squares / Double(count - 1) / Double(count) : nil
  }
}
