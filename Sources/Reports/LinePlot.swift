/// Several lines over the same axes, each with a band around it where its points have one.
public struct LinePlot: Sendable {
  /// A place on a line.
  public struct Point: Sendable {
    public var x: Double
    /// Nil interrupts the line.
    public var y: Double?
    /// Where the number may lie as well, such as a 95 % interval.
    public var band: ClosedRange<Double>?

    /// Creates a point.
    public init(_ x: Double, _ y: Double?, band: ClosedRange<Double>? = nil) {
      self.x = x
      self.y = y
      self.band = band
    }
  }

  /// A line.
  public struct Series: Sendable {
    public var name: String
    /// In the order in which they are joined.
    public var points: [Point]
    /// Whether a line joins them; otherwise they are marks on other lines.
    public var isConnected: Bool

    /// Creates a line.
    public init(_ name: String, _ points: [Point], isConnected: Bool = true) {
      self.name = name
      self.points = points
      self.isConnected = isConnected
    }
  }

  public var x: PlotAxis
  public var y: PlotAxis
  public var series: [Series]
  /// What the line `y = x` stands for; nil draws none.
  public var diagonal: String?

  /// Creates a plot of lines.
  public init(x: PlotAxis, y: PlotAxis, series: [Series], diagonal: String? = nil) {
    self.x = x
    self.y = y
    self.series = series
    self.diagonal = diagonal
  }

  /// Lines of few points show them; a line of many is told from others by its dashes.
  private func showsPoints(_ series: Series) -> Bool {
    !series.isConnected || series.points.count <= 24
  }
}

extension LinePlot: PlotDrawing {
  func height(width: Double) -> Double {
    // Where both axes are the same, equal steps are about equally long.
    if diagonal != nil { return min(width * 1.02, 480) }
    return width < 500 ? 280 : 340
  }

  func draw(in script: inout GnuplotScript) {
    let points = series.flatMap(\.points)
    let horizontal = AxisScale(
      x, values: points.map(\.x), count: script.isNarrow ? 4 : 7, margin: 0.02)
    let vertical = AxisScale(
      y,
      values: points.flatMap { point in
        [point.y, point.band?.lowerBound, point.band?.upperBound].compactMap { $0 }
      }, count: 5)
    script.setAxes(x: horizontal, y: vertical)
    if diagonal != nil {
      let data = script.addData([
        [max(horizontal.low, vertical.low), max(horizontal.low, vertical.low)],
        [min(horizontal.high, vertical.high), min(horizontal.high, vertical.high)],
      ])
      script.draw(
        "\(data) using 1:2 with lines lw 1 \(PlotDash.long.command) lc rgb "
          + PlotInk.muted.standIn)
    }
    func shown(_ value: Double?) -> Double? { value.flatMap { vertical.holds($0) ? $0 : nil } }
    for (index, line) in series.enumerated() {
      let rows = line.points.map { point -> [Double?] in
        [
          horizontal.holds(point.x) ? point.x : nil, shown(point.y),
          shown(point.band?.lowerBound), shown(point.band?.upperBound),
        ]
      }
      guard !rows.isEmpty else { continue }
      let data = script.addData(rows)
      let ink = PlotInk.series(index).standIn
      if line.points.contains(where: { $0.band != nil }) {
        script.draw(
          "\(data) using 1:3:4 with filledcurves fc rgb \(ink) fs transparent solid 0.18 noborder")
      }
      if line.isConnected {
        let dash = showsPoints(line) ? PlotDash.solid : PlotDash(series: index)
        script.draw("\(data) using 1:2 with lines lw 2 \(dash.command) lc rgb \(ink)")
      }
      if showsPoints(line) {
        script.draw(
          "\(data) using 1:2 with points pt \(PlotMark(series: index).number)"
            + " ps \(line.isConnected ? 0.6 : 1.1) lc rgb \(ink)")
      }
    }
  }

  var legend: [LegendEntry] {
    var entries = series.enumerated().map { index, line in
      showsPoints(line)
        ? LegendEntry(
          name: line.name, ink: .series(index), mark: PlotMark(series: index),
          sample: line.isConnected ? .line : .point)
        : LegendEntry(
          name: line.name, ink: .series(index), sample: .dashed, dash: PlotDash(series: index))
    }
    if let diagonal {
      entries.append(LegendEntry(name: diagonal, ink: .muted, sample: .dashed, dash: .long))
    }
    return entries.count > 1 ? entries : []
  }

  /// A number of an axis as files have it.
  private func field(_ axis: PlotAxis, _ value: Double) -> PlotData.Field {
    guard let whole = Int(exactly: value) else { return .number(value) }
    if axis.places.indices.contains(whole) { return .text(axis.places[whole].key) }
    return axis.isWhole ? .text("\(whole)") : .number(value)
  }

  var data: PlotData {
    let hasBands = series.contains { $0.points.contains { $0.band != nil } }
    var data = PlotData(
      columns: ["series", x.title, y.title] + (hasBands ? ["low", "high"] : []), rows: [])
    for line in series {
      for point in line.points {
        data.rows.append(
          [.text(line.name), field(x, point.x), .number(point.y)]
            + (hasBands
              ? [.number(point.band?.lowerBound), .number(point.band?.upperBound)] : []))
      }
    }
    return data
  }
}
