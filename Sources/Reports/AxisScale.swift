internal import Foundation

/// Where an axis begins and ends, and which of its places are named.
struct AxisScale {
  let axis: PlotAxis
  let low: Double
  let high: Double
  let ticks: [(value: Double, text: String)]

  /// A scale that fits the numbers, with about `count` named places.
  ///
  /// `margin` is the room beside the outermost numbers, as a share of their distance.
  init(_ axis: PlotAxis, values: some Sequence<Double>, count: Int, margin: Double = 0.05) {
    self.axis = axis
    let shown = values.filter { Self.canShow($0, on: axis) }
    var (low, high) = (shown.min() ?? 0, shown.max() ?? 1)
    guard axis.places.isEmpty else {
      self.low = -0.5
      self.high = Double(axis.places.count) - 0.5
      // Names that would overlap are left out evenly.
      let every = (axis.places.count + count - 1) / max(count, 1)
      ticks = stride(from: 0, to: axis.places.count, by: max(every, 1))
        .map { (Double($0), axis.places[$0].name) }
      return
    }
    if shown.isEmpty && axis.isLogarithmic { low = 0.1 }
    if let range = axis.range {
      (low, high) = (range.lowerBound, range.upperBound)
    } else if axis.isLogarithmic {
      let room = max((log10(high) - log10(low)) * margin, low == high ? 0.5 : 0)
      (low, high) = (low * pow(10, -room), high * pow(10, room))
    } else if low == high {
      let room = low == 0 ? 1 : abs(low) * 0.1
      (low, high) = (low - room, high + room)
    } else {
      let room = (high - low) * margin
      // Counts and shares don't go below zero just to make room.
      (low, high) = (low >= 0 ? max(low - room, 0) : low - room, high + room)
    }
    self.low = low
    self.high = high
    ticks =
      axis.isLogarithmic
      ? Self.logarithmicTicks(low, high, count: count)
      : Self.ticks(low, high, count: count, axis)
  }

  /// Whether a number can be drawn here.
  func holds(_ value: Double) -> Bool { Self.canShow(value, on: axis) }

  /// Beyond `1e100` differences of numbers might not be finite.
  private static func canShow(_ value: Double, on axis: PlotAxis) -> Bool {
    abs(value) < 1e100 && (!axis.isLogarithmic || value > 1e-100)
  }

  /// Where a number lies, 0 at the beginning and 1 at the end.
  func position(of value: Double) -> Double {
    axis.isLogarithmic
      ? (log(value) - log(low)) / (log(high) - log(low)) : (value - low) / (high - low)
  }

  /// The commands that set it up; `name` is `x` or `y`.
  func commands(_ name: String, in script: inout GnuplotScript) -> [String] {
    let places = ticks.map { "\(script.quoted($0.text)) \($0.value)" }
    return (axis.isLogarithmic ? ["set logscale \(name)"] : [])
      + [
        "set \(name)range [\(low):\(high)]",
        "set \(name)tics nomirror scale 0 (\(places.joined(separator: ", ")))"
          + " textcolor rgb \(PlotInk.muted.standIn)",
      ]
  }

  // MARK: Round numbers

  /// Round numbers at equal distances of 1, 2 or 5 times a power of ten.
  private static func ticks(
    _ low: Double, _ high: Double, count: Int, _ axis: PlotAxis
  ) -> [(value: Double, text: String)] {
    let rough = (high - low) / Double(max(count, 1))
    let power = pow(10, floor(log10(rough)))
    let round = ([1, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10) * power
    let step = axis.isWhole ? max(round, 1) : round
    guard step.isFinite, step > 0 else { return [] }
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    guard first <= last, last - first < 100 else { return [] }
    return stride(from: first, through: last, by: 1).map { index in
      let value = index * step
      return (value, text(value, step: step, isShare: axis.isShare))
    }
  }

  private static func logarithmicTicks(
    _ low: Double, _ high: Double, count: Int
  ) -> [(value: Double, text: String)] {
    let (first, last) = (Int(log10(low).rounded(.down)), Int(log10(high).rounded(.up)))
    let factors: [Double] = log10(high / low) > 2.6 ? [1] : [1, 2, 5]
    let every = max(1, (last - first) / max(count, 1))
    var ticks: [(value: Double, text: String)] = []
    for power in stride(from: first, through: last, by: every) {
      for factor in factors {
        let value = factor * pow(10, Double(power))
        guard value >= low * 0.999, value <= high * 1.001 else { continue }
        ticks.append((value, text(value, step: value, isShare: false)))
      }
    }
    return ticks
  }

  /// A number in as few digits as its distance to the next needs.
  private static func text(_ value: Double, step: Double, isShare: Bool) -> String {
    let scale: (factor: Double, unit: String)
    switch abs(step) {
    case _ where isShare: scale = (100, " %")
    case 1e6...: scale = (1e-6, " M")
    case 1e3...: scale = (1e-3, " k")
    case ..<1e-5: return String(format: "%g", value)
    default: scale = (1, "")
    }
    let shown = value * scale.factor
    if shown == 0 { return "0" + (isShare ? scale.unit : "") }
    let digits = max(0, -Int(floor(log10(abs(step * scale.factor)) + 1e-9)))
    return ReportNumber.text(shown, digits: digits) + scale.unit
  }
}
