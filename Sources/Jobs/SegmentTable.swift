internal import Interactions
internal import RankingMetrics

/// The columns by which a report is cut: each entry one column, or several together.
public typealias SegmentCuts = [[String]]

/// What was measured of each task on the rows of every value of a column, or of several together.
public struct SegmentTable<Measured: Codable & Sendable>: Codable, Sendable {
  /// The rows that share a value.
  public struct Segment: Codable, Sendable {
    /// The value, a band of numbers such as `3 to 8`, `NULL`, or `other` for those pooled.
    public var value: String
    /// How many values were pooled; nil for a segment of its own.
    public var pooled: Int?
    public var rows: Int
    /// By task.
    public var tasks: [String: Measured]
    /// By task, why the segment is too small to judge; tasks that can be judged are left out.
    public var tooSmall: [String: String]

    enum CodingKeys: String, CodingKey {
      case value, pooled, rows, tasks
      case tooSmall = "too_small"
    }
  }

  /// The columns' names, joined by `+`.
  public var column: String
  /// The largest first, numbers in ascending order.
  public var segments: [Segment]

  /// Measures each part of some rows by `measure`, which is given the part's positions among them.
  init(
    _ segmentation: Segmentation, whyTooSmall: (Measured) -> String?,
    measure: ([Int]) -> [String: Measured]
  ) {
    column = segmentation.name
    segments = segmentation.parts().map { part in
      let tasks = measure(part.positions)
      return Segment(
        value: part.value, pooled: part.pooled, rows: part.positions.count, tasks: tasks,
        tooSmall: tasks.compactMapValues(whyTooSmall))
    }
  }
}

extension TaskMetrics {
  /// Fewer positives, or negatives, are too few to judge by.
  static let fewestOfAClass = 10
  /// An interval of the AUC that is wider says too little.
  static let widestInterval = 0.1

  /// Why the rows are too few to judge a model by; nil where they are enough.
  var whyTooSmall: String? {
    if positives < Self.fewestOfAClass { return "fewer than \(Self.fewestOfAClass) positives" }
    if rows - positives < Self.fewestOfAClass {
      return "fewer than \(Self.fewestOfAClass) negatives"
    }
    guard let aucLow, let aucHigh else { return "no interval" }
    return aucHigh - aucLow > Self.widestInterval
      ? "an interval wider than \(Self.widestInterval)" : nil
  }
}

extension SegmentColumns {
  /// What gathers the columns of cuts; nil where there are none.
  convenience init?(_ cuts: SegmentCuts, time: String) {
    var names: [String] = []
    for name in cuts.joined() where !names.contains(name) { names.append(name) }
    if names.isEmpty { return nil }
    self.init(names, time: time)
  }

  /// The selected rows cut by the columns of a cut together.
  func segmentation(_ cut: [String], rows: RowSelection) -> Segmentation {
    let single = cut.map { Segmentation($0, of: self, rows: rows) }
    return single.dropFirst().reduce(single[0]) { Segmentation($0, $1) }
  }
}
