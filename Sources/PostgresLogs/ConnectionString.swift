import CLibPQ
import Glibc

/// A libpq connection string with what is needed to speak of it without its secrets.
struct ConnectionString {
  /// The URI or the `key=value` pairs; may hold a password.
  let text: String
  /// Texts that no message may contain.
  private let secrets: [String]

  /// Checks `text` by libpq's own parser; an empty text means the `PG*` variables alone.
  init(_ text: String) throws(PostgresError) {
    if let problem = Self.problemWithURI(text) {
      throw .badConnectionString(reason: problem)
    }
    self.text = text
    secrets = try Self.secrets(in: text)
  }

  /// A message of libpq or the server without passwords, in one line.
  func redacted(_ message: String) -> String {
    var result = message
    for secret in secrets { result = result.replacing(secret, with: "…") }
    return result.split(whereSeparator: \.isNewline).map { $0.trimmingSpaces() }
      .filter { !$0.isEmpty && !$0.hasPrefix("LOCATION:") }
      .joined(separator: " ")
  }

  /// Every password that the string or the environment holds.
  private static func secrets(in text: String) throws(PostgresError) -> [String] {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = unsafe PQconninfoParse(text, &message) else {
      defer { unsafe PQfreemem(message) }
      let reason = unsafe message.map { unsafe String(cString: $0) } ?? "out of memory"
      throw .badConnectionString(reason: withoutQuotedParts(reason))
    }
    defer { unsafe PQconninfoFree(options) }
    var found: [String] = []
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
      if unsafe strstr(keyword, "password") != nil, let value = unsafe option.pointee.val {
        unsafe found.append(String(cString: value))
      }
      unsafe option += 1
    }
    if let value = unsafe getenv("PGPASSWORD") { unsafe found.append(String(cString: value)) }
    return found.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
  }

  /// The message with an ellipsis for each quoted part, which may be a piece of a password.
  private static func withoutQuotedParts(_ message: String) -> String {
    message.trimmingSpaces().split(separator: "\"", omittingEmptySubsequences: false)
      .enumerated()
      .map { $0.offset.isMultiple(of: 2) || $0.element == "=" ? String($0.element) : "…" }
      .joined(separator: "\"")
  }

  /// Why a URI's user part can't be told from its host, or nil.
  ///
  /// libpq would take pieces of such a password for the host, the port or the database, and
  /// print them.
  private static func problemWithURI(_ text: String) -> String? {
    let schemes = ["postgresql://", "postgres://"]
    guard let scheme = schemes.first(where: text.hasPrefix) else { return nil }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { !"/?#".contains($0) }
    let signs = authority.count { $0 == "@" }
    let port = authority.split(separator: ",").last?.split(separator: ":").dropFirst().last
    let hasOddPort = port.map { $0.contains { !$0.isNumber } && !$0.contains("]") } ?? false
    let isCut = signs == 0 && hasOddPort && rest.contains("@")
    let isOpen =
      signs == 0 && authority.contains(":")
      && rest.dropFirst(authority.count)
        .prefix { $0 != "=" }.contains("@")
    return signs > 1 || isCut || isOpen
      ? "a user name or password in a URI needs its @ / ? # : percent-encoded (%40 %2F %3F %23 %3A)"
      : nil
  }
}
