internal import Files

/// A picture of numbers, with the words that explain it.
public struct Plot: Sendable {
  /// Names the file of its data, `NAME.csv`: lower-case letters, digits and hyphens.
  public let name: String
  /// What is shown.
  public var title: String
  /// How to read it, in a sentence; also what a screen reader says.
  public var explanation: String
  /// What is drawn.
  public var kind: Kind

  /// What can be drawn.
  public enum Kind: Sendable {
    case lines(LinePlot)
    case scatter(ScatterPlot)
    case forest(ForestPlot)
    case heatMap(HeatMap)
    case bars(BarPlot)
    case parallel(ParallelPlot)
  }

  /// Creates a plot; characters that a file's name had better not have become hyphens in `name`.
  public init(name: String, title: String, explanation: String, kind: Kind) {
    let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let joined = words.joined(separator: "-").prefix(60)
    self.name = joined.isEmpty ? "plot" : String(joined)
    self.title = title
    self.explanation = explanation
    self.kind = kind
  }

  /// What draws it.
  var drawing: any PlotDrawing {
    switch kind {
    case .lines(let plot): plot
    case .scatter(let plot): plot
    case .forest(let plot): plot
    case .heatMap(let plot): plot
    case .bars(let plot): plot
    case .parallel(let plot): plot
    }
  }
}

/// What every kind of plot knows of itself.
protocol PlotDrawing {
  /// Height in pixels of a picture of this width.
  func height(width: Double) -> Double
  /// Writes the program that draws it.
  func draw(in script: inout GnuplotScript)
  /// What its colours and marks mean; nothing where there is only one.
  var legend: [LegendEntry] { get }
  /// All of its numbers.
  var data: PlotData { get }
}

/// A colour and mark, and what they stand for.
struct LegendEntry {
  enum Sample { case line, dashed, point, area }
  var name: String
  var ink: PlotInk
  var mark: PlotMark?
  var sample: Sample
  var dash: PlotDash = .solid
}

/// A plot's numbers as a table for files.
struct PlotData {
  /// A field of a row.
  enum Field {
    case text(String)
    case number(Double?)
  }

  let columns: [String]
  var rows: [[Field]]

  /// Comma-separated values after RFC 4180, with a header; missing and infinite numbers are empty.
  var csv: [UInt8] {
    var bytes: [UInt8] = []
    func endLine() { bytes.append(contentsOf: [0x0D, 0x0A]) }
    for (index, column) in columns.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      appendCSVField(column, to: &bytes)
    }
    endLine()
    for row in rows {
      for (index, field) in row.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        switch field {
        case .text(let text): appendCSVField(text, to: &bytes)
        case .number(let number):
          if let number, number.isFinite {
            bytes.append(contentsOf: number.description.utf8)
          }
        }
      }
      endLine()
    }
    return bytes
  }
}
