internal import Foundation

/// One number with its interval a row, against a line that stands for no difference.
public struct ForestPlot: Sendable {
  /// What an interval says.
  public enum Verdict: String, Sendable, CaseIterable {
    case better, worse, undecided

    var ink: PlotInk {
      switch self {
      case .better: .better
      case .worse: .worse
      case .undecided: .muted
      }
    }

    /// A shape each, so that colour is not the only difference.
    var mark: PlotMark {
      switch self {
      case .better: PlotMark(series: 2)
      case .worse: PlotMark(series: 3)
      case .undecided: PlotMark(series: 0)
      }
    }
  }

  /// A number.
  public struct Row: Sendable {
    public var name: String
    /// Nil where there is no number to show.
    public var value: Double?
    public var interval: ClosedRange<Double>?
    public var verdict: Verdict

    /// Creates a row.
    public init(
      _ name: String, _ value: Double?, interval: ClosedRange<Double>?, verdict: Verdict
    ) {
      self.name = name
      self.value = value
      self.interval = interval
      self.verdict = verdict
    }
  }

  public var axis: PlotAxis
  /// From top to bottom.
  public var rows: [Row]
  /// No difference.
  public var zero: Double
  /// Digits after the point of the numbers that are written out.
  public var digits: Int

  /// Creates a forest plot.
  public init(axis: PlotAxis, rows: [Row], zero: Double = 0, digits: Int = 4) {
    self.axis = axis
    self.rows = rows
    self.zero = zero
    self.digits = digits
  }
}

extension ForestPlot: PlotDrawing {
  private func rowHeight(isNarrow: Bool) -> Double { isNarrow ? 44 : 32 }

  func height(width: Double) -> Double {
    Double(max(rows.count, 1)) * rowHeight(isNarrow: width < 500) + 62
  }

  func draw(in script: inout GnuplotScript) {
    let isNarrow = script.isNarrow
    let height = rowHeight(isNarrow: isNarrow)
    let scale = AxisScale(
      axis,
      values: rows.flatMap { row in
        [row.value, row.interval?.lowerBound, row.interval?.upperBound].compactMap { $0 }
      } + [zero], count: isNarrow ? 4 : 5)
    let longest = isNarrow ? 24 : 32
    let names = rows.map { GnuplotScript.shortened($0.name, to: longest) }
    let numbers = rows.map { number($0, withInterval: !isNarrow) }
    // On a telephone, names and numbers stand above their bars, to leave these the whole width.
    let left = isNarrow ? 12 : (names.map(script.width(of:)).max() ?? 0) + 14
    let right = isNarrow ? 14 : (numbers.map(script.width(of:)).max() ?? 0) + 14
    script.setMargins(left: left, right: right, top: 8, bottom: 2 * script.fontSize + 26)
    for command in scale.commands("x", in: &script) { script.add(command) }
    script.add("set yrange [\(-Double(max(rows.count, 1))):0]")
    script.add("unset ytics")
    script.add("set border 1 lw 1 lc rgb \(PlotInk.muted.standIn)")
    script.add("set grid xtics back lt 1 lw 1 dt 1 lc rgb \(PlotInk.grid.standIn)")
    script.addLabel(
      axis.title, x: left + script.plotWidth / 2, y: script.fontSize * 0.7, ink: .muted,
      align: "center")
    let line = script.addData([[zero, 0], [zero, -Double(rows.count)]])
    script.draw("\(line) using 1:2 with lines lw 1.5 dt 1 lc rgb \(PlotInk.text.standIn)")
    for (index, name) in names.enumerated() {
      let middle = script.height - 8 - (Double(index) + (isNarrow ? 0.32 : 0.5)) * height
      script.addLabel(name, x: isNarrow ? left : 0, y: middle, ink: .name, longest: longest)
      script.addLabel(
        numbers[index], x: script.width - (isNarrow ? 14 : 0), y: middle, ink: .name,
        align: "right")
    }
    for verdict in Verdict.allCases { draw(verdict, scale, in: &script) }
  }

  private func draw(_ verdict: Verdict, _ scale: AxisScale, in script: inout GnuplotScript) {
    let shown = rows.enumerated().filter { $0.element.verdict == verdict }
    let ink = verdict.ink.standIn
    func middle(_ index: Int) -> Double { -Double(index) - (script.isNarrow ? 0.74 : 0.5) }
    let bars = shown.compactMap { index, row -> [Double?]? in
      guard let range = row.interval, scale.holds(range.lowerBound), scale.holds(range.upperBound)
      else { return nil }
      return [range.lowerBound, middle(index), range.upperBound - range.lowerBound, 0]
    }
    if !bars.isEmpty {
      script.draw("\(script.addData(bars)) using 1:2:3:4 with vectors nohead lw 3 lc rgb \(ink)")
    }
    let points = shown.compactMap { index, row -> [Double?]? in
      guard let value = row.value, scale.holds(value) else { return nil }
      return [value, middle(index)]
    }
    if !points.isEmpty {
      script.draw(
        "\(script.addData(points)) using 1:2 with points pt \(verdict.mark.number) ps 1"
          + " lc rgb \(ink)")
    }
  }

  /// As in `+0.0123 (−0.0010 to +0.0256)`; a telephone has room for the first part only.
  private func number(_ row: Row, withInterval: Bool) -> String {
    let text: (Double?) -> String = {
      zero == 0 ? ReportNumber.signed($0, digits: digits) : ReportNumber.text($0, digits: digits)
    }
    guard withInterval, let range = row.interval else { return text(row.value) }
    return "\(text(row.value)) (\(text(range.lowerBound)) to \(text(range.upperBound)))"
  }

  var legend: [LegendEntry] {
    Verdict.allCases.filter { verdict in rows.contains { $0.verdict == verdict } }.map {
      LegendEntry(name: $0.rawValue, ink: $0.ink, mark: $0.mark, sample: .line)
    }
  }

  var data: PlotData {
    PlotData(
      columns: ["name", axis.title, "low", "high", "verdict"],
      rows: rows.map {
        [
          .text($0.name), .number($0.value), .number($0.interval?.lowerBound),
          .number($0.interval?.upperBound), .text($0.verdict.rawValue),
        ]
      })
  }
}
