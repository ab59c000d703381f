/// A value of a configuration that fits the schema, with defaults filled in.
struct CheckedValue {
  enum Content {
    case text(String)
    case number(Double)
    case integer(Int)
    case flag(Bool)
    case list([CheckedValue])
    case map([(key: String, value: CheckedValue)])
  }

  var content: Content
  var path: String
  var place: ConfigurationIssue.Origin
  /// True where the author did not write the value.
  var isDefault: Bool

  subscript(key: String) -> CheckedValue? { entries.first { $0.key == key }?.value }

  var entries: [(key: String, value: CheckedValue)] {
    if case .map(let entries) = content { entries } else { [] }
  }

  var elements: [CheckedValue] { if case .list(let elements) = content { elements } else { [] } }

  var text: String? { if case .text(let text) = content { text } else { nil } }

  // Not inlined: Swift 6.3.1's optimizer stops with an ownership error where it inlines these two.
  @inline(never) var integer: Int? {
    if case .integer(let integer) = content { integer } else { nil }
  }

  @inline(never) var number: Double? {
    switch content {
    case .number(let number): number
    case .integer(let integer): Double(integer)
    default: nil
    }
  }

  var flag: Bool? { if case .flag(let flag) = content { flag } else { nil } }
}

/// Values that the schema guarantees; their absence is a mistake of this module.
extension CheckedValue {
  func part(_ key: String) -> CheckedValue {
    guard let value = self[key] else { preconditionFailure("\(path) lacks \(key)") }
    return value
  }

  func text(_ key: String) -> String { required(key, "text") { $0.text } }

  func integer(_ key: String) -> Int { required(key, "integer") { $0.integer } }

  func number(_ key: String) -> Double { required(key, "number") { $0.number } }

  func flag(_ key: String) -> Bool { required(key, "flag") { $0.flag } }

  private func required<Value>(
    _ key: String, _ kind: String, _ value: (CheckedValue) -> Value?
  ) -> Value {
    guard let value = value(part(key)) else { preconditionFailure("\(path).\(key) is no \(kind)") }
    return value
  }

  /// The member of an enumeration whose raw values are the schema's choices.
  func choice<Choice: RawRepresentable<String>>(_ key: String, as: Choice.Type = Choice.self)
    -> Choice
  {
    guard let choice = Choice(rawValue: text(key)) else {
      preconditionFailure("\(path).\(key) is no \(Choice.self)")
    }
    return choice
  }
}
