public import Interactions

/// Which rows a run was about, by part of the split.
public struct DataSummary: Codable, Sendable, Equatable {
  /// Rows of each part, by name.
  public var rows: [String: Int]
  /// The times that each part's rows span, by name; absent for random splits.
  public var windows: [String: TimeWindow]
  /// The times of all rows together.
  public var span: TimeWindow?
}

extension SplitRows {
  /// Which rows of a log the parts have.
  func summary(of log: EncodedLog) -> DataSummary {
    var summary = DataSummary(rows: [:], windows: [:])
    if log.rowCount > 0 {
      summary.span = TimeWindow(from: log.times[0], to: log.times[log.rowCount - 1] + 1)
    }
    for part in SplitPart.allCases {
      summary.rows[part.rawValue] = self[part].count
      guard case .range(let range) = self[part], !range.isEmpty else { continue }
      summary.windows[part.rawValue] = TimeWindow(
        from: log.times[range.lowerBound], to: log.times[range.upperBound - 1] + 1)
    }
    return summary
  }
}
