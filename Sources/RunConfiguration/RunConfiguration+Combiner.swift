internal import Combiners

extension RunConfiguration.Combiner {
  /// Whether tasks' weights count; other rules find weights themselves, or take them as settings alone.
  package var takesTaskWeights: Bool { kind == .staticWeights || kind == .conditioned }

  /// The section as a configuration file has it, on one line: `{kind: static, weights: {click: 1}}`.
  public var yaml: String {
    let settings = settings.values.sorted { $0.key.rawValue < $1.key.rawValue }.map { name, value in
      "\(name.rawValue): \(Self.yaml(value))"
    }
    return "{\((["kind: \(kind.rawValue)"] + settings).joined(separator: ", "))}"
  }

  private static func yaml(_ value: SettingValue) -> String {
    switch value {
    case .flag(let flag): "\(flag)"
    case .number(let number): "\(SettingValue.number(number))"
    case .text(let text): quoted(text)
    case .byTask(let numbers):
      "{"
        + numbers.keys.sorted().map { "\(quoted($0)): \(SettingValue.number(numbers[$0] ?? 0))" }
        .joined(separator: ", ") + "}"
    }
  }

  /// A word as it stands, anything else in quotes.
  private static func quoted(_ text: String) -> String {
    let isWord =
      text.first?.isLetter == true
      && text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_")
      } && !["true", "false", "null", "yes", "no", "on", "off"].contains(text.lowercased())
    guard !isWord else { return text }
    return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
