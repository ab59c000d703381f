/// A value of a YAML text, with the place it stands at.
struct YAMLNode: Sendable {
  enum Content: Sendable {
    /// A scalar; `isPlain` is false where it stands in quotes or in a block.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    case map([Entry])
  }

  struct Entry: Sendable {
    var key: String
    var place: ConfigurationIssue.Origin
    var value: YAMLNode
  }

  var content: Content
  var place: ConfigurationIssue.Origin

  /// Nothing, `~` or `null`: as if the key were not there.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The scalar's text; nil for lists, maps and null.
  var text: String? {
    guard case .scalar(let text, _) = content, !isNull else { return nil }
    return text
  }

  /// The scalar as a number, where it is an unquoted, finite one.
  var number: Double? {
    guard case .scalar(let text, isPlain: true) = content else { return nil }
    return Self.number(text)
  }

  /// Reads a decimal number as YAML 1.2 writes it: `7`, `-0.5`, `.5`, `1e-3`.
  static func number(_ text: String) -> Double? {
    guard text.utf8.count <= 400, text.utf8.contains(where: { $0 >= 0x30 && $0 <= 0x39 }),
      text.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }),
      let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  /// The value under `key`; nil where this is no map or has no such key.
  subscript(key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }

  /// The entries of a map; none for anything else.
  var entries: [Entry] { if case .map(let entries) = content { entries } else { [] } }

  /// The elements of a list; none for anything else.
  var elements: [YAMLNode] { if case .list(let elements) = content { elements } else { [] } }

  /// The value as a message shows it, never longer than a line.
  var shown: String {
    switch content {
    case .scalar(let text, let isPlain):
      if isNull { return "nothing" }
      if isPlain, Self.number(text) != nil { return text }
      return Self.quoted(text)
    case .list: return "a list"
    case .map: return "a map"
    }
  }

  /// `text` in quotes, on one line, cut after 60 characters; an address without its password.
  static func quoted(_ text: String) -> String {
    let text = text.contains("://") ? DatabaseAddress(text).description : text
    let line = text.prefix(61).map { $0.isNewline ? " " : String($0) }
    return "\"" + line.prefix(60).joined() + (line.count > 60 ? "…" : "") + "\""
  }
}
