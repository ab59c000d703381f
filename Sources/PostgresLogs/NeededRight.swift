/// The right that a refused statement needs on the relation or schema that the server's message names.
///
/// The server says what was refused, but not which right is missing.
struct NeededRight {
  /// As in a GRANT, such as `INSERT and SELECT`.
  let text: String

  /// Nil where a statement is none of those that ParetoRank makes.
  init?(statement: String, message: String) {
    let words = statement.uppercased().split { !$0.isLetter && $0 != "_" }
    // Reading a column, as conditions and RETURNING do, is a right of its own.
    let alsoReads = words.contains { ["WHERE", "RETURNING", "CONFLICT"].contains($0) }
    let isSchema = message.contains("for schema ")
    switch words.first {
    case "CREATE": text = isSchema ? "USAGE and CREATE" : "ownership"
    case "ALTER", "DROP", "COMMENT": text = "ownership"
    case _ where isSchema: text = "USAGE"
    case "SELECT", "EXPLAIN", "WITH": text = "SELECT"
    case "COPY": text = words.contains("STDIN") ? "INSERT" : "SELECT"
    case "INSERT":
      text =
        (words.contains("CONFLICT") ? "INSERT, UPDATE" : "INSERT")
        + (alsoReads ? " and SELECT" : "")
    case "UPDATE", "DELETE": text = "\(words[0])" + (alsoReads ? " and SELECT" : "")
    default: return nil
    }
  }
}
