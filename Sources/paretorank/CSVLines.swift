/// The rows of a CSV file (RFC 4180) as far as its text goes.
struct CSVLines {
  private var rest: Substring

  init(_ text: String) { rest = text[...] }

  /// The fields of the next complete line.
  mutating func next() -> [String]? {
    var fields = [""]
    var isQuoted = false
    while let character = rest.popFirst() {
      switch character {
      case "\"" where isQuoted && rest.first == "\"":
        rest.removeFirst()
        fields[fields.count - 1].append("\"")
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      case "\n" where !isQuoted, "\r\n" where !isQuoted: return fields
      default: fields[fields.count - 1].append(character)
      }
    }
    return nil
  }
}
