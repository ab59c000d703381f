/// Why a metric has no value on some rows.
public enum UndefinedMetric: Error, Equatable, Sendable, CustomStringConvertible {
  /// No row has a known label.
  case noRows
  /// All rows with a known label are negative.
  case noPositive(rows: Int)
  /// All rows with a known label are positive.
  case noNegative(rows: Int)
  /// Some scores are NaN, or lie outside `0...1` where a probability is needed.
  case badScores(count: Int, rows: Int)
  /// Some weights are negative, infinite or NaN.
  case badWeights(count: Int, rows: Int)
  /// No group holds both a positive and a negative.
  case noMixedGroup(groups: Int)
  /// No request holds a positive.
  case noRequestWithPositive(requests: Int)

  /// The reason in words.
  public var description: String {
    switch self {
    case .noRows: "no row with a known label"
    case .noPositive(let rows): "no positive among \(rows) rows"
    case .noNegative(let rows): "no negative among \(rows) rows"
    case .badScores(let count, let rows): "\(count) of \(rows) scores are not usable numbers"
    case .badWeights(let count, let rows): "\(count) of \(rows) weights are not usable numbers"
    case .noMixedGroup(let groups): "none of \(groups) groups holds both classes"
    case .noRequestWithPositive(let requests): "none of \(requests) requests holds a positive"
    }
  }
}
