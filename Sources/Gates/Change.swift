internal import RankingMetrics

/// How a rate or a share has changed, with the interval that chance leaves open.
///
/// The intervals miss the truth once in fifty thousand times.
struct Change {
  /// Nil where it would be infinite.
  var value: Double?
  var low: Double
  /// Nil where it would be infinite.
  var high: Double?

  /// A number of events, in time or among rows.
  struct Rate {
    var count: Int
    /// Days or rows, above 0.
    var exposure: Double
    /// How many events count as one that comes by itself, at least 1.
    var designEffect: Double
  }

  /// The ratio of two rates; nil where neither had an event.
  ///
  /// Of all events of both, the share that is new tells the ratio, and has Wilson's interval. This
  /// takes events as rare; where they aren't, the interval is wider than need be.
  ///
  /// Przyborowski, Wilenski: *Homogeneity of Results in Testing Samples from Poisson Series*,
  /// Biometrika 31, 1940.
  init?(ratioOf now: Rate, to former: Rate) {
    let total = Double(now.count + former.count)
    guard total > 0 else { return nil }
    let share = Double(now.count) / total
    let interval = wilsonInterval(
      of: share, rows: total / max(now.designEffect, former.designEffect),
      deviations: Chance.twoSided)
    let scale = former.exposure / now.exposure
    func ratio(_ share: Double) -> Double? { share < 1 ? share / (1 - share) * scale : nil }
    value = ratio(share)
    low = ratio(interval.lowerBound) ?? .greatestFiniteMagnitude
    high = ratio(interval.upperBound)
  }

  /// The difference of two shares.
  ///
  /// Newcombe: *Interval Estimation for the Difference between Independent Proportions*, Statistics
  /// in Medicine 17, 1998, method 10.
  init(riseOf now: DriftProfile.Share, from former: DriftProfile.Share) {
    func interval(_ share: DriftProfile.Share) -> ClosedRange<Double> {
      wilsonInterval(of: share.value, rows: share.effectiveCount, deviations: Chance.twoSided)
    }
    let (new, old) = (interval(now), interval(former))
    let rise = now.value - former.value
    func length(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
    value = rise
    low = rise - length(now.value - new.lowerBound, old.upperBound - former.value)
    high = rise + length(new.upperBound - now.value, former.value - old.lowerBound)
  }
}
