extension ConfigurationTemplate {
  /// A template's text with settings replaced; what isn't touched keeps its comments.
  ///
  /// - Parameters:
  ///   - text: The text of a configuration, its top-level keys each at the start of a line.
  ///   - overrides: Settings as in `network.experts=8`.
  /// - Returns: The text of a configuration that loads.
  /// - Throws: ``ConfigurationError/invalid(_:)`` with everything that is wrong with the settings.
  public static func text(
    _ text: String, overriding overrides: [String]
  ) throws(ConfigurationError) -> String {
    guard !overrides.isEmpty else { return text }
    _ = try RunConfiguration(yaml: text, file: "the template", overrides: overrides)
    let start = ConfigurationIssue.Origin.file("the template", line: nil, column: nil)
    guard let node = try? YAMLNode.read(text, place: { _, _ in start }) else {
      preconditionFailure("the template can't be read")
    }
    let root = node.applying(overrides: overrides).root
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var changed: [String] = []
    for override in overrides {
      let key = String(override.prefix { $0 != "." && $0 != "=" }).trimmed
      if !changed.contains(key) { changed.append(key) }
    }
    for key in changed {
      let block = root[key].flatMap { $0.isNull ? nil : $0.lines(under: key) } ?? []
      lines.replaceSubrange(place(of: key, in: lines), with: block)
    }
    return lines.joined(separator: "\n")
  }

  /// The lines of a top-level key and what belongs to it; else the comment that stands for it, or
  /// the end.
  private static func place(of key: String, in lines: [String]) -> Range<Int> {
    guard let first = lines.firstIndex(where: { $0.hasPrefix("\(key):") }) else {
      let comment = lines.firstIndex { $0.hasPrefix("# \(key):") }
      let end = lines.last?.isEmpty == true ? lines.count - 1 : lines.count
      return comment.map { $0..<$0 + 1 } ?? end..<end
    }
    let next = lines[(first + 1)...].firstIndex { !$0.hasPrefix(" ") } ?? lines.count
    return first..<next
  }
}

extension YAMLNode {
  /// The lines that give a key this value.
  fileprivate func lines(under key: String) -> [String] {
    switch content {
    case .list(let elements): ["\(key):"] + elements.map { "  - \($0.flow)" }
    case .map, .scalar: ["\(key): \(flow)"]
    }
  }

  /// The value on one line.
  private var flow: String {
    switch content {
    case .scalar(let text, let isPlain):
      isPlain && (isNull || text.isPlainInFlow) ? text : ConfigurationTemplate.word(text)
    case .list(let elements): "[\(elements.map(\.flow).joined(separator: ", "))]"
    case .map(let entries):
      "{"
        + entries.filter { !$0.value.isNull }
        .map { "\(ConfigurationTemplate.word($0.key)): \($0.value.flow)" }
        .joined(separator: ", ") + "}"
    }
  }
}

extension String {
  /// Whether an unquoted text means the same inside of `{}` and `[]`: numbers, names, lengths.
  fileprivate var isPlainInFlow: Bool {
    !isEmpty && trimmed == self
      && unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "_.+-^*() /".unicodeScalars.contains($0)
      } && !"-*/(".contains(first ?? " ") || YAMLNode.number(self) != nil
  }
}
