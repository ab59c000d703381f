/// Numbers that tell the rows of a log apart, mixed from the values of some of their columns.
///
/// Rows have the same number where all these values are equal. From one column of whole numbers,
/// different values give different numbers; else two of 10⁸ rows share one by chance with
/// probability 0.0005.
package struct RowKeys {
  /// One number a row, so far.
  package private(set) var numbers: [UInt64]

  package init(rowCount: Int) { numbers = [UInt64](repeating: 0, count: rowCount) }

  /// Adds a column of times, whole numbers or texts; a missing value counts as one of its own.
  package mutating func mix(_ chunk: ColumnChunk, of column: ColumnDescription) {
    let values: [Int64] =
      if case .times(let times) = chunk.values { times } else { chunk.groups(of: column) }
    precondition(values.count == numbers.count, "\(values.count) values, \(numbers.count) rows")
    for row in numbers.indices {
      let sum = numbers[row] &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(bitPattern: values[row])
      numbers[row] = StableHash.integer(Int64(bitPattern: sum))
    }
  }
}

extension RowChunk {
  /// The numbers that ``LogPlan/Source/key(columns:)`` asks for.
  ///
  /// - Throws: ``LogEncodingError/badValue(column:row:name:found:expected:)`` where a single column is to
  ///   tell rows apart and has no value.
  package func keys(
    mixing places: [Int], of descriptions: [ColumnDescription], firstRow: Int
  ) throws(LogEncodingError) -> [Int64] {
    if places.count == 1, let row = columns[places[0]].isMissing.firstIndex(of: true) {
      throw .badValue(
        column: descriptions[places[0]].name, row: firstRow + row + 1, found: "NULL",
        expected: "a value that tells the row from all others")
    }
    var keys = RowKeys(rowCount: rowCount)
    for place in places { keys.mix(columns[place], of: descriptions[place]) }
    return keys.numbers.map { Int64(bitPattern: $0) }
  }
}
