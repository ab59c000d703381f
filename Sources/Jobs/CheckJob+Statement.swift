import Foundation
internal import Interactions
internal import PostgresLogs
internal import RunConfiguration

/// The statement that counts labels and values in one pass.
struct CountStatement {
  let tasks: [RunConfiguration.TaskDefinition]
  let columns: [ColumnDescription]
  let kind: (_ column: String) -> ColumnKind?

  /// Whether it makes sense to count different values: lists hardly ever repeat.
  static func hasDistinct(_ column: ColumnDescription) -> Bool {
    column.kind != .integerList && column.kind != .textList
  }

  /// The statement over the rows of `log`, whose part of the split is `part`; `quoted` quotes a
  /// name.
  func sql(
    of log: String, part: String, quoted: (String) throws(PostgresError) -> String
  ) throws(PostgresError) -> String {
    var inner = ["\(part) AS part"]
    var outer = ["part", "count(*)"]
    for (index, task) in tasks.enumerated() {
      let label = try quoted(task.label)
      let isFlag = kind(task.label) == .boolean
      inner.append("\(isFlag ? label : "\(label) = 1") AS p\(index)")
      inner.append("\(isFlag ? "NOT \(label)" : "\(label) = 0") AS n\(index)")
      inner.append(
        isFlag
          ? "NULL::text AS b\(index)"
          : "CASE WHEN \(label) NOT IN (0, 1) THEN \(label)::text END AS b\(index)")
      let parent = tasks.firstIndex { $0.name == task.after }
      outer += [
        "count(*) FILTER (WHERE p\(index))", "count(*) FILTER (WHERE n\(index))",
        "count(*) FILTER (WHERE p\(index) IS NULL)", "count(b\(index))", "min(b\(index))",
        parent.map { "count(*) FILTER (WHERE p\(index) AND n\($0))" } ?? "0",
      ]
      if let truth = task.truth, let kind = kind(truth), kind.isNumber {
        let truth = try quoted(truth)
        let isProbability = kind == .boolean ? "\(truth) IS NOT NULL" : "\(truth) BETWEEN 0 AND 1"
        inner.append("coalesce(\(isProbability), false) AS t\(index)")
        outer.append("count(*) FILTER (WHERE NOT t\(index))")
      } else {
        outer.append("0")
      }
    }
    for (index, column) in columns.enumerated() {
      let name = try quoted(column.name)
      inner.append("\(name) IS NOT NULL AS k\(index)")
      outer.append("count(*) FILTER (WHERE k\(index))")
      if Self.hasDistinct(column) {
        inner.append("hashtextextended(\(name)::text, 0) AS h\(index)")
        outer.append("min(h\(index)) = max(h\(index))")
      } else {
        outer.append("false")
      }
      if column.kind == .number {
        inner.append("\(name)::text IN ('NaN', 'Infinity', '-Infinity') AS f\(index)")
        outer.append("count(*) FILTER (WHERE f\(index))")
      } else {
        outer.append("0")
      }
      outer +=
        Self.hasDistinct(column)
        ? DistinctSketch.aggregates(of: "h\(index)")
        : [String](repeating: "NULL", count: DistinctSketch.bitmapCount)
    }
    // OFFSET 0 keeps the server from computing each hash several times.
    return """
      SELECT \(outer.joined(separator: ",\n  "))
      FROM (
        SELECT \(inner.joined(separator: ",\n    "))
        FROM (\(log)) AS log OFFSET 0
      ) AS log
      GROUP BY part ORDER BY part
      """
  }
}

/// About how many different values a column has.
///
/// Each hash sets one of 1,024 bits, and the share of bits that stay zero tells the number of hashes:
/// Whang, Vander-Zanden, Taylor: *A Linear-Time Probabilistic Counting Algorithm for Database
/// Applications*, ACM TODS 15 (2), 1990, section 3. Where too few bits stay, the answer comes from a
/// bitmap of every 16th hash, every 256th or every 4,096th; a departure that keeps the standard error
/// near 8 % up to ten million values.
struct DistinctSketch {
  private static let bitCount = 1_024
  private static let shares = [1, 16, 256, 4_096]
  /// Zero bits of each bitmap, nil where it has no hash.
  private let zeros: [Int?]

  static var bitmapCount: Int { shares.count }

  init() { zeros = [] }

  /// Takes the bitmaps in PostgreSQL's text form.
  init(_ bitmaps: [String?]) { zeros = bitmaps.map { $0.map { $0.utf8.count { $0 == 0x30 } } } }

  /// The aggregates that make the bitmaps of a 64-bit hash.
  static func aggregates(of hash: String) -> [String] {
    let bit = "bit_or(set_bit(B'0'::bit(\(bitCount)), (\(hash) & \(bitCount - 1))::int4, 1))"
    var shift = 0
    return shares.map { share in
      // Each filter looks at bits that neither the slot nor another filter uses.
      shift += share == 1 ? bitCount.trailingZeroBitCount : 12
      return share == 1 ? bit : "\(bit) FILTER (WHERE (\(hash) >> \(shift)) & \(share - 1) = 0)"
    }
  }

  var estimate: Int {
    for (zeros, share) in zip(zeros, Self.shares) {
      guard let zeros else { return 0 }
      // Up to 92 % of the bits, the estimate's own error stays below that of taking a share.
      if zeros * 12 >= Self.bitCount || share == Self.shares.last {
        let load = -log(Double(max(zeros, 1)) / Double(Self.bitCount))
        return Int((load * Double(Self.bitCount) * Double(share)).rounded())
      }
    }
    return 0
  }
}
