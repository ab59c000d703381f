internal import Foundation

/// A program for gnuplot, in which no text of the outside appears.
///
/// Names come from databases and may hold anything: quotes, line ends, gnuplot's own markup. So the
/// program holds a stand-in of the same width for each text, made of characters that are in no text
/// (Unicode's planes for private use), and ``PlotSVG`` puts the texts into the finished picture.
struct GnuplotScript {
  let width: Double
  let height: Double
  /// In pixels.
  let fontSize: Double
  /// Room for the texts around the axes, in pixels.
  private(set) var margins = (left: 0.0, right: 0.0, top: 0.0, bottom: 0.0)
  /// What stands for each text, in the order of the stand-ins.
  private(set) var texts: [String] = []
  private var lines: [String] = []
  private var layers: [String] = []
  private var blockCount = 0

  /// An empty picture; a narrow one is read on a telephone.
  init(width: Double, height: Double) {
    self.width = width
    self.height = height
    fontSize = width < 500 ? 13 : 14
  }

  var isNarrow: Bool { width < 500 }
  /// Where the numbers are drawn, in pixels.
  var plotWidth: Double { width - margins.left - margins.right }
  var plotHeight: Double { height - margins.top - margins.bottom }

  // MARK: Texts

  static let firstStandIn: UInt32 = 0xF_0000
  static let filler = Unicode.Scalar(0x10_FFFD as UInt32) ?? "?"

  /// A text as an argument of gnuplot, cut to so many characters.
  mutating func quoted(_ text: String, longest: Int = 60) -> String {
    "'\(standIn(text, longest: longest))'"
  }

  /// A text as a field of data.
  mutating func standIn(_ text: String, longest: Int = 60) -> String {
    let text = Self.shortened(text, to: longest)
    guard !text.isEmpty, let first = Unicode.Scalar(Self.firstStandIn + UInt32(texts.count)) else {
      return ""
    }
    texts.append(text)
    var standIn = String.UnicodeScalarView([first])
    for _ in 1..<max(Self.columns(text), 1) { standIn.append(Self.filler) }
    return String(standIn)
  }

  /// A text on one line, of at most so many characters.
  static func shortened(_ text: String, to longest: Int) -> String {
    let line = String(
      text.map { character in
        let isPlain = character.unicodeScalars.allSatisfy {
          $0.properties.generalCategory != .control && $0.properties.generalCategory != .privateUse
        }
        return isPlain && !character.isNewline ? character : " "
      })
    return line.count <= longest ? line : line.prefix(max(longest - 1, 1)) + "…"
  }

  /// Of wide common fonts, beside their size.
  private static let letterWidth = 0.61

  /// How many Latin letters are as wide as a text.
  private static func columns(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
  }

  /// About how wide a text is, in pixels.
  func width(of text: String) -> Double { Double(Self.columns(text)) * fontSize * Self.letterWidth }

  /// How many characters have room in a width.
  func characters(in width: Double) -> Int { max(3, Int(width / (fontSize * Self.letterWidth))) }

  // MARK: Setting up

  /// Adds a command.
  mutating func add(_ command: String) { lines.append(command) }

  /// Leaves room around the axes, in pixels.
  mutating func setMargins(left: Double, right: Double, top: Double, bottom: Double) {
    margins = (left, right, top, bottom)
    add("set lmargin at screen \(left / width)")
    add("set rmargin at screen \(1 - right / width)")
    add("set tmargin at screen \(1 - top / height)")
    add("set bmargin at screen \(bottom / height)")
  }

  /// Draws axes with titles: the vertical one's above it, so that nobody has to turn the head.
  mutating func setAxes(x: AxisScale, y: AxisScale) {
    let widest = y.ticks.map { width(of: $0.text) }.max() ?? 0
    let last = x.ticks.last.map { width(of: $0.text) / 2 } ?? 0
    setMargins(
      left: max(widest + 12, 24), right: max(14, last + 2),
      top: y.axis.title.isEmpty ? 12 : fontSize + 22,
      bottom: x.axis.title.isEmpty ? fontSize + 16 : 2 * fontSize + 26)
    for command in x.commands("x", in: &self) + y.commands("y", in: &self) { add(command) }
    add("set border 1 lw 1 lc rgb \(PlotInk.muted.standIn)")
    add("set grid ytics back lt 1 lw 1 dt 1 lc rgb \(PlotInk.grid.standIn)")
    addLabel(y.axis.title, x: 0, y: height - fontSize * 0.7, ink: .muted)
    addLabel(
      x.axis.title, x: margins.left + plotWidth / 2, y: fontSize * 0.7, ink: .muted, align: "center"
    )
  }

  /// Adds a text at a place in pixels, counted from the lower left.
  mutating func addLabel(
    _ text: String, x: Double, y: Double, ink: PlotInk = .text, align: String = "left",
    turned: Bool = false, longest: Int = 60
  ) {
    guard !text.isEmpty else { return }
    let turn = turned ? " rotate by 90" : ""
    add(
      "set label \(quoted(text, longest: longest)) at screen \(x / width), screen \(y / height)"
        + " \(align)\(turn) textcolor rgb \(ink.standIn) front")
  }

  /// Adds a thin line between places in pixels, counted from the lower left.
  mutating func addPointer(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) {
    add(
      "set arrow from screen \(start.x / width), screen \(start.y / height)"
        + " to screen \(end.x / width), screen \(end.y / height) nohead lw 1 lc rgb "
        + PlotInk.muted.standIn)
  }

  // MARK: Drawing

  /// Adds rows of numbers, missing ones included, and returns their name.
  mutating func addData(_ rows: [[Double?]]) -> String {
    addData(
      rows.map { row in
        row.map { number in number.flatMap { $0.isFinite ? "\($0)" : nil } ?? "NaN" }
      })
  }

  /// Adds rows of fields and returns their name.
  mutating func addData(_ rows: [[String]]) -> String {
    blockCount += 1
    let name = "$data\(blockCount)"
    lines.append("\(name) << END_OF_DATA")
    for row in rows { lines.append(row.joined(separator: " ")) }
    lines.append("END_OF_DATA")
    return name
  }

  /// Draws something over what is there: `plot`'s argument.
  mutating func draw(_ layer: String) { layers.append(layer) }

  /// The whole program.
  var text: String {
    let head = [
      "set encoding utf8",
      "set terminal svg size \(Int(width)),\(Int(height)) fixed noenhanced"
        + " font 'sans-serif,\(Int(fontSize))'",
      "unset key", "set pointintervalbox 0",
    ]
    // Without anything to draw, gnuplot would draw no axes either.
    let plot = layers.isEmpty ? ["NaN with lines"] : layers
    return (head + lines + ["plot \(plot.joined(separator: ", "))"]).joined(separator: "\n") + "\n"
  }
}
