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
    // What comes from a database shall neither break lines nor reach the terminal as a command.
    rows.append(
      row.map { cell in
        String(
          String.UnicodeScalarView(
            cell.unicodeScalars.map { $0.properties.generalCategory == .control ? "␣" : $0 }))
      })
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
