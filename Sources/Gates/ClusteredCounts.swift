/// Counts of values in buckets, and how much less sure they are than as many independent values.
///
/// The rows of one user resemble each other: twenty impressions of one user say less about the
/// users than twenty users with one each. With `n` values, `p_b` the share of bucket `b`, `n_cb` the
/// values of cluster `c` in it and `n_c` all of its values, the variance of `p_b` is about
/// `Σ_c (n_cb − n_c p_b)² / n²`; over that of independent values, `p_b (1 − p_b) / n`, it is the
/// bucket's design effect `d_b`. ``designEffect`` is their mean with weights `1 − p_b`, by which a
/// chi-squared statistic over the buckets is too large.
///
/// Rao, Scott: *On Chi-squared Tests for Multiway Contingency Tables with Cell Proportions Estimated
/// from Survey Data*, The Annals of Statistics 12, 1984, the first-order correction.
struct ClusteredCounts {
  /// Values in each bucket.
  private(set) var counts: [Int]
  /// Values of the open cluster in each bucket.
  private var own: [Int]
  /// The buckets where it has some.
  private var touched: [Int] = []
  /// Over the clusters: the sums of `n_cb²`, of `n_cb n_c`, and of `n_c²`.
  private var squares: [Double]
  private var products: [Double]
  private var sizes = 0.0

  init(bucketCount: Int) {
    counts = [Int](repeating: 0, count: bucketCount)
    own = counts
    squares = [Double](repeating: 0, count: bucketCount)
    products = squares
  }

  /// Adds a value to the open cluster.
  mutating func add(_ bucket: Int) {
    counts[bucket] += 1
    if own[bucket] == 0 { touched.append(bucket) }
    own[bucket] += 1
  }

  /// The next value belongs to another cluster.
  mutating func endCluster() {
    let size = touched.reduce(0) { $0 + own[$1] }
    for bucket in touched {
      squares[bucket] += Double(own[bucket] * own[bucket])
      products[bucket] += Double(own[bucket] * size)
      own[bucket] = 0
    }
    touched.removeAll(keepingCapacity: true)
    sizes += Double(size * size)
  }

  /// How many values count as one independent value, at least 1.
  ///
  /// With all values in one bucket nothing is known of how they vary: then it is that of clusters
  /// whose values are all alike, `Σ n_c² / n`.
  var designEffect: Double {
    let total = Double(counts.reduce(0, +))
    guard total > 0 else { return 1 }
    var sum = 0.0
    var weight = 0.0
    for (bucket, count) in counts.enumerated() where count > 0 && Double(count) < total {
      let share = Double(count) / total
      let spread = squares[bucket] - 2 * share * products[bucket] + share * share * sizes
      // The weight 1 − p cancels against that of the variance p (1 − p).
      sum += spread / (total * share)
      weight += 1 - share
    }
    return max(1, weight > 0 ? sum / weight : sizes / total)
  }
}
