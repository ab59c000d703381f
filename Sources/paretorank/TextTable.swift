import Foundation

/// Rows of text in columns, for people.
struct TextTable {
  enum Alignment { case left, right }

  private var alignments: [Alignment]
  private var rows: [[String]]

  /// A table with headers; the first column stands to the left, the others to the right, unless
  /// said otherwise.
  init(_ headers: [String], _ alignments: [Alignment]? = nil) {
    rows = [headers]
    self.alignments =
      alignments ?? headers.indices.map { $0 == 0 ? .left : .right }
  }

  /// A table of names and values, without headers.
  init(pairs: [(String, String)]) {
    rows = pairs.map { [$0.0, $0.1] }
    alignments = [.left, .left]
  }

  mutating func append(_ row: [String]) {
    precondition(row.count == alignments.count, "\(row.count) cells in a table of other width")
    rows.append(row)
  }

  /// The table, each row a line.
  var text: String {
    let widths = alignments.indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let gap = String(repeating: " ", count: widths[column] - cell.count)
        if column > 0 { line += "  " }
        line += alignments[column] == .left ? cell + gap : gap + cell
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

/// Numbers and times as people read them.
enum Text {
  /// What stands where there is no value.
  static let none = "–"

  /// A whole number with commas: `12,345`.
  static func count(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits.removeLast(3)
    }
    groups.insert(digits[...], at: 0)
    return (value < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  static func number(_ value: Double?, digits: Int = 4) -> String {
    guard let value else { return none }
    return String(format: "%.\(digits)f", value)
  }

  static func percent(_ share: Double?, digits: Int = 1) -> String {
    guard let share else { return none }
    return String(format: "%.\(digits)f%%", share * 100)
  }

  /// Up to two units: `2 h 5 min`, `3 min 20 s`, `8 s`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded())
    if whole >= 3_600 { return "\(whole / 3_600) h \(whole % 3_600 / 60) min" }
    return whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
  }
}
