internal import Interactions
internal import PostgresLogs
internal import RunConfiguration

/// The statement that counts labels and values in one pass.
struct CountStatement {
  let tasks: [RunConfiguration.TaskDefinition]
  let columns: [ColumnDescription]
  /// What each column's values must fulfil, in the order of the columns; nil for anything.
  let rules: [ValueRule?]
  /// The column of weights; nil without one.
  let weight: ColumnDescription?
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
    if let weight {
      let name = try quoted(weight.name)
      // NaN is above all numbers, and what no float can hold is none.
      let isWeight =
        "\(name) >= 0" + (weight.kind == .number ? " AND \(name) <= 3.4028235e38" : "")
      inner.append(
        "CASE WHEN (\(isWeight)) IS NOT TRUE THEN coalesce(\(name)::text, 'NULL') END AS w")
      inner.append("\(name) > 0 AS v")
      outer += ["count(w)", "min(w)", "count(*) FILTER (WHERE v)"]
    } else {
      outer += ["0", "NULL", "count(*)"]
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
      if let rule = rules[index] {
        let broken = rule.broken(name, column.kind)
        inner.append("coalesce(\(name) IS NOT NULL AND \(broken), false) AS f\(index)")
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
