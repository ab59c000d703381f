import Combiners
import Foundation
import RunConfiguration
import Testing

/// The schema's combiners are made from their profiles; with `REMAKE_SCHEMA` set, this writes them.
struct CombinerSchemaTests {
  @Test func `the schema has every combiner with its settings`() throws {
    let path = Fixtures.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("schemas/run-configuration.schema.json")
    let text = try String(contentsOf: path, encoding: .utf8)
    let start = try #require(text.range(of: "    \"combiner\": {\n"))
    let end = try #require(text.range(of: "\n    },\n", range: start.upperBound..<text.endIndex))
    let expected = CombinerSchemaTests.section
    if ProcessInfo.processInfo.environment["REMAKE_SCHEMA"] != nil {
      try text.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: expected)
        .write(to: path, atomically: true, encoding: .utf8)
    } else {
      #expect(text[start.lowerBound..<end.lowerBound] == expected)
    }
  }

  @Test(arguments: CombinerKind.allCases)
  func `a file that names only the kind gets the profile's defaults`(kind: CombinerKind) throws {
    let required = kind.profile.settings.filter(\.isRequired).map(\.setting)
    let given = required.map { ", \($0.rawValue): \($0 == .of ? "mgda" : "click")" }.joined()
    let run = try RunConfiguration(
      yaml: Fixtures.smallest + "combiner: {kind: \(kind.rawValue)\(given)}\n")
    let bare = CombinerSettings(
      Dictionary(required.map { ($0, .text($0 == .of ? "mgda" : "click")) }) { $1 })
    func json(_ settings: CombinerSettings) throws -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return try encoder.encode(
        kind.make(settings: settings, taskNames: ["click"], seed: 7))
    }
    #expect(try json(run.combiner.settings) == json(bare))
  }

  /// The section `combiner` of the schema.
  private static var section: String {
    let kinds = CombinerKind.allCases.map(branch).joined(separator: ",\n")
    return """
          "combiner": {
            "description": "How the tasks' losses or gradients become one step.",
            "type": "object", "default": {},
            "oneOf": [
      \(kinds)
            ]
      """
  }

  private static func branch(_ kind: CombinerKind) -> String {
    let profile = kind.profile
    let required = profile.settings.filter(\.isRequired).map(\.setting.rawValue)
    let isUsual = kind == .staticWeights
    let names = (isUsual ? [] : ["kind"]) + required
    let needs = names.isEmpty ? "" : ", \"required\": \(list(names))"
    let usual = isUsual ? ", \"default\": \"static\"" : ""
    let settings = profile.settings.map { setting in
      """
                  "\(setting.setting.rawValue)": {
                    "description": "\(setting.summary)",
                    \(keywords(of: setting))
                  }
      """
    }
    let kindEntry = """
                  "kind": {"description": "The rule.", "const": "\(kind.rawValue)"\(usual)}
      """
    return """
              {
                "description": "\(profile.title): \(profile.summary).",
                "type": "object", "additionalProperties": false\(needs),
                "properties": {
      \(([kindEntry] + settings).joined(separator: ",\n"))
                }
              }
      """
  }

  private static func keywords(of setting: SettingProfile) -> String {
    var parts: [String]
    switch setting.form {
    case .number(let low, let includesLow, let high, let includesHigh):
      parts = ["\"type\": \"number\""]
      if let low {
        parts.append("\"\(includesLow ? "minimum" : "exclusiveMinimum")\": \(text(low))")
      }
      if let high {
        parts.append("\"\(includesHigh ? "maximum" : "exclusiveMaximum")\": \(text(high))")
      }
    case .whole(let range):
      parts = [
        "\"type\": \"integer\"", "\"minimum\": \(range.lowerBound)",
        "\"maximum\": \(range.upperBound)",
      ]
    case .choice(let words): parts = ["\"enum\": \(list(words))"]
    case .task: parts = ["\"type\": \"string\"", "\"minLength\": 1"]
    case .byTask(let low, let includesLow):
      let bound = "\"\(includesLow ? "minimum" : "exclusiveMinimum")\": \(text(low))"
      return """
        "type": "object",
                    "additionalProperties": {
                      "description": "The task's number.", "type": "number", \(bound)
                    }
        """
    }
    switch setting.usual {
    case .text(let word)?: parts.append("\"default\": \"\(word)\"")
    case .number(let number)?: parts.append("\"default\": \(text(number))")
    default: break
    }
    return parts.joined(separator: ", ")
  }

  private static func list(_ words: [String]) -> String {
    "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
  }

  private static func text(_ number: Double) -> String { "\(SettingValue.number(number))" }
}
