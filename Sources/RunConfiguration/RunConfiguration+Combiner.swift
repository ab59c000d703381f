package import Combiners
package import Networks

extension RunConfiguration.Combiner {
  /// Whether tasks' weights count; other rules find weights themselves, or take them as settings alone.
  package var takesTaskWeights: Bool { kind == .staticWeights || kind == .conditioned }

  /// Why the rule can't go with an architecture and the setting at fault, nil for the kind; nil where it
  /// can.
  package func problem(
    with architecture: Architecture
  ) -> (setting: CombinerSetting?, text: String)? {
    guard architecture.followsFunnel else { return nil }
    let tasks = "tasks of architecture \(architecture.rawValue)"
    let reason = "looks at what every task reads alike, which \(tasks) do not"
    if kind == .mgdaUpperBound {
      return (nil, "mgda_ub \(reason); take mgda, or another architecture")
    }
    if settings[.scope] == .text(GradientScope.representation.rawValue) {
      return (
        .scope, "scope representation \(reason); take all or dense, or another architecture"
      )
    }
    if kind == .gradsimilarity, settings[.per] == .text(CombinerProfile.Granularity.block.rawValue)
    {
      return (
        .per,
        "gradsimilarity trains no block that its main task does not reach, of which \(tasks) have "
          + "some; take per: network, or another architecture"
      )
    }
    return nil
  }

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
