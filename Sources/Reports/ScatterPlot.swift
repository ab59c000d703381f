/// Points over two axes, with names and intervals where they have some, such as a Pareto frontier.
public struct ScatterPlot: Sendable {
  /// A place, and what it stands for.
  public struct Point: Sendable {
    public var x: Double
    public var y: Double
    /// Where `x` may lie as well, such as a 95 % interval.
    public var xInterval: ClosedRange<Double>?
    /// Where `y` may lie as well.
    public var yInterval: ClosedRange<Double>?
    /// Written beside the point; empty for none.
    public var name: String

    /// Creates a point.
    public init(
      _ x: Double, _ y: Double, xInterval: ClosedRange<Double>? = nil,
      yInterval: ClosedRange<Double>? = nil, name: String = ""
    ) {
      self.x = x
      self.y = y
      self.xInterval = xInterval
      self.yInterval = yInterval
      self.name = name
    }
  }

  /// Points of one kind.
  public struct Series: Sendable {
    public var name: String
    public var points: [Point]
    /// Whether a line joins them in their order.
    public var isConnected: Bool
    /// Whether intervals are drawn; the data has them anyway.
    public var showsIntervals: Bool

    /// Creates a series.
    public init(
      _ name: String, _ points: [Point], isConnected: Bool = false, showsIntervals: Bool = true
    ) {
      self.showsIntervals = showsIntervals
      self.name = name
      self.points = points
      self.isConnected = isConnected
    }
  }

  public var x: PlotAxis
  public var y: PlotAxis
  public var series: [Series]

  /// Creates a plot of points.
  public init(x: PlotAxis, y: PlotAxis, series: [Series]) {
    self.x = x
    self.y = y
    self.series = series
  }
}

extension ScatterPlot: PlotDrawing {
  func height(width: Double) -> Double { width < 500 ? 340 : 440 }

  func draw(in script: inout GnuplotScript) {
    let points = series.flatMap(\.points)
    let horizontal = AxisScale(
      x,
      values: series.flatMap { group in
        group.points.flatMap { [$0.x] + (group.showsIntervals ? $0.xInterval.ends : []) }
      }, count: script.isNarrow ? 3 : 6,
      margin: 0.07)
    let vertical = AxisScale(
      y,
      values: series.flatMap { group in
        group.points.flatMap { [$0.y] + (group.showsIntervals ? $0.yInterval.ends : []) }
      }, count: 5, margin: 0.07)
    func holds(_ point: Point) -> Bool { horizontal.holds(point.x) && vertical.holds(point.y) }
    script.setAxes(x: horizontal, y: vertical)
    script.add("set grid xtics ytics back lt 1 lw 1 dt 1 lc rgb \(PlotInk.grid.standIn)")
    for (index, group) in series.enumerated() {
      let shown = group.points.filter(holds)
      guard !shown.isEmpty else { continue }
      let ink = PlotInk.series(index).standIn
      let bars = (group.showsIntervals ? shown : []).flatMap { point -> [[Double?]] in
        let (across, up) = (point.xInterval, point.yInterval)
        return
          (across.map { [[$0.lowerBound, point.y, $0.upperBound - $0.lowerBound, 0]] } ?? [])
          + (up.map { [[point.x, $0.lowerBound, 0, $0.upperBound - $0.lowerBound]] } ?? [])
      }
      if !bars.isEmpty {
        script.draw(
          "\(script.addData(bars)) using 1:2:3:4 with vectors nohead lw 1 lc rgb \(ink)")
      }
      let data = script.addData(shown.map { [$0.x, $0.y] })
      if group.isConnected {
        script.draw("\(data) using 1:2 with lines lw 2 dt 1 lc rgb \(ink)")
      }
      script.draw(
        "\(data) using 1:2 with points pt \(PlotMark(series: index).number) ps 0.8 lc rgb \(ink)")
    }
    addNames(points.filter(holds), horizontal, vertical, in: &script)
  }

  private func addNames(
    _ points: [Point], _ horizontal: AxisScale, _ vertical: AxisScale,
    in script: inout GnuplotScript
  ) {
    let longest = script.isNarrow ? 16 : 28
    var placer = LabelPlacer(
      width: script.width, height: script.height, lineHeight: script.fontSize)
    let places = points.map { point in
      (
        x: script.margins.left + horizontal.position(of: point.x) * script.plotWidth,
        y: script.margins.bottom + vertical.position(of: point.y) * script.plotHeight
      )
    }
    for place in places { placer.avoid(x: place.x, y: place.y, radius: 5) }
    for (point, place) in zip(points, places) where !point.name.isEmpty {
      let text = GnuplotScript.shortened(point.name, to: longest)
      let label = placer.place(width: script.width(of: text), besideX: place.x, y: place.y)
      if label.isAway {
        script.addPointer(from: place, to: (label.x + script.width(of: text) / 2, label.y))
      }
      script.addLabel(text, x: label.x, y: label.y, ink: .name, longest: longest)
    }
  }

  var legend: [LegendEntry] {
    guard series.count > 1 else { return [] }
    return series.enumerated().map { index, group in
      LegendEntry(
        name: group.name, ink: .series(index), mark: PlotMark(series: index),
        sample: group.isConnected ? .line : .point)
    }
  }

  var data: PlotData {
    var data = PlotData(
      columns: [
        "series", "name", x.title, "\(x.title) low", "\(x.title) high", y.title, "\(y.title) low",
        "\(y.title) high",
      ], rows: [])
    for group in series {
      for point in group.points {
        data.rows.append([
          .text(group.name), .text(point.name),
          .number(point.x), .number(point.xInterval?.lowerBound),
          .number(point.xInterval?.upperBound),
          .number(point.y), .number(point.yInterval?.lowerBound),
          .number(point.yInterval?.upperBound),
        ])
      }
    }
    return data
  }
}

extension ClosedRange<Double>? {
  /// Both ends; none without an interval.
  fileprivate var ends: [Double] { map { [$0.lowerBound, $0.upperBound] } ?? [] }
}
