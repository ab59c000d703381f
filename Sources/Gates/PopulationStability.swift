internal import Glibc
internal import RankingMetrics

/// How far a spread of values has moved from an earlier one: the population stability index.
///
/// `Σ_b (p_b − q_b) · log(p_b / q_b)` over the buckets, with `p` the shares now and `q` those
/// before: the divergence of Jeffreys, in nats, 0 where both are alike. By custom less than 0.1 is
/// little, up to 0.25 moderate, and more a shift to act on.
///
/// Each bucket that holds a value now or before has half a value more, so that an empty one is
/// rare rather than impossible and the index finite; buckets that are empty both times don't count.
///
/// Without any shift the index isn't 0 but spread as `(1/n + 1/m) χ²` with `B − 1` degrees of
/// freedom, about `(B − 1)(1/n + 1/m)` in the mean, where `n` and `m` are the values, each divided
/// by its design effect, and `B` is the buckets that count. Where that effect differs from bucket
/// to bucket by an unevenness `u`, it is `(1/n + 1/m) u χ²` with `(B − 1) / u` degrees of freedom.
/// ``chance`` is what the index then exceeds once in fifty thousand times; a limit is to be raised
/// by that much, or small nights alarm.
///
/// Siddiqi: *Credit Risk Scorecards*, Wiley 2006, for the custom. Yurdakul, Naranjo:
/// *Statistical Properties of the Population Stability Index*, Journal of Risk Model Validation 14,
/// 2020, for the distribution.
public struct PopulationStability: Equatable, Sendable {
  /// The index, at least 0.
  public let value: Double
  /// Its mean if nothing had moved.
  public let expected: Double
  /// What it exceeds once in fifty thousand times if nothing has moved.
  public let chance: Double

  /// Compares two histograms; nil where they have other buckets, or one holds no value.
  public init?(_ now: DriftProfile.Histogram, since former: DriftProfile.Histogram) {
    let (n, m) = (now.effectiveCount, former.effectiveCount)
    guard now.hasBuckets(of: former), n > 0, m > 0 else { return nil }
    let used = now.counts.indices.filter { now.counts[$0] > 0 || former.counts[$0] > 0 }
    func shares(_ histogram: DriftProfile.Histogram) -> [Double] {
      let total = Double(histogram.total) + 0.5 * Double(used.count)
      return used.map { (Double(histogram.counts[$0]) + 0.5) / total }
    }
    value = zip(shares(now), shares(former)).reduce(0) { $0 + ($1.0 - $1.1) * log($1.0 / $1.1) }
    let degrees = Double(used.count - 1)
    expected = degrees * (1 / n + 1 / m)
    let unevenness = max(now.unevenness, former.unevenness, 1)
    chance = (1 / n + 1 / m) * unevenness * Self.exceptional(degrees / unevenness)
  }

  /// What χ² with so many degrees of freedom exceeds with a probability of ``Chance/once``, or up
  /// to a tenth more where they are few.
  ///
  /// Wilson, Hilferty: *The Distribution of Chi-Square*, PNAS 17, 1931.
  private static func exceptional(_ degrees: Double) -> Double {
    guard degrees > 0 else { return 0 }
    let spread = 2 / (9 * degrees)
    let root = 1 - spread + Chance.oneSided * spread.squareRoot()
    return degrees * root * root * root
  }
}

/// How rarely a single comparison of unmoved data may seem to have moved.
///
/// A night makes about a hundred comparisons, and shall raise a false alarm less than once in a
/// hundred nights even where limits leave no room.
enum Chance {
  static let once = 2e-5
  /// So many deviations above the mean.
  static let oneSided = StudentT.quantile(1 - once, degreesOfFreedom: .infinity)
  /// So many on either side of it.
  static let twoSided = StudentT.quantile(1 - once / 2, degreesOfFreedom: .infinity)
}

extension DriftProfile.Histogram {
  /// Values in all buckets.
  var total: Int { counts.reduce(0, +) }

  /// As many independent values would be as sure.
  var effectiveCount: Double { Double(total) / max(designEffect, 1) }

  /// Whether the counts of both can be held against each other.
  func hasBuckets(of other: Self) -> Bool {
    edges == other.edges && counts.count == other.counts.count
  }
}
