import Interactions
import Randomness
import RunConfiguration
import Testing

/// Texts that are no honest mistake.
struct HostileInputTests {
  private func message(_ yaml: String) throws -> String {
    let error = #expect(throws: ConfigurationError.self) { try RunConfiguration(yaml: yaml) }
    return try #require(error).description
  }

  @Test func `a text of many megabytes is refused unread`() throws {
    let text = String(repeating: "a: b # filler\n", count: 200_000)
    #expect(
      try message(text)
        == "paretorank.yaml: the text has 2800000 bytes; a configuration has at most 1048576")
  }

  @Test(arguments: ["[", "{a: ", "- ", "? "])
  func `deep nesting is refused`(opening: String) throws {
    let text = "impressions: \n  " + String(repeating: opening, count: 5_000)
    #expect(try message(text).contains("nested too deeply"))
  }

  @Test func `anchors that multiply are refused`() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let uses = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(uses)]\n"
    }
    #expect(
      try message(text)
        == "paretorank.yaml: more than 40 aliases (*name); write the values out")
    var doubling = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...19 { doubling += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    #expect(try message(doubling).contains("more than 100000 values"))
  }

  @Test func `an anchor used once is fine`() throws {
    let run = try RunConfiguration(
      yaml: """
        impressions: {from: views, time: &time shown_at}
        tasks: [{name: click, label: clicked}]
        features: [{hour: *time}]
        """)
    #expect(run.features[0].column == "shown_at")
  }

  /// Random edits of a good text either load or give issues; none of them may crash.
  @Test func `random edits never crash`() throws {
    var generator = SplitMix64(seed: 7)
    let original = Array(try Fixtures.text("good/everything.yaml").unicodeScalars)
    let pieces: [[Unicode.Scalar]] = [
      "{", "}", "[", "]", ":", "\n", "  ", "- ", "~", "\"", "'", "|", "&a ", "*a", "!!int ", "#",
      "0", "-1", "1e99", "\t", "é", "\u{0}", "null", "yes", ", ", "? ", "%", "\u{2028}",
    ].map { Array($0.unicodeScalars) }
    var loaded = 0
    for _ in 0..<400 {
      var text = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let start = Int.random(in: 0..<text.count, using: &generator)
        let end = min(text.count, start + Int.random(in: 0...8, using: &generator))
        let piece = pieces[Int.random(in: 0..<pieces.count, using: &generator)]
        text.replaceSubrange(start..<end, with: piece)
      }
      var scalars = String.UnicodeScalarView()
      scalars.append(contentsOf: text)
      do {
        _ = try RunConfiguration(yaml: String(scalars))
        loaded += 1
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
    #expect(loaded > 0 && loaded < 400)
  }
}
