internal import Foundation

/// gnuplot's picture as a part of the page: in the page's colours and with the real texts.
struct PlotSVG {
  /// The `svg` element.
  let markup: String

  /// Takes over a picture that gnuplot drew with `script`.
  ///
  /// `id` is unique in the page, and the parts' ids begin with it; screen readers say `title` and
  /// `explanation`.
  init(_ drawn: String, script: GnuplotScript, id: String, title: String, explanation: String) {
    let (width, height) = (Int(script.width), Int(script.height))
    markup = """
      <svg viewBox="0 0 \(width) \(height)" preserveAspectRatio="xMinYMid" role="img" \
      aria-labelledby="\(id)-title \(id)-text">
      <title id="\(id)-title">\(HTML.escaped(title))</title>
      <desc id="\(id)-text">\(HTML.escaped(explanation))</desc>
      \(Self.withTexts(script.texts, Self.inPageColours(Self.body(of: drawn))))</svg>
      """
  }

  /// The shapes of points, once for all pictures of a page.
  static let marks = """
    <svg class="marks" width="0" height="0" aria-hidden="true"><defs>
    <g id="mark-5" stroke="none"><rect x="-1" y="-1" width="2" height="2"/></g>
    <g id="mark-6"><circle r="0.85" fill="none" stroke="currentColor" stroke-width="0.4"/></g>
    <g id="mark-7" stroke="none"><circle r="1"/></g>
    <g id="mark-9" stroke="none"><path d="M0-1.33-1.33.9h2.66z"/></g>
    <g id="mark-11" stroke="none"><path d="M0 1.33-1.33-.9h2.66z"/></g>
    <g id="mark-13" stroke="none"><path d="M0-1.4 1.4 0 0 1.4-1.4 0z"/></g>
    <g id="mark-15" stroke="none"><path d="M0-1.33 1.27-.41.78 1.07h-1.56l-.49-1.48z"/></g>
    </defs></svg>
    """

  // MARK: Steps

  /// What is drawn, without the head, the point shapes and groups without content.
  private static func body(of drawn: String) -> String {
    guard let head = drawn.range(of: "</defs>"),
      let end = drawn.range(of: "</svg>", options: .backwards)
    else { return "" }
    var body = String(drawn[head.upperBound..<end.lowerBound])
    // The group around everything was opened before the shapes.
    if let last = body.range(of: "</g>", options: .backwards) { body.removeSubrange(last) }
    body.replace(#/<g id="gnuplot_plot_[0-9]+[a-z]*" *><title>[^<]*</title>/#, with: "<g>")
    body.replace(#/<g [^>]*>\s*</g>\s*/#, with: "")
    body.replace(#/ (font-family|color|class|stroke-linejoin)=["'][^"']*["']/#) { match in
      // A point's colour is the one that its shape is filled with.
      match.output.0.hasPrefix(" color='rgb") ? String(match.output.0) : ""
    }
    return body
  }

  private static func inPageColours(_ body: String) -> String {
    var body = body
    body.replace(#/rgb\( *([0-9]+), *([0-9]+), *([0-9]+)\)/#) { match -> String in
      let parts = [match.output.1, match.output.2, match.output.3].compactMap { Int($0) }
      return PlotInk.css(red: parts[0], green: parts[1], blue: parts[2]) ?? "currentColor"
    }
    // gnuplot numbers the shapes of points from 0, its commands from 1.
    body.replace(#/<use xlink:href='#gpPt([0-9]+)'/#) { match -> String in
      "<use href='#mark-\((Int(match.output.1) ?? 0) + 1)'"
    }
    body.replace(#/<use ([^>]*) color='([^']*)'/#) { match -> String in
      "<use \(match.output.1) fill='\(match.output.2)' color='\(match.output.2)'"
    }
    return body
  }

  /// Puts the texts where their stand-ins are.
  private static func withTexts(_ texts: [String], _ markup: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in markup.unicodeScalars where scalar != GnuplotScript.filler {
      let index = Int(scalar.value) - Int(GnuplotScript.firstStandIn)
      if texts.indices.contains(index) {
        result.append(contentsOf: HTML.escaped(texts[index]).unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}

/// Text in a page.
enum HTML {
  /// A text that shows as itself, also in attributes; characters that XML hasn't are replaced.
  static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "'": result.append(contentsOf: "&#39;".unicodeScalars)
      case "\n", "\t": result.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value & 0xFFFE == 0xFFFE:
        result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
