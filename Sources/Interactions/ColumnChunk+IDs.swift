/// Turns ids into codes of a dictionary or into rows of a hashed table.
extension ColumnChunk {
  /// Codes of ids, new ones included; -1 where missing.
  package func codes(
    addingTo dictionary: inout IDDictionary, of column: ColumnDescription
  ) -> [Int32] {
    switch values {
    case .integers(let values): dictionary.insert(values, isMissing: isMissing)
    case .booleans(let values):
      dictionary.insert(values.map { $0 ? 1 : 0 }, isMissing: isMissing)
    case .texts(let texts): dictionary.insert(texts, isMissing: isMissing)
    default: mismatch(column)
    }
  }

  /// Codes of ids; -1 where missing or not in the dictionary.
  func codes(in dictionary: IDDictionary, of column: ColumnDescription) -> [Int32] {
    unsafe rows(of: column, missing: -1) {
      dictionary.code(of: $0) ?? -1
    } _: {
      unsafe dictionary.code(of: $0) ?? -1
    }
  }

  /// Rows of a hashed table; 0 where missing.
  package func hashedRows(of rowCount: Int, of column: ColumnDescription) -> [Int32] {
    unsafe rows(of: column, missing: 0) {
      StableHash.row(StableHash.integer($0), of: rowCount)
    } _: {
      unsafe StableHash.row(StableHash.bytes(UnsafeRawBufferPointer($0)), of: rowCount)
    }
  }

  private func rows(
    of column: ColumnDescription, missing: Int32, _ integer: (Int64) -> Int32,
    _ text: (UnsafeBufferPointer<UInt8>) -> Int32
  ) -> [Int32] {
    var result = [Int32](repeating: missing, count: rowCount)
    switch values {
    case .integers(let values):
      for row in 0..<rowCount where !isMissing[row] { result[row] = integer(values[row]) }
    case .booleans(let values):
      for row in 0..<rowCount where !isMissing[row] { result[row] = integer(values[row] ? 1 : 0) }
    case .texts(let texts):
      unsafe texts.bytes.withUnsafeBufferPointer { bytes in
        for row in 0..<rowCount where !isMissing[row] {
          result[row] = unsafe text(UnsafeBufferPointer(rebasing: bytes[texts.range(row)]))
        }
      }
    default: mismatch(column)
    }
    return result
  }

  /// The first or last `longest` elements of each list as a column of single ids, and where lists end.
  ///
  /// Also says how many lists were longer.
  fileprivate func elements(
    longest: Int, keepingLast: Bool, of column: ColumnDescription
  ) -> (ids: ColumnChunk, ends: [Int], truncated: Int) {
    var truncated = 0
    var kept: [Int] = []
    kept.reserveCapacity(rowCount)
    func keep(_ ends: [Int], _ body: (Range<Int>) -> Void) {
      var start = 0
      var total = 0
      for end in ends {
        let count = min(end - start, longest)
        if count < end - start { truncated += 1 }
        body(keepingLast ? (end - count)..<end : start..<(start + count))
        start = end
        total += count
        kept.append(total)
      }
    }
    let values: ColumnValues
    switch self.values {
    case .integerLists(let integers, let ends):
      var result: [Int64] = []
      result.reserveCapacity(integers.count)
      keep(ends) { result.append(contentsOf: integers[$0]) }
      values = .integers(result)
    case .textLists(let texts, let ends):
      var result = TextColumn()
      keep(ends) { for index in $0 { result.append(texts.bytes[texts.range(index)]) } }
      values = .texts(result)
    default: mismatch(column)
    }
    let isMissing = [Bool](repeating: false, count: kept.last ?? 0)
    return (ColumnChunk(values: values, isMissing: isMissing), kept, truncated)
  }
}

extension ColumnChunk {
  /// The elements of lists as a column of single ids, where lists end, and how many lists were longer
  /// than `longest`.
  ///
  /// - Throws: ``LogEncodingError/badValue(column:row:name:found:expected:)`` for the first longer list
  ///   where those are refused.
  package func elements(
    longest: Int, excess: FeatureDefinition.IDList.Excess?, of column: ColumnDescription,
    firstRow: Int
  ) throws(LogEncodingError) -> (ids: ColumnChunk, ends: [Int], truncated: Int) {
    if excess == .refuse, let (row, count) = firstList(above: longest) {
      throw .badValue(
        column: column.name, row: firstRow + row + 1, found: "a list of \(count)",
        expected: "one of \(longest) elements or fewer")
    }
    return elements(longest: longest, keepingLast: excess == .keepLast, of: column)
  }
}

extension ColumnChunk {
  /// The first row whose list has more than `longest` elements, and how many it has.
  fileprivate func firstList(above longest: Int) -> (row: Int, count: Int)? {
    switch values {
    case .integerLists(_, let ends), .textLists(_, let ends):
      var start = 0
      for (row, end) in ends.enumerated() {
        if end - start > longest { return (row, end - start) }
        start = end
      }
      return nil
    default: return nil
    }
  }
}
