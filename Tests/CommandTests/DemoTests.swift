import Foundation
import Testing

/// The README shows what the demo writes: the same lines, labels and columns.
///
/// Its numbers and times are those of one machine, so a word with a digit, or a dash for none, counts as a number.
/// The demo's shop is smaller here.
struct DemoTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// A line's words, `#` for each number.
  private static func shape(_ line: some StringProtocol) -> String {
    var words: [String] = []
    for word in line.split(separator: " ") {
      let isNumber = word == "–" || word.contains(where: \.isNumber)
      let word = isNumber ? "#" : String(word)
      words.append(word)
    }
    return words.joined(separator: " ")
  }

  /// The shapes of lines without the empty ones, of neighbours of one shape the first.
  private static func shapes(_ lines: [some StringProtocol]) -> [String] {
    var result: [String] = []
    for shape in lines.map({ shape($0) }) where !shape.isEmpty && shape != result.last {
      result.append(shape)
    }
    return result
  }

  @Test func `the README's demo has the lines that the commands write`() throws {
    let readme = try Self.text("README.md").components(separatedBy: "\n")
    let first = try #require(readme.firstIndex { $0.hasPrefix("    $ paretorank train --config") })
    let last = try #require(readme.indices.first { $0 > first && readme[$0].hasPrefix("The ") })
    let shown = readme[first..<last].map { $0.trimmingCharacters(in: .whitespaces) }
    let steps = shown.filter { $0.hasPrefix("$ paretorank ") }
    #expect(steps.count == 3)

    let place = try Workplace("demo")
    let configuration = try Self.text("fixtures/demo/paretorank.yaml")
      .replacing("shop.", with: "demo_shop.")
    let url = try place.text("paretorank.yaml").split(separator: "\n")[0]
    try place.write("\(url)\n\(configuration)", to: "demo.yaml")
    let shop = "--schema demo_shop --impressions 12000 --users 200 --items 150 --replace"
    let simulated = try place.bash("paretorank simulate --config demo.yaml \(shop)")
    try #require(simulated.status == 0, "\(simulated.errors)")
    var written: [String] = []
    for step in steps {
      let command = step.dropFirst(2).replacing("fixtures/demo/paretorank.yaml", with: "demo.yaml")
      let result = try place.bash("exec 2>&1; \(command)")
      try #require(result.status == 0, "\(result.output)")
      written.append(step)
      written += result.output.replacing("demo_shop.", with: "shop.")
        .components(separatedBy: "\n")
    }
    #expect(Self.shapes(shown) == Self.shapes(written))
  }

  @Test func `the README's demo runs the commands of the demo`() throws {
    let script = try Self.text("fixtures/demo/run").replacing(
      "\"$configuration\"", with: "fixtures/demo/paretorank.yaml")
    let steps = script.split(separator: "\n").filter { $0.hasPrefix("step ") }
      .map { "    $ paretorank " + $0.dropFirst(5) }
    #expect(steps.count == 5)
    let readme = try Self.text("README.md").components(separatedBy: "\n")
    #expect(readme.filter { $0.contains("--config fixtures/demo/") } == Array(steps.dropFirst(2)))
  }
}
