/// A field of numbers as colours, one for each row and column.
public struct HeatMap: Sendable {
  /// What the numbers are.
  public enum Scale: Sendable {
    /// From −1 to 1, such as cosines: two colours that fade towards 0.
    case signed
    /// From 0 to 1: one colour.
    case share

    var range: ClosedRange<Double> { self == .signed ? -1...1 : 0...1 }
  }

  public var scale: Scale
  /// Of each row, from top to bottom.
  public var rowNames: [String]
  /// Of each column, from left to right.
  public var columnNames: [String]
  /// What the columns are.
  public var columnTitle: String
  /// A row each; nil stays empty.
  public var values: [[Double?]]

  /// Creates a heat map of `[rowNames.count, columnNames.count]` numbers.
  public init(
    scale: Scale, rowNames: [String], columnNames: [String], columnTitle: String = "",
    values: [[Double?]]
  ) {
    precondition(
      values.count == rowNames.count && values.allSatisfy { $0.count == columnNames.count },
      "values of other than \(rowNames.count) rows and \(columnNames.count) columns")
    self.scale = scale
    self.rowNames = rowNames
    self.columnNames = columnNames
    self.columnTitle = columnTitle
    self.values = values
  }
}

extension HeatMap: PlotDrawing {
  /// Where the parts of a picture lie, in pixels.
  private struct Layout {
    let left: Double
    let cellWidth: Double
    /// Whether columns' names are turned.
    let isTurned: Bool
    let bottom: Double
    let names: (rows: [String], columns: [String])
  }

  private static let cellHeight = 34.0

  private func layout(width: Double) -> Layout {
    let ruler = GnuplotScript(width: width, height: 100)
    let rows = rowNames.map { GnuplotScript.shortened($0, to: ruler.isNarrow ? 22 : 28) }
    let columns = columnNames.map { GnuplotScript.shortened($0, to: ruler.isNarrow ? 14 : 20) }
    let left = (rows.map(ruler.width(of:)).max() ?? 0) + 10
    let cellWidth = min((width - left - 8) / Double(max(columns.count, 1)), 110)
    let widest = columns.map(ruler.width(of:)).max() ?? 0
    let isTurned = widest + 4 > cellWidth
    return Layout(
      left: left, cellWidth: cellWidth, isTurned: isTurned,
      bottom: (isTurned ? widest : ruler.fontSize) + 14
        + (columnTitle.isEmpty ? 0 : ruler.fontSize + 6),
      names: (rows, columns))
  }

  func height(width: Double) -> Double {
    Double(max(rowNames.count, 1)) * Self.cellHeight + layout(width: width).bottom + 6
  }

  func draw(in script: inout GnuplotScript) {
    let layout = layout(width: script.width)
    let (rowCount, columnCount) = (rowNames.count, columnNames.count)
    let fieldWidth = layout.cellWidth * Double(columnCount)
    script.setMargins(
      left: layout.left, right: max(script.width - layout.left - fieldWidth, 0), top: 6,
      bottom: layout.bottom)
    script.add("set xrange [0:\(max(columnCount, 1))]")
    script.add("set yrange [\(-max(rowCount, 1)):0]")
    for command in ["unset xtics", "unset ytics", "unset border"] { script.add(command) }
    for (row, name) in layout.names.rows.enumerated() {
      script.addLabel(
        name, x: layout.left - 8, y: script.height - 6 - (Double(row) + 0.5) * Self.cellHeight,
        align: "right")
    }
    // Names that would overlap are left out evenly.
    let every =
      layout.isTurned ? max(1, Int((script.fontSize * 1.2 / layout.cellWidth).rounded(.up))) : 1
    for (column, name) in layout.names.columns.enumerated() where column % every == 0 {
      script.addLabel(
        name, x: layout.left + (Double(column) + 0.5) * layout.cellWidth,
        y: layout.bottom - (layout.isTurned ? 6 : script.fontSize * 0.8), ink: .muted,
        align: layout.isTurned ? "right" : "center", turned: layout.isTurned)
    }
    script.addLabel(
      columnTitle, x: layout.left + fieldWidth / 2, y: script.fontSize * 0.7, ink: .muted,
      align: "center")
    drawCells(in: &script)
    if layout.cellWidth >= script.width(of: "−0.00") + 2 { writeNumbers(in: &script) }
  }

  /// Cells of about the same number share a layer, since a layer has one colour.
  private func drawCells(in script: inout GnuplotScript) {
    var layers: [Int: [[Double?]]] = [:]
    for (row, values) in values.enumerated() {
      for (column, value) in values.enumerated() {
        guard let value, value.isFinite else { continue }
        let bounded = min(max(value, scale.range.lowerBound), scale.range.upperBound)
        let (x, y) = (Double(column), -Double(row))
        layers[Int((bounded * 20).rounded()), default: []]
          .append([x + 0.5, y - 0.5, x + 0.02, x + 0.98, y - 0.97, y - 0.03])
      }
    }
    for (level, cells) in layers.sorted(by: { $0.key < $1.key }) {
      let ink: PlotInk =
        scale == .share ? .series(0) : level < 0 ? .worse : level > 0 ? .better : .muted
      // Never quite empty, never so full that the number in it can't be read.
      let strength = 0.06 + 0.6 * Double(abs(level)) / 20
      script.draw(
        "\(script.addData(cells)) using 1:2:3:4:5:6 with boxxyerror fc rgb \(ink.standIn)"
          + " fs transparent solid \(strength) noborder")
    }
  }

  private func writeNumbers(in script: inout GnuplotScript) {
    var rows: [[String]] = []
    for (row, values) in values.enumerated() {
      for (column, value) in values.enumerated() {
        let text = script.standIn(ReportNumber.text(value, digits: 2))
        rows.append(["\(Double(column) + 0.5)", "\(-Double(row) - 0.5)", text])
      }
    }
    guard !rows.isEmpty else { return }
    script.draw(
      "\(script.addData(rows)) using 1:2:3 with labels center textcolor rgb "
        + PlotInk.text.standIn)
  }

  var legend: [LegendEntry] {
    switch scale {
    case .share: []
    case .signed:
      [
        LegendEntry(name: "above 0", ink: .better, sample: .area),
        LegendEntry(name: "below 0", ink: .worse, sample: .area),
      ]
    }
  }

  var data: PlotData {
    PlotData(
      columns: [""] + columnNames,
      rows: zip(rowNames, values).map { name, values in
        [.text(name)] + values.map(PlotData.Field.number)
      })
  }
}
