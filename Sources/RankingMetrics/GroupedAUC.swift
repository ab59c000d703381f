/// What a group counts for in a mean over groups.
public enum GroupWeighting: String, CaseIterable, Codable, Sendable {
  /// The rows in the group, or the sum of their weights.
  case rows
  /// The positives in the group, or the sum of their weights.
  case positives
  /// One each, however large.
  case equal

  /// What a group with these rows counts for.
  func weight(of group: ClassTally) -> Double {
    switch self {
    case .rows: group.weight
    case .positives: group.positives
    case .equal: 1
    }
  }
}

/// AUC inside each group of rows, averaged over the groups (GAUC).
///
/// A group is a request or a user. Only the order within a group counts, as it does when items
/// compete for one visitor's screen. Groups without a positive or without a negative have no AUC
/// and are left out, from the average and from the weights: ``groups`` and ``rows`` against
/// ``groupsUsed`` and ``rowsUsed`` say how much of the log the value speaks for.
///
/// Zhu, Jin, Tan, Pan, Zeng, Li, Gai: *Optimized Cost per Click in Taobao Display Advertising*,
/// KDD 2017, equation 8, which weights by impressions. <https://arxiv.org/abs/1703.02091>
public struct GroupedAUC: Equatable, Sendable {
  /// The weighted mean, in `0...1`.
  public let value: Double
  /// Groups with a known label.
  public let groups: Int
  /// Those of the groups that hold both classes.
  public let groupsUsed: Int
  /// Rows with a known label.
  public let rows: Int
  /// Those of the rows in groups that hold both classes.
  public let rowsUsed: Int

  /// The share of the groups that the value speaks for, in `0...1`.
  public var groupShare: Double { Double(groupsUsed) / Double(groups) }
  /// The share of the rows that the value speaks for, in `0...1`.
  public var rowShare: Double { Double(rowsUsed) / Double(rows) }

  /// Computes the mean over the rows whose label is 0 or 1.
  ///
  /// - Parameters:
  ///   - scores: any numbers that order the rows, higher for likelier positives.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - groups: equal numbers mean the same group, in any order; one a row.
  ///   - weights: how much each row counts, finite and at least 0, which leaves the row out; nil
  ///     counts all alike.
  ///   - weighting: what each group counts for.
  /// - Throws: ``UndefinedMetric`` where no group holds both classes, or a score or weight can't be
  ///   used.
  /// - Complexity: O(n) time, 20 bytes of memory a row and about 32 a group.
  public init(
    scores: [Float], labels: [UInt8], groups: [Int64], weights: [Float]? = nil,
    weighting: GroupWeighting = .rows
  ) throws(UndefinedMetric) {
    let ranked = try RankedRows(
      scores: scores, labels: labels, weights: weights, groups: numbered(groups))
    try self.init(ranked: ranked, weighting: weighting)
  }

  /// Computes the mean from rows that are sorted by group and score.
  init(ranked: RankedRows, weighting: GroupWeighting) throws(UndefinedMetric) {
    var total = 0.0
    var totalWeight = 0.0
    var groupCount = 0
    var groupsUsed = 0
    var rowsUsed = 0
    ranked.forEachGroup { range in
      groupCount += 1
      let group = ranked.tally(in: range)
      if group.positiveRows == 0 || group.negativeRows == 0 { return }
      let weight = weighting.weight(of: group)
      total += weight * ranked.area(in: range, of: group)
      totalWeight += weight
      groupsUsed += 1
      rowsUsed += range.count
    }
    if groupsUsed == 0 { throw .noMixedGroup(groups: groupCount) }
    value = min(1, total / totalWeight)
    groups = groupCount
    self.groupsUsed = groupsUsed
    rows = ranked.rows.count
    self.rowsUsed = rowsUsed
  }
}

/// Numbers the groups 0, 1, 2, … in the order of their first rows.
func numbered(_ groups: [Int64]) -> [UInt32] {
  precondition(groups.count < 1 << 31, "\(groups.count) rows are more than groups can number")
  var numbers: [Int64: UInt32] = [:]
  var result: [UInt32] = []
  result.reserveCapacity(groups.count)
  for (row, group) in groups.enumerated() {
    if row > 0, group == groups[row - 1] {
      result.append(result[row - 1])
    } else if let number = numbers[group] {
      result.append(number)
    } else {
      result.append(UInt32(numbers.count))
      numbers[group] = UInt32(numbers.count)
    }
  }
  return result
}
