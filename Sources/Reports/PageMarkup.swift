internal import Foundation
internal import Mustache

/// A page as HTML, which needs nothing but itself: no script, no file, no network.
struct PageMarkup {
  /// Tells a report from other pages, for ``ReportWriter``.
  static let signature = "<meta name=\"generator\" content=\"ParetoRank report\">"

  /// The page.
  let html: String
  /// The plots' data by the names of their files.
  let files: [(name: String, content: [UInt8])]

  /// Draws the plots of a page and lays it out.
  init(_ page: ReportPage, gnuplot: Gnuplot) throws(ReportError) {
    var files: [(name: String, content: [UInt8])] = []
    var sections: [[String: Any]] = []
    for (index, section) in page.sections.enumerated() {
      var parts: [[String: Any]] = []
      for part in section.parts {
        switch part {
        case .paragraph(let text): parts.append(["paragraph": ["text": text]])
        case .preformatted(let title, let text):
          parts.append(["preformatted": ["title": title, "text": text]])
        case .table(let table):
          parts.append(["table": Self.values(of: table, label: section.title)])
        case .plot(let plot):
          let drawing = plot.drawing
          let name = Self.unusedName(plot.name, among: files.map(\.name))
          parts.append(["plot": try Self.values(of: plot, drawing, file: name, gnuplot)])
          files.append((name, drawing.data.csv))
        }
      }
      sections.append([
        "id": "section-\(index + 1)", "title": section.title, "explanation": section.explanation,
        "parts": parts,
      ])
    }
    self.files = files
    html = Self.template.render([
      "title": page.title, "summary": page.summary,
      "style": Self.resource(PackageResources.page_css), "marks": PlotSVG.marks,
      "hasFacts": !page.facts.isEmpty,
      "facts": page.facts.map { ["name": $0.name, "value": $0.value] },
      "hasContents": sections.count > 2, "sections": sections,
    ])
  }

  // MARK: Parts

  private static func values(of table: ReportTable, label: String) -> [String: Any] {
    func cell(_ text: String, _ column: ReportTable.Column) -> [String: String] {
      // Short names stay on one line; long ones may not push the numbers away.
      let name = text.count <= 32 ? "leading short" : "leading"
      return ["text": text, "alignment": column.alignment == .trailing ? "trailing" : name]
    }
    return [
      "label": label, "header": table.columns.map { cell($0.title, $0) },
      "rows": table.rows.map { ["cells": zip($0, table.columns).map(cell)] },
    ]
  }

  private static func values(
    of plot: Plot, _ drawing: any PlotDrawing, file: String, _ gnuplot: Gnuplot
  ) throws(ReportError) -> [String: Any] {
    let id = "plot-" + file.dropLast(".csv".count)
    func svg(width: Double, id: String) throws(ReportError) -> String {
      var script = GnuplotScript(width: width, height: drawing.height(width: width).rounded(.up))
      drawing.draw(in: &script)
      let drawn = try gnuplot.run(script.text, plot: plot.name)
      return PlotSVG(
        drawn, script: script, id: id, title: plot.title, explanation: plot.explanation
      ).markup
    }
    let legend = drawing.legend
    return [
      "title": plot.title, "explanation": plot.explanation, "file": file,
      "wide": try svg(width: 720, id: id), "narrow": try svg(width: 360, id: id + "-narrow"),
      "hasLegend": !legend.isEmpty,
      "legend": legend.map { ["name": $0.name, "sample": $0.svg] },
    ]
  }

  /// `NAME.csv`, or where that is taken, `NAME-2.csv` and so on.
  private static func unusedName(_ name: String, among taken: [String]) -> String {
    var candidate = "\(name).csv"
    var number = 2
    while taken.contains(candidate) {
      candidate = "\(name)-\(number).csv"
      number += 1
    }
    return candidate
  }

  private static func resource(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  private static let template: MustacheTemplate = {
    do { return try MustacheTemplate(string: resource(PackageResources.page_mustache)) } catch {
      preconditionFailure("page.mustache: \(error)")
    }
  }()
}

extension LegendEntry {
  /// A small picture of the mark.
  var svg: String {
    let colour = ink.css
    let line = "<path d=\"M1 7h24\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\""
    let point = mark.map {
      "<use href=\"#mark-\($0.number)\" transform=\"translate(13 7) scale(4)\""
        + " fill=\"\(colour)\" color=\"\(colour)\"/>"
    }
    let shapes =
      switch sample {
      case .line: line + "/>" + (point ?? "")
      case .dashed:
        line + " stroke-dasharray=\"\(dash.lengths.map { "\($0)" }.joined(separator: " "))\"/>"
      case .point: point ?? ""
      case .area:
        "<rect x=\"6\" y=\"1\" width=\"14\" height=\"12\" rx=\"2\" fill=\"\(colour)\"/>"
      }
    return "<svg viewBox=\"0 0 26 14\" aria-hidden=\"true\">\(shapes)</svg>"
  }
}
