/// Bars side by side for each of some categories.
public struct BarPlot: Sendable {
  /// Bars of one colour.
  public struct Series: Sendable {
    public var name: String
    /// One a category; nil leaves a gap.
    public var values: [Double?]

    /// Creates a series.
    public init(_ name: String, _ values: [Double?]) {
      self.name = name
      self.values = values
    }
  }

  /// What the categories are.
  public var categoryTitle: String
  /// From left to right.
  public var categories: [String]
  /// What the bars measure.
  public var y: PlotAxis
  public var series: [Series]
  /// A line across, such as the mean, and what it stands for.
  public var reference: (value: Double, name: String)?

  /// Creates a plot of bars.
  public init(
    categoryTitle: String, categories: [String], y: PlotAxis, series: [Series],
    reference: (value: Double, name: String)? = nil
  ) {
    precondition(
      series.allSatisfy { $0.values.count == categories.count },
      "series of other than \(categories.count) bars")
    precondition(!y.isLogarithmic, "bars begin at 0")
    self.categoryTitle = categoryTitle
    self.categories = categories
    self.y = y
    self.series = series
    self.reference = reference
  }
}

extension BarPlot: PlotDrawing {
  func height(width: Double) -> Double { width < 500 ? 280 : 340 }

  func draw(in script: inout GnuplotScript) {
    let values = series.flatMap(\.values).compactMap { $0 } + [0, reference?.value ?? 0]
    let vertical = AxisScale(y, values: values, count: 5)
    let slots = Double(max(categories.count, 1))
    script.setAxes(
      x: AxisScale(PlotAxis(categoryTitle, range: 0...slots), values: [], count: 0), y: vertical)
    let room = script.characters(in: script.plotWidth / slots)
    let every = room < 4 ? 2 : 1
    let places = categories.enumerated().filter { $0.offset % every == 0 }.map { index, name in
      "\(script.quoted(name, longest: room * every)) \(Double(index) + 0.5)"
    }
    script.add(
      "set xtics nomirror scale 0 (\(places.joined(separator: ", ")))"
        + " textcolor rgb \(PlotInk.muted.standIn)")
    let width = 0.8 / Double(max(series.count, 1))
    for (index, group) in series.enumerated() {
      let bars = group.values.enumerated().compactMap { slot, value -> [Double?]? in
        guard let value, value.isFinite else { return nil }
        let left = Double(slot) + 0.1 + Double(index) * width
        let right = left + width * 0.92
        return [(left + right) / 2, value / 2, left, right, min(0, value), max(0, value)]
      }
      guard !bars.isEmpty else { continue }
      script.draw(
        "\(script.addData(bars)) using 1:2:3:4:5:6 with boxxyerror"
          + " fc rgb \(PlotInk.series(index).standIn) fs solid noborder")
    }
    if let reference {
      let line = script.addData([[0, reference.value], [slots, reference.value]])
      script.draw(
        "\(line) using 1:2 with lines lw 1.5 \(PlotDash.long.command) lc rgb "
          + PlotInk.text.standIn)
    }
  }

  var legend: [LegendEntry] {
    var entries = series.enumerated().map { index, group in
      LegendEntry(name: group.name, ink: .series(index), sample: .area)
    }
    if let reference {
      entries.append(
        LegendEntry(name: reference.name, ink: .text, sample: .dashed, dash: .long))
    }
    return entries.count > 1 ? entries : []
  }

  var data: PlotData {
    PlotData(
      columns: [categoryTitle] + series.map(\.name),
      rows: categories.enumerated().map { index, name in
        [.text(name)] + series.map { .number($0.values[index]) }
      })
  }
}
