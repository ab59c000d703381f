/// AUC inside each group of rows, averaged with the groups' row counts as weights (GAUC).
///
/// A group is a request or a user. Only the order within a group counts, as it does when items
/// compete for one visitor's screen. Groups without a positive or without a negative have no AUC
/// and are left out, from the average and from the weights.
///
/// Zhu, Jin, Tan, Pan, Zeng, Li, Gai: *Optimized Cost per Click in Taobao Display Advertising*,
/// KDD 2017, equation 8; the weights here are impressions. <https://arxiv.org/abs/1703.02091>
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

  /// Computes the mean over the rows whose label is 0 or 1.
  ///
  /// - Parameters:
  ///   - scores: any numbers that order the rows, higher for likelier positives.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - groups: equal numbers mean the same group, in any order; one a row.
  /// - Throws: ``UndefinedMetric`` where no group holds both classes or a score is NaN.
  /// - Complexity: O(n) time, 20 bytes of memory a row and about 32 a group.
  public init(scores: [Float], labels: [UInt8], groups: [Int64]) throws(UndefinedMetric) {
    let ranked = try RankedRows(scores: scores, labels: labels, groups: numbered(groups))
    var total = 0.0
    var groupCount = 0
    var groupsUsed = 0
    var rowsUsed = 0
    ranked.forEachGroup { range in
      groupCount += 1
      let positives = ranked.positives(in: range)
      let negatives = range.count - positives
      if positives == 0 || negatives == 0 { return }
      let doubledPairs = 2 * Double(positives) * Double(negatives)
      total += Double(range.count) * Double(ranked.doubledWins(in: range)) / doubledPairs
      groupsUsed += 1
      rowsUsed += range.count
    }
    if groupsUsed == 0 { throw .noMixedGroup(groups: groupCount) }
    value = total / Double(rowsUsed)
    self.groups = groupCount
    self.groupsUsed = groupsUsed
    rows = ranked.rows.count
    self.rowsUsed = rowsUsed
  }
}

/// Numbers the groups 0, 1, 2, … in the order of their first rows.
private func numbered(_ groups: [Int64]) -> [UInt32] {
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
