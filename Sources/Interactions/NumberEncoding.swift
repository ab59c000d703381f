/// How a number feature is encoded, once the training rows are known.
public struct NumberEncoding: Codable, Sendable, Equatable {
  /// Mean of the training rows' values after clipping and transforming; 0 where all are missing.
  public var mean: Double
  /// Their standard deviation, over n; 1 where it would be 0.
  public var standardDeviation: Double
  /// Whether any training row lacks the value, so that a second input says where it is missing.
  ///
  /// Without the flag, a value that is missing later counts as the mean: the weight of a flag that
  /// was never raised in training would be noise.
  public var isFlagged: Bool
  /// Ascending borders of the quantile buckets; bucket `b` starts at `borders[b-1]`.
  public var borders: [Double]

  public init(
    mean: Double = 0, standardDeviation: Double = 1, isFlagged: Bool = false,
    borders: [Double] = []
  ) {
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.isFlagged = isFlagged
    self.borders = borders
  }

  /// The input of a prepared value, NaN where missing, for ``FeatureDefinition/NumberScaling``'s
  /// output `float`; always finite.
  @inline(__always)
  package func float(_ value: Double, standardise: Bool) -> Float {
    if value.isNaN { return standardise ? 0 : Float(mean) }
    let result = standardise ? (value - mean) / standardDeviation : value
    let limit = Double(Float.greatestFiniteMagnitude)
    return Float(min(max(result, -limit), limit))
  }

  /// The table row of a prepared value: 0 where missing, else 1 + the number of borders at or
  /// below it.
  @inline(__always)
  package func bucketRow(_ value: Double) -> Int32 {
    if value.isNaN { return 0 }
    var low = 0
    var high = borders.count
    while low < high {
      let middle = (low + high) / 2
      if borders[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return Int32(low + 1)
  }

  /// Rows of a bucketised number's table: one a bucket, and row 0 for missing values.
  package var bucketRowCount: Int { borders.count + 2 }

  /// The name of the input that says where a number is missing.
  package static func flagName(_ feature: String) -> String { "\(feature) missing" }

  /// The borders of `count` buckets that hold equal shares of `sorted` values.
  ///
  /// Border `j` is the value of rank `⌊j · n / count⌋`. Equal borders become one, and none is as low
  /// as the lowest value, so that no bucket is empty: repeated values give fewer buckets.
  package static func borders(ofSorted sorted: [Double], count: Int) -> [Double] {
    guard let lowest = sorted.first else { return [] }
    var borders: [Double] = []
    for bucket in 1..<count {
      let border = sorted[bucket * sorted.count / count]
      if border > borders.last ?? lowest { borders.append(border) }
    }
    return borders
  }
}
