/// A libpq connection URI or keyword string, whose password stays with it.
///
/// Descriptions and the JSON form leave the password out.
public struct DatabaseAddress: Codable, Sendable, Equatable, CustomStringConvertible {
  /// The whole address, as libpq takes it.
  ///
  /// It may hold a password: never print it.
  public var connectionString: String

  public init(_ connectionString: String) { self.connectionString = connectionString }

  public init(from decoder: any Decoder) throws {
    connectionString = try decoder.singleValueContainer().decode(String.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// The address without its password.
  public var description: String {
    for scheme in ["postgresql://", "postgres://"] where connectionString.hasPrefix(scheme) {
      return scheme + Self.uriWithoutPassword(connectionString.dropFirst(scheme.count))
    }
    return Self.keywordsWithoutPassword(connectionString)
  }

  private static func uriWithoutPassword(_ rest: Substring) -> String {
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    // A password may hold an unescaped slash or question mark; the user part ends at the last @.
    let lastAt = rest.lastIndex(of: "@")
    var text = ""
    var tail = rest
    if let at = lastAt, let question = rest.firstIndex(of: "?"), question < at {
      // An @ behind a ? belongs to a password or to a parameter: tell no more than is sure.
      return rest[..<question].prefix { $0 != ":" && $0 != "@" } + "…"
    }
    if let at = lastAt, rest[..<at].contains(":") || at < end {
      text = rest[..<at].prefix { $0 != ":" } + "@"
      tail = rest[rest.index(after: at)...]
    }
    guard let question = tail.firstIndex(of: "?") else { return text + tail }
    let parameters = tail[tail.index(after: question)...].split(separator: "&").filter {
      !isSecret($0.prefix { $0 != "=" })
    }
    text += tail[..<question]
    return parameters.isEmpty ? text : text + "?" + parameters.joined(separator: "&")
  }

  private static func keywordsWithoutPassword(_ text: String) -> String {
    var kept: [Substring] = []
    var rest = text[...].drop { $0.isWhitespace }
    while !rest.isEmpty {
      let start = rest.startIndex
      let keyword = rest.prefix { $0 != "=" && !$0.isWhitespace }
      rest = rest[keyword.endIndex...]
      let afterSpace = rest.drop { $0.isWhitespace }
      if afterSpace.first == "=" {
        rest = afterSpace.dropFirst().drop { $0.isWhitespace }
        let isQuoted = rest.first == "'"
        if isQuoted { rest.removeFirst() }
        while let next = rest.popFirst() {
          if next == "\\" {
            _ = rest.popFirst()
          } else if isQuoted ? next == "'" : next.isWhitespace {
            break
          }
        }
      }
      if !isSecret(keyword) { kept.append(text[start..<rest.startIndex]) }
      rest = rest.drop { $0.isWhitespace }
    }
    return kept.map { String($0).trimmed }.joined(separator: " ")
  }

  private static func isSecret(_ keyword: Substring) -> Bool {
    ["password", "sslpassword", "oauth_client_secret"].contains(keyword.lowercased())
  }
}
