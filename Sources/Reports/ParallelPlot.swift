/// Points with more numbers than a plane has axes: one upright axis a number, one line a point.
public struct ParallelPlot: Sendable {
  /// A point.
  public struct Line: Sendable {
    public var name: String
    /// One an axis; nil interrupts the line.
    public var values: [Double?]
    /// Whether it has a colour of its own and an entry in the legend.
    public var isHighlighted: Bool

    /// Creates a line.
    public init(_ name: String, _ values: [Double?], isHighlighted: Bool = false) {
      self.name = name
      self.values = values
      self.isHighlighted = isHighlighted
    }
  }

  /// From left to right; each axis fits its own numbers.
  public var axes: [String]
  public var lines: [Line]
  /// Digits after the point of the numbers at the axes' ends.
  public var digits: Int

  /// Creates a plot of lines over parallel axes.
  public init(axes: [String], lines: [Line], digits: Int = 4) {
    precondition(
      lines.allSatisfy { $0.values.count == axes.count }, "lines of other than \(axes.count) values"
    )
    self.axes = axes
    self.lines = lines
    self.digits = digits
  }
}

extension ParallelPlot: PlotDrawing {
  func height(width: Double) -> Double { width < 500 ? 320 : 380 }

  private func range(of axis: Int) -> ClosedRange<Double>? {
    let values = lines.compactMap { $0.values[axis] }.filter(\.isFinite)
    guard let low = values.min(), let high = values.max() else { return nil }
    return low...high
  }

  func draw(in script: inout GnuplotScript) {
    let count = Double(max(axes.count, 1))
    script.setMargins(left: 8, right: 8, top: 2.6 * script.fontSize + 8, bottom: 24)
    // Half of an axis' room lies on either side of it, for its texts.
    script.add("set xrange [-0.5:\(count - 0.5)]")
    script.add("set yrange [0:1]")
    for command in ["unset xtics", "unset ytics", "unset border"] { script.add(command) }
    let room = script.characters(in: script.plotWidth / count - 6)
    let ranges = axes.indices.map(range(of:))
    for (index, name) in axes.enumerated() {
      let x = script.margins.left + (Double(index) + 0.5) / count * script.plotWidth
      script.addLabel(
        name, x: x, y: script.height - script.fontSize * 0.7, align: "center", longest: room)
      script.addLabel(
        ReportNumber.text(ranges[index]?.upperBound, digits: digits), x: x,
        y: script.height - script.fontSize * 2.1, ink: .muted, align: "center")
      script.addLabel(
        ReportNumber.text(ranges[index]?.lowerBound, digits: digits), x: x, y: 10, ink: .muted,
        align: "center")
      let axis = script.addData([[Double(index), 0], [Double(index), 1]])
      script.draw("\(axis) using 1:2 with lines lw 1 dt 1 lc rgb \(PlotInk.muted.standIn)")
    }
    let plain = lines.filter { !$0.isHighlighted }
    for line in plain {
      draw(line, ranges, "lw 1 dt 1 lc rgb \(PlotInk.faint.standIn)", mark: nil, in: &script)
    }
    for (index, line) in lines.filter(\.isHighlighted).enumerated() {
      draw(
        line, ranges, "lw 2.5 dt 1 lc rgb \(PlotInk.series(index).standIn)",
        mark: PlotMark(series: index), in: &script)
    }
  }

  private func draw(
    _ line: Line, _ ranges: [ClosedRange<Double>?], _ style: String, mark: PlotMark?,
    in script: inout GnuplotScript
  ) {
    let rows = zip(line.values, ranges).enumerated().map { index, pair -> [Double?] in
      guard let value = pair.0, value.isFinite, let range = pair.1 else {
        return [Double(index), nil]
      }
      let size = range.upperBound - range.lowerBound
      return [Double(index), size > 0 ? (value - range.lowerBound) / size : 0.5]
    }
    let data = script.addData(rows)
    script.draw("\(data) using 1:2 with lines \(style)")
    if let mark {
      script.draw("\(data) using 1:2 with points pt \(mark.number) ps 0.7 \(style)")
    }
  }

  var legend: [LegendEntry] {
    var entries = lines.filter(\.isHighlighted).enumerated().map { index, line in
      LegendEntry(
        name: line.name, ink: .series(index), mark: PlotMark(series: index), sample: .line)
    }
    if !entries.isEmpty, entries.count < lines.count {
      entries.append(LegendEntry(name: "others", ink: .faint, sample: .dashed))
    }
    return entries
  }

  var data: PlotData {
    PlotData(
      columns: ["name"] + axes + ["highlighted"],
      rows: lines.map { line in
        [.text(line.name)] + line.values.map(PlotData.Field.number)
          + [.text(line.isHighlighted ? "yes" : "no")]
      })
  }
}
