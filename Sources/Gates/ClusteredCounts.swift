/// Counts of values in buckets, and how much less sure they are than as many independent values.
///
/// The rows of one user resemble each other: twenty impressions of one user say less about the
/// users than twenty users with one each. With `n` values, `p_b` the share of bucket `b`, `n_cb`
/// the values of cluster `c` in it and `n_c` all of its values, the covariance of the counts is
/// about `V_ab = Σ_c (n_ca − n_c p_a)(n_cb − n_c p_b)`, where it were `n (p_a [a = b] − p_a p_b)`
/// for independent values. A chi-squared statistic over `B` buckets is then spread as a sum of
/// squares with the eigenvalues of `D_ab = V_ab / (n p_a)` as weights, which its first two moments
/// describe: ``designEffect`` and ``unevenness``.
///
/// Rao, Scott: *The Analysis of Categorical Data from Complex Sample Surveys*, Journal of the
/// American Statistical Association 76, 1981, section 4.
package struct ClusteredCounts {
  /// Values in each bucket.
  package private(set) var counts: [Int]
  /// Values of the open cluster in each bucket.
  private var own: [Int]
  /// The buckets where it has some.
  private var touched: [Int] = []
  /// Over the clusters: the sums of `n_ca n_cb`, of `n_cb n_c`, and of `n_c²`.
  private var pairs: [Double]
  private var products: [Double]
  private var sizes = 0.0

  package init(bucketCount: Int) {
    counts = [Int](repeating: 0, count: bucketCount)
    own = counts
    products = [Double](repeating: 0, count: bucketCount)
    pairs = [Double](repeating: 0, count: bucketCount * bucketCount)
  }

  /// Adds a value to the open cluster.
  package mutating func add(_ bucket: Int) {
    counts[bucket] += 1
    if own[bucket] == 0 { touched.append(bucket) }
    own[bucket] += 1
  }

  /// The next value belongs to another cluster.
  package mutating func endCluster() {
    let size = touched.reduce(0) { $0 + own[$1] }
    for bucket in touched {
      products[bucket] += Double(own[bucket] * size)
      for other in touched {
        pairs[bucket * counts.count + other] += Double(own[bucket] * own[other])
      }
    }
    for bucket in touched { own[bucket] = 0 }
    touched.removeAll(keepingCapacity: true)
    sizes += Double(size * size)
  }

  /// How many values count as one independent value, at least 1: the eigenvalues' mean.
  ///
  /// With all values in one bucket nothing is known of how they vary: then it is that of clusters
  /// whose values are all alike, `Σ n_c² / n`.
  package var designEffect: Double {
    let total = Double(counts.reduce(0, +))
    guard total > 0 else { return 1 }
    let degrees = Double(counts.count { $0 > 0 } - 1)
    return max(1, degrees > 0 ? trace(total) / degrees : sizes / total)
  }

  /// One plus the squared relative variation of the eigenvalues, at least 1.
  ///
  /// The statistic has that many times fewer degrees of freedom, and is that many times larger in
  /// each: some of the differences between clusters reach over many buckets.
  package var unevenness: Double {
    let total = Double(counts.reduce(0, +))
    let degrees = Double(counts.count { $0 > 0 } - 1)
    let trace = trace(total)
    guard degrees > 0, trace > 0 else { return 1 }
    var squares = 0.0
    for (a, first) in counts.enumerated() where first > 0 {
      for (b, second) in counts.enumerated() where second > 0 {
        let covariance = covariance(a, b, total)
        squares += covariance * covariance / (Double(first) * Double(second))
      }
    }
    return max(1, degrees * squares / (trace * trace))
  }

  /// The sum of the eigenvalues of `D`.
  private func trace(_ total: Double) -> Double {
    counts.enumerated().reduce(0) { sum, bucket in
      bucket.element > 0
        ? sum + covariance(bucket.offset, bucket.offset, total) / Double(bucket.element) : sum
    }
  }

  /// `V_ab`.
  private func covariance(_ a: Int, _ b: Int, _ total: Double) -> Double {
    let (p, q) = (Double(counts[a]) / total, Double(counts[b]) / total)
    return pairs[a * counts.count + b] - q * products[a] - p * products[b] + p * q * sizes
  }
}
