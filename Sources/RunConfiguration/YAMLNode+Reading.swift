import Yams

/// Limits that keep a hostile or mistaken text from filling memory.
enum YAMLLimits {
  /// Bytes of a configuration.
  static let size = 1 << 20
  /// Uses of anchors (`*name`).
  ///
  /// Copies can nest; with 40 uses there are at most 3^(40/3), about 2,300,000, before
  /// ``nodeCount`` stops the reading.
  static let aliasCount = 40
  /// Values of a configuration, those copied by anchors included.
  static let nodeCount = 100_000
  /// Levels of lists and maps inside each other.
  static let depth = 64
}

extension YAMLNode {
  /// Reads the one YAML document in `text`.
  ///
  /// - Parameters:
  ///   - text: The document.
  ///   - place: Where issues say they are, given a line and a column.
  /// - Returns: The document's value; nil where there is none.
  /// - Throws: The issue that stopped the reading.
  static func read(
    _ text: String, place: @escaping (_ line: Int?, _ column: Int?) -> ConfigurationIssue.Origin
  ) throws(YAMLReadError) -> YAMLNode? {
    func stop(_ problem: String, line: Int? = nil, column: Int? = nil) -> YAMLReadError {
      YAMLReadError(
        issue: ConfigurationIssue(origin: place(line, column), path: "", problem: problem))
    }
    guard text.utf8.count <= YAMLLimits.size else {
      throw stop(
        "the text has \(text.utf8.count) bytes; a configuration has at most \(YAMLLimits.size)")
    }
    guard aliasCount(in: text) <= YAMLLimits.aliasCount else {
      throw stop("more than \(YAMLLimits.aliasCount) aliases (*name); write the values out")
    }
    let root: Node?
    do {
      root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      let (problem, mark) = explain(error, in: text)
      throw stop(problem, line: mark?.line, column: mark?.column)
    } catch {
      throw stop("not readable as YAML")
    }
    guard let root else { return nil }
    var reader = NodeReader(place: place)
    let node = try reader.convert(root, depth: 0)
    return node.isNull ? nil : node
  }

  /// How often the text uses an anchor, by its look: `*name` where a value may begin.
  private static func aliasCount(in text: String) -> Int {
    var count = 0
    var before = UInt8(ascii: " ")
    var isStar = false
    for byte in text.utf8 {
      if isStar, byte > 0x20, !"*,[]{})=".utf8.contains(byte) { count += 1 }
      isStar = byte == UInt8(ascii: "*") && (before <= 0x20 || "[{,:?-".utf8.contains(before))
      before = byte
    }
    return count
  }

  private static func explain(_ error: YamlError, in text: String) -> (
    String, (line: Int, column: Int)?
  ) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      if problem.contains("nesting level") {
        return ("nested too deeply", (mark.line, mark.column))
      }
      if isTab(at: mark, in: text) {
        return ("not readable as YAML: a tab; indent with spaces", (mark.line, mark.column))
      }
      let words = [context?.text, problem].compactMap(\.self).filter { !$0.isEmpty }
      return ("not readable as YAML: \(words.joined(separator: ", "))", (mark.line, mark.column))
    case .reader(let problem, let offset, _, _):
      let before = text.prefix(offset ?? 0)
      let line = before.reduce(1) { $1.isNewline ? $0 + 1 : $0 }
      return ("not readable as YAML: \(problem)", offset == nil ? nil : (line, 1))
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.sorted().map(quoted).joined(separator: ", ")
      return (
        "the same key more than once in one map: \(names); keep one",
        (context.mark.line, context.mark.column)
      )
    default: return ("not readable as YAML", nil)
    }
  }

  private static func isTab(at mark: Mark, in text: String) -> Bool {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    guard mark.line >= 1, mark.line <= lines.count else { return false }
    return lines[mark.line - 1].dropFirst(max(mark.column - 1, 0)).first == "\t"
  }
}

/// The mistake that stopped the reading of a YAML text.
struct YAMLReadError: Error { var issue: ConfigurationIssue }

/// Turns the parser's nodes into ours, within limits.
private struct NodeReader {
  let place: (Int?, Int?) -> ConfigurationIssue.Origin
  var count = 0

  mutating func convert(_ node: Node, depth: Int) throws(YAMLReadError) -> YAMLNode {
    count += 1
    let origin = place(node.mark?.line, node.mark?.column)
    if depth > YAMLLimits.depth { throw stop("nested too deeply", at: origin) }
    if count > YAMLLimits.nodeCount {
      throw stop("more than \(YAMLLimits.nodeCount) values", at: origin)
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain && scalar.tag.rawValue.isEmpty
      return YAMLNode(content: .scalar(scalar.string, isPlain: isPlain), place: origin)
    case .sequence(let sequence):
      var elements: [YAMLNode] = []
      for element in sequence { elements.append(try convert(element, depth: depth + 1)) }
      return YAMLNode(content: .list(elements), place: origin)
    case .mapping(let mapping):
      var entries: [YAMLNode.Entry] = []
      for (key, value) in mapping {
        let keyPlace = place(key.mark?.line, key.mark?.column)
        guard case .scalar(let scalar) = key else {
          throw stop("a key must be one word, not a list or a map", at: keyPlace)
        }
        let entry = try convert(value, depth: depth + 1)
        entries.append(.init(key: scalar.string, place: keyPlace, value: entry))
      }
      return YAMLNode(content: .map(entries), place: origin)
    case .alias:
      throw stop("an alias without its anchor", at: origin)
    }
  }

  private func stop(_ problem: String, at origin: ConfigurationIssue.Origin) -> YAMLReadError {
    YAMLReadError(issue: ConfigurationIssue(origin: origin, path: "", problem: problem))
  }
}
