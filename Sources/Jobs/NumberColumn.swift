internal import Interactions

extension [ColumnDescription] {
  /// The index of a column whose values can be calculated with.
  func numberColumn(_ name: String, role: String) throws(LogEncodingError) -> Int {
    let names = map(\.name)
    guard let index = names.firstIndex(of: name) else {
      throw .missingColumn(name, role: role, closest: Spelling.nearest(to: name, among: names))
    }
    guard self[index].kind.isNumber else {
      throw .wrongKind(
        column: name, databaseType: self[index].databaseType, role: role, fits: "a number column")
    }
    return index
  }
}

extension ColumnKind {
  /// Whether values can be calculated with.
  var isNumber: Bool { [.integer, .number, .boolean].contains(self) }
}

extension ColumnChunk {
  /// A value of a column that `numberColumn` found; nil where missing.
  func number(_ row: Int) -> Double? {
    guard !isMissing[row] else { return nil }
    return switch values {
    case .integers(let values): Double(values[row])
    case .numbers(let values): values[row]
    case .booleans(let values): values[row] ? 1 : 0
    default: nil
    }
  }
}
