/// A colour by what it is for; the page says which it is, by day, by night and on paper.
///
/// gnuplot is given a stand-in, `#TTTTNN`, which ``PlotSVG`` turns into the page's own name.
enum PlotInk: Equatable {
  /// Numbers and names.
  case text
  /// Names on top of what is drawn, which have a rim in the colour of the paper.
  case name
  /// Axes, and what is less important.
  case muted
  case grid
  /// What is only there to compare with.
  case faint
  /// One of several series, counted from 0; they start again after ``seriesCount``.
  case series(Int)
  case better, worse

  /// Colours that stay apart for those who don't see red and green.
  ///
  /// After Okabe, Ito: *Color Universal Design*, 2008, without its yellow, which is lost on paper.
  static let seriesCount = 7

  /// What gnuplot is told.
  var standIn: String {
    let (group, number) = code
    return "'#"
      + [group, 0x5A, number].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      .joined() + "'"
  }

  /// The value in the page.
  var css: String {
    switch self {
    case .text: "currentColor"
    case .muted: "var(--muted)"
    case .grid: "var(--grid)"
    case .faint: "var(--faint)"
    case .name: "var(--name)"
    case .series(let index): "var(--series-\(index % Self.seriesCount + 1))"
    case .better: "var(--better)"
    case .worse: "var(--worse)"
    }
  }

  /// The value in the page for the parts of a stand-in.
  static func css(red: Int, green: Int, blue: Int) -> String? {
    guard green == 0x5A else { return nil }
    switch (red, blue) {
    case (1, 0): return PlotInk.text.css
    case (1, 1): return PlotInk.muted.css
    case (1, 2): return PlotInk.grid.css
    case (1, 3): return PlotInk.faint.css
    case (1, 6): return PlotInk.name.css
    case (1, 4): return PlotInk.better.css
    case (1, 5): return PlotInk.worse.css
    case (2, 0..<seriesCount): return PlotInk.series(blue).css
    default: return nil
    }
  }

  private var code: (group: Int, number: Int) {
    switch self {
    case .text: (1, 0)
    case .muted: (1, 1)
    case .grid: (1, 2)
    case .faint: (1, 3)
    case .name: (1, 6)
    case .better: (1, 4)
    case .worse: (1, 5)
    case .series(let index): (2, index % Self.seriesCount)
    }
  }
}

/// The shape of a point, so that colour is never the only difference.
struct PlotMark: Equatable {
  /// gnuplot's number: disc, square, triangle, turned triangle, diamond, pentagon, circle.
  let number: Int
  private static let numbers = [7, 5, 9, 11, 13, 15, 6]

  /// The mark of a series, counted from 0.
  init(series: Int) { number = Self.numbers[series % Self.numbers.count] }
}

/// How a line is broken, so that colour is never the only difference.
enum PlotDash: CaseIterable {
  case solid, long, short, mixed, sparse

  /// The dash of a series, counted from 0.
  init(series: Int) { self = Self.allCases[series % Self.allCases.count] }

  /// Lengths of strokes and gaps in pixels.
  var lengths: [Int] {
    switch self {
    case .solid: []
    case .long: [9, 4]
    case .short: [3, 3]
    case .mixed: [9, 3, 2, 3]
    case .sparse: [5, 8]
    }
  }

  /// What gnuplot is told; the lengths count in widths of a line.
  var command: String {
    lengths.isEmpty ? "dt 1" : "dt (\(lengths.map { "\($0)" }.joined(separator: ",")))"
  }
}
