import Glibc

extension ColumnChunk {
  /// Vectors, `[rowCount, length]`; NaN where missing.
  ///
  /// A list of numbers is one, and so is a text such as `[0.1,0.2]`, which is how pgvector writes
  /// them. Numbers are kept within what a `Float` can hold.
  ///
  /// - Throws: ``LogEncodingError/badValue(column:row:name:found:expected:)`` where a vector has
  ///   another length or a number that is not finite.
  package func vectors(
    _ length: Int, of column: ColumnDescription, firstRow: Int
  ) throws(LogEncodingError) -> [Float] {
    var result = [Float](repeating: .nan, count: rowCount * length)
    func error(_ row: Int, _ found: String, not kind: String = "one") -> LogEncodingError {
      .badValue(
        column: column.name, row: firstRow + row + 1, found: found,
        expected: "\(kind) of \(length) finite numbers")
    }
    let limit = Double(Float.greatestFiniteMagnitude)
    func put(_ row: Int, _ count: Int, _ value: (Int) -> Double) throws(LogEncodingError) {
      guard count == length else { throw error(row, "a vector of \(count)") }
      for index in 0..<length {
        let value = value(index)
        guard value.isFinite else {
          let what = value.isNaN ? "NaN or NULL" : "\(value)"
          throw error(row, "a vector with \(what) at place \(index + 1)")
        }
        result[row * length + index] = Float(min(max(value, -limit), limit))
      }
    }
    for row in 0..<rowCount where !isMissing[row] {
      switch values {
      case .numberLists(let values, let ends):
        let start = row == 0 ? 0 : ends[row - 1]
        try put(row, ends[row] - start) { values[start + $0] }
      case .integerLists(let values, let ends):
        let start = row == 0 ? 0 : ends[row - 1]
        try put(row, ends[row] - start) { Double(values[start + $0]) }
      case .texts(let texts):
        guard let values = texts.vector(row) else {
          throw error(row, "\"\(texts.text(row).prefix(40))\"", not: "a vector")
        }
        try put(row, values.count) { values[$0] }
      default: mismatch(column)
      }
    }
    return result
  }
}

extension TextColumn {
  /// The numbers of a text such as `[0.1, 0.2]`; nil where it is another.
  fileprivate func vector(_ row: Int) -> [Double]? {
    func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") }
    let range = range(row)
    guard let first = range.first(where: { !isSpace(bytes[$0]) }),
      let last = range.last(where: { !isSpace(bytes[$0]) }), first < last,
      bytes[first] == UInt8(ascii: "["), bytes[last] == UInt8(ascii: "]")
    else { return nil }
    var numbers: [Double] = []
    return unsafe bytes.withUnsafeBufferPointer { bytes -> [Double]? in
      guard let base = bytes.baseAddress else { return nil }
      var place = first + 1
      while place < last, isSpace(unsafe bytes[place]) { place += 1 }
      if place == last { return numbers }
      while true {
        // The bracket at the end stops it inside of the text.
        var end: UnsafeMutablePointer<CChar>?
        let start = unsafe UnsafeRawPointer(base + place).assumingMemoryBound(to: CChar.self)
        let value = unsafe strtod(start, &end)
        let read = unsafe end.map { unsafe UnsafePointer($0) - start } ?? 0
        guard read > 0 else { return nil }
        numbers.append(value)
        place += read
        while place < last, isSpace(unsafe bytes[place]) { place += 1 }
        if place >= last { return place == last ? numbers : nil }
        guard unsafe bytes[place] == UInt8(ascii: ",") else { return nil }
        place += 1
      }
    }
  }
}
