import Foundation
import Jobs
import Reports
import Testing

/// What readers see, in a real browser; `KEEP_REPORTS=DIR` keeps the pages and their screenshots.
@Suite(.serialized)
struct BrowserTests {
  /// A page to look at.
  enum Sample: String, CaseIterable {
    case everything, nights

    var page: ReportPage { self == .everything ? .sample : NightlySummary.sample().page() }

    /// Pictures on it.
    var pictures: Int { self == .everything ? 9 : 8 }
  }

  private let place: ReportPlace
  private let browser: Browser

  init() throws {
    place = try ReportPlace()
    browser = try #require(Browser(), "chromium is not installed: make setup installs it")
  }

  @Test(arguments: Browser.Mode.allCases, Sample.allCases)
  func `a page shows in its full size`(mode: Browser.Mode, sample: Sample) throws {
    _ = try place.write(sample.page)
    let image = try screenshot("\(place.report)/index.html", mode, name: "\(sample)-\(mode)")
    #expect(image.width == mode.size.width && image.height == mode.size.height)
    // One colour alone would take a few thousand bytes.
    #expect(image.bytes > 20_000)
  }

  @Test(arguments: Browser.Mode.allCases, Sample.allCases)
  func `nothing is wider than the screen, and colours follow the reader's wish`(
    mode: Browser.Mode, sample: Sample
  ) throws {
    _ = try place.write(sample.page)
    let found = try measure(mode)
    #expect(found["inner"] == "\(mode.size.width)")
    #expect(found["scroll"] == found["inner"])
    #expect(found["wide"] == "")
    #expect(found["small"] == "")
    #expect(found["background"] == (mode.isDark ? "rgb(20, 23, 28)" : "rgb(255, 255, 255)"))
    #expect(found["pictures"] == "\(sample.pictures)")
  }

  @Test func `a page prints`() throws {
    _ = try place.write(.sample)
    let file = "\(place.folder)/page.pdf"
    try browser.open(
      "\(place.report)/index.html", ["--print-to-pdf=\(file)", "--no-pdf-header-footer"],
      in: place.folder)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    #expect(bytes.prefix(5) == Data("%PDF-".utf8))
    #expect(bytes.count > 20_000)
    try keep(file, as: "page.pdf")
  }

  // MARK: Looking

  private func screenshot(
    _ page: String, _ mode: Browser.Mode, name: String
  ) throws -> (width: Int, height: Int, bytes: Int) {
    let file = "\(place.folder)/\(name).png"
    try browser.open(page, mode.arguments + ["--screenshot=\(file)"], in: place.folder)
    try keep(file, as: "\(name).png")
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    try #require(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    func number(_ offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (number(16), number(20), bytes.count)
  }

  /// Has the browser measure a copy of the page, in which scripts are allowed.
  private func measure(_ mode: Browser.Mode) throws -> [String: String] {
    let script = """
      <script>
      const found = {};
      const names = list => list.map(e => e.outerHTML.slice(0, 80)).join("; ");
      const inOwnBox = e => e.closest(".table, pre");
      found.inner = innerWidth;
      found.scroll = document.documentElement.scrollWidth;
      found.wide = names([...document.querySelectorAll("main *")].filter(e =>
        !inOwnBox(e) && e.getBoundingClientRect().right > innerWidth + 1));
      found.small = names([...document.querySelectorAll("figure text")].filter(e => {
        const svg = e.closest("svg"), box = svg.getBoundingClientRect();
        return box.width > 0 && 13 * box.width / svg.viewBox.baseVal.width < 11.5;
      }));
      found.background = getComputedStyle(document.body).backgroundColor;
      found.pictures = [...document.querySelectorAll("figure svg[role]")]
        .filter(e => e.getBoundingClientRect().height > 100).length;
      for (const key in found) document.body.setAttribute("data-" + key, found[key]);
      </script></body>
      """
    var html = try place.text("index.html")
    html.replace(#/<meta http-equiv=[^>]*>/#, with: "")
    html.replace("</body>", with: script)
    let page = "\(place.folder)/measured.html"
    try Data(html.utf8).write(to: URL(fileURLWithPath: page))
    let dom = try browser.open(page, mode.arguments + ["--dump-dom"], in: place.folder)
    var found: [String: String] = [:]
    for match in dom.matches(of: #/ data-([a-z]+)="([^"]*)"/#) {
      found[String(match.output.1)] = String(match.output.2)
    }
    return found
  }

  private func keep(_ file: String, as name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["KEEP_REPORTS"] else { return }
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let page = name.prefix { $0 != "." && $0 != "-" } + ".html"
    for (source, name) in [(file, name), ("\(place.report)/index.html", String(page))] {
      try? manager.removeItem(atPath: "\(folder)/\(name)")
      try manager.copyItem(atPath: source, toPath: "\(folder)/\(name)")
    }
  }
}

extension Browser.Mode {
  fileprivate var arguments: [String] {
    ["--window-size=\(size.width),\(size.height)"]
      + (isDark ? ["--blink-settings=preferredColorScheme=0"] : [])
  }
}
