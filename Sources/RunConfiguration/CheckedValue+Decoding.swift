import Foundation

extension CheckedValue {
  /// The value as a type whose JSON has the schema's keys.
  ///
  /// Whatever fits the schema fits the type; a mismatch is a mistake of this module.
  func decoded<Value: Decodable>(as: Value.Type = Value.self) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(self))
    } catch {
      preconditionFailure("\(path) passed as \(Value.self): \(error)")
    }
  }
}

extension CheckedValue: Encodable {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch content {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .integer(let integer): try container.encode(integer)
    case .flag(let flag): try container.encode(flag)
    case .list(let elements): try container.encode(elements)
    case .map(let entries):
      var map = encoder.container(keyedBy: Key.self)
      for (key, value) in entries { try map.encode(value, forKey: Key(stringValue: key)) }
    }
  }
}
