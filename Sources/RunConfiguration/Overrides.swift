import Interactions

extension YAMLNode {
  /// This configuration with settings replaced, and what was wrong with them.
  ///
  /// Each override is `path=value`. The path's steps are keys; in lists a position from 0, or the
  /// name that a task or feature goes by. The value is YAML; null removes the key.
  func applying(overrides: [String]) -> (root: YAMLNode, issues: [ConfigurationIssue]) {
    var root = self
    var issues: [ConfigurationIssue] = []
    for override in overrides {
      let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let path = String(parts[0]).trimmed
      let origin = ConfigurationIssue.Origin.override(path: path)
      let steps = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, steps.allSatisfy({ !$0.isEmpty }) else {
        issues.append(
          ConfigurationIssue(
            origin: origin, path: "", problem: "not path=value, as in network.experts=8"))
        continue
      }
      if let bracket = path.firstIndex(of: "[") {
        let list = path[..<bracket]
        let isOfMaps = ["tasks", "features"].contains(list)
        let dotted = path.replacing("[", with: ".").replacing("]", with: "")
        issues.append(
          ConfigurationIssue(
            origin: origin, path: "",
            problem: isOfMaps
              ? "what is in a list comes after a point" : "a list is set as a whole",
            suggestion: isOfMaps ? dotted : "\(list)=[…]"))
        continue
      }
      do {
        // A script's variable that is not set would else quietly mean the default.
        guard !String(parts[1]).trimmed.isEmpty else {
          issues.append(
            ConfigurationIssue(
              origin: origin, path: "",
              problem: "there is no value; \(path)=null takes the key out"))
          continue
        }
        let nothing = YAMLNode(content: .scalar("", isPlain: true), place: origin)
        let value = try YAMLNode.read(String(parts[1])) { _, _ in origin } ?? nothing
        try root.set(value, at: steps[...], path: "", origin: origin)
      } catch {
        issues.append(error.issue)
      }
    }
    return (root, issues)
  }

  private mutating func set(
    _ value: YAMLNode, at steps: ArraySlice<String>, path: String,
    origin: ConfigurationIssue.Origin
  ) throws(YAMLReadError) {
    guard let step = steps.first else {
      self = value
      return
    }
    let rest = steps.dropFirst()
    let stepPath = path.isEmpty ? step : "\(path).\(step)"
    switch content {
    case .list(var elements):
      let index = try position(of: step, in: elements, path: path, origin: origin)
      try elements[index].set(value, at: rest, path: stepPath, origin: origin)
      content = .list(elements)
    case .map(var entries):
      if let index = entries.firstIndex(where: { $0.key == step }) {
        if rest.isEmpty { entries[index].place = origin }
        try entries[index].value.set(value, at: rest, path: stepPath, origin: origin)
      } else {
        var fresh = YAMLNode(content: .map([]), place: origin)
        try fresh.set(value, at: rest, path: stepPath, origin: origin)
        entries.append(Entry(key: step, place: origin, value: fresh))
      }
      content = .map(entries)
    case .scalar:
      guard isNull else {
        throw YAMLReadError(
          issue: ConfigurationIssue(
            origin: origin, path: path, problem: "a single value; there is no \(step) in it"))
      }
      self = YAMLNode(content: .map([]), place: origin)
      try set(value, at: steps, path: path, origin: origin)
    }
  }

  private func position(
    of step: String, in elements: [YAMLNode], path: String, origin: ConfigurationIssue.Origin
  ) throws(YAMLReadError) -> Int {
    if let index = Int(step), elements.indices.contains(index) { return index }
    let elementNames = elements.map { FeatureDefinition.name(of: $0) }
    if let index = elementNames.firstIndex(of: step) { return index }
    let names = elementNames.compactMap(\.self)
    throw YAMLReadError(
      issue: ConfigurationIssue(
        origin: origin, path: path,
        problem: "no entry \(step); \(path) has \(elements.count), counted from 0",
        suggestion: Spelling.nearest(to: step, among: names).map { "\(path).\($0)" }))
  }
}

extension String {
  /// Without white space at either end.
  var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
