import Foundation
import FoundationXML
import Reports
import Testing

/// What a page and the files beside it hold.
struct PageTests {
  @Test func `a page holds its texts, a picture twice for each plot, and links to the data`()
    throws
  {
    let place = try ReportPlace()
    let html = try place.write(.sample)
    #expect(html.hasPrefix("<!DOCTYPE html>"))
    for text in [
      "<h1>Gains of a sample</h1>", "1,234,567", "Which expert serves whom", "<details>",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    let plots = try place.entries().filter { $0.hasSuffix(".csv") }
    #expect(plots.count == 9)
    for plot in plots { #expect(html.contains("<a href=\"\(plot)\">"), "\(plot)") }
    #expect(html.ranges(of: "role=\"img\"").count == 18)
  }

  @Test func `a page needs no network and runs no script`() throws {
    let place = try ReportPlace()
    let page = ReportPage(
      title: hostileNames[3], summary: hostileNames[5],
      facts: hostileNames.map { ReportPage.Fact($0, $0) },
      sections: hostileNames.map { name in
        ReportPage.Section(
          name, explanation: name,
          parts: [
            .paragraph(name), .preformatted(title: name, text: name),
            .table(ReportTable([ReportTable.Column(name, .leading)], rows: [[name]])),
          ])
      } + [ReportPage.Section("plots", explanation: "", parts: Plot.hostile.map { .plot($0) })])
    for html in [try place.write(.sample), try place.write(page)] {
      let lower = html.lowercased()
      for part in ["://", "<script", "src=", "@import", "url(", "xlink", " onload"] {
        #expect(!lower.contains(part), "\(part)")
      }
    }
  }

  @Test func `every picture is well-formed, and no id is there twice`() throws {
    let place = try ReportPlace()
    let page = ReportPage(
      title: "t", summary: "s",
      sections: [
        ReportPage.Section(
          "plots", explanation: "",
          parts: (Plot.hostile + Plot.empty + Plot.hostile).map { .plot($0) })
      ])
    let html = try place.write(page)
    let pictures = html.matches(of: #/<svg[\s\S]*?</svg>/#).map { String($0.output) }
    #expect(pictures.count > 2 * 19)
    for picture in pictures {
      let parser = XMLParser(data: Data(picture.utf8))
      #expect(parser.parse(), "\(parser.lineNumber): \(picture.prefix(300))")
    }
    let ids = html.matches(of: #/\sid="([^"]*)"/#).map { String($0.output.1) }
    #expect(Set(ids).count == ids.count)
    let wanted = html.matches(of: #/href=["']#([^"']*)["']/#).map { String($0.output.1) }
    #expect(Set(wanted).subtracting(ids).isEmpty)
  }

  @Test func `texts in pictures are the real ones, whatever they hold`() throws {
    let place = try ReportPlace()
    let page = ReportPage(
      title: "t", summary: "s",
      sections: [ReportPage.Section("plots", explanation: "", parts: [.plot(Plot.hostile[2])])])
    let html = try place.write(page)
    #expect(html.contains(">&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;</text>"))
    #expect(html.contains(">back\\slash\\n and `date` @x_1^2 "))
    #expect(html.contains(">two lines </text>"))
    #expect(html.contains(">日本語の名前</text>"))
    #expect(!html.unicodeScalars.contains { $0.value >= 0xF0000 })
  }

  @Test func `pictures hold only colours of the page`() throws {
    let place = try ReportPlace()
    let html = try place.write(.sample)
    let pictures = html.matches(of: #/<svg[\s\S]*?</svg>/#).map { String($0.output) }.joined()
    #expect(!pictures.contains("rgb("))
    #expect(!pictures.contains("white") && !pictures.contains("black"))
    for colour in ["currentColor", "var(--muted)", "var(--series-1)", "var(--grid)"] {
      #expect(pictures.contains(colour), "\(colour)")
    }
  }
}

/// The numbers of plots as files.
struct PlotDataTests {
  @Test func `names are quoted as RFC 4180 has it, and missing numbers are empty`() throws {
    let place = try ReportPlace()
    let plot = Plot(
      name: "A b/../c", title: "t", explanation: "e",
      kind: .bars(
        BarPlot(
          categoryTitle: "a,b", categories: ["x\"y", "two\r\nlines", ""], y: PlotAxis("y"),
          series: [BarPlot.Series("s", [1.5, nil, .infinity])])))
    _ = try place.write(
      ReportPage(
        title: "t", summary: "s",
        sections: [ReportPage.Section("s", explanation: "", parts: [.plot(plot), .plot(plot)])]))
    let expected = "\"a,b\",s\r\n\"x\"\"y\",1.5\r\n\"two\r\nlines\",\r\n\"\",\r\n"
    #expect(try place.text("a-b-c.csv") == expected)
    #expect(try place.text("a-b-c-2.csv") == expected)
  }
}
