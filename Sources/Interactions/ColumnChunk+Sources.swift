import Glibc

/// Turns the values of one column into the streams that ``LogPlan`` asks for.
///
/// Each function takes the column's description and the number of rows read before, for messages.
extension ColumnChunk {
  /// Numbers, clipped and transformed; NaN where missing.
  package func numbers(
    _ transform: FeatureDefinition.NumberScaling.Transform, lowest: Double?, highest: Double?,
    of column: ColumnDescription, firstRow: Int
  ) throws(LogEncodingError) -> [Double] {
    let preparation = NumberPreparation(transform, lowest: lowest, highest: highest)
    var result = [Double](repeating: .nan, count: rowCount)
    switch values {
    case .integers(let values):
      for row in 0..<rowCount where !isMissing[row] {
        result[row] = preparation(Double(values[row]))
      }
    case .booleans(let values):
      for row in 0..<rowCount where !isMissing[row] {
        result[row] = preparation(values[row] ? 1 : 0)
      }
    case .numbers(let values):
      for row in 0..<rowCount where !isMissing[row] {
        guard values[row].isFinite else {
          throw .badValue(
            column: column.name, row: firstRow + row + 1, found: "\(values[row])",
            expected: "a finite number (make it NULL in the query if it means missing)")
        }
        result[row] = preparation(values[row])
      }
    default: mismatch(column)
    }
    return result
  }

  /// ``Label`` raw values.
  package func labels(
    of column: ColumnDescription, firstRow: Int
  ) throws(LogEncodingError) -> [UInt8] {
    var result = [UInt8](repeating: Label.unknown.rawValue, count: rowCount)
    func bad(_ row: Int, _ found: String) -> LogEncodingError {
      .badValue(
        column: column.name, row: firstRow + row + 1, found: found,
        expected: "a label: true, false, 1, 0 or NULL")
    }
    switch values {
    case .booleans(let values):
      for row in 0..<rowCount where !isMissing[row] { result[row] = values[row] ? 1 : 0 }
    case .integers(let values):
      for row in 0..<rowCount where !isMissing[row] {
        guard values[row] == 0 || values[row] == 1 else { throw bad(row, "\(values[row])") }
        result[row] = UInt8(truncatingIfNeeded: values[row])
      }
    case .numbers(let values):
      for row in 0..<rowCount where !isMissing[row] {
        guard values[row] == 0 || values[row] == 1 else { throw bad(row, "\(values[row])") }
        result[row] = values[row] == 1 ? 1 : 0
      }
    default: mismatch(column)
    }
    return result
  }

  /// What rows count in training, which each row must say.
  package func weights(
    of column: ColumnDescription, firstRow: Int
  ) throws(LogEncodingError) -> [Float] {
    let numbers: [Double]
    switch values {
    case .integers(let values): numbers = values.map(Double.init)
    case .numbers(let values): numbers = values
    default: mismatch(column)
    }
    let weights = numbers.map { Float($0) }
    for row in 0..<rowCount where isMissing[row] || !weights[row].isFinite || weights[row] < 0 {
      throw .badValue(
        column: column.name, row: firstRow + row + 1,
        found: isMissing[row] ? "NULL" : "\(numbers[row])",
        expected: "a weight: a finite number, at least 0")
    }
    return weights
  }

  /// Times that are there and finite.
  package func times(
    of column: ColumnDescription, firstRow: Int
  ) throws(LogEncodingError) -> [Int64] {
    guard case .times(let values) = values else { mismatch(column) }
    for row in 0..<rowCount where isMissing[row] || values[row].isInfinite {
      throw .badValue(
        column: column.name, row: firstRow + row + 1,
        found: isMissing[row] ? "NULL" : "infinite", expected: "a point in time")
    }
    return values
  }

  /// Table rows of a part of a timestamp; 0 where missing or infinite.
  package func timeParts(
    _ part: FeatureDefinition.TimePart, of column: ColumnDescription
  ) -> [Int32] {
    guard case .times(let values) = values else { mismatch(column) }
    var result = [Int32](repeating: 0, count: rowCount)
    for row in 0..<rowCount where !isMissing[row] && !values[row].isInfinite {
      switch part {
      case .hour: result[row] = Timestamp.hour(values[row]) + 1
      case .weekday: result[row] = Timestamp.weekday(values[row])
      }
    }
    return result
  }

  /// Numbers that tell users or requests apart; `Int64.min` where missing.
  ///
  /// A whole number stands for itself, a text for the upper 63 bits of its hash, so that memory
  /// doesn't grow with the requests. Among 10⁸ texts two share a number with probability 0.0005.
  package func groups(of column: ColumnDescription) -> [Int64] {
    var result = [Int64](repeating: .min, count: rowCount)
    switch values {
    case .integers(let values):
      for row in 0..<rowCount where !isMissing[row] { result[row] = values[row] }
    case .texts(let texts):
      for row in 0..<rowCount where !isMissing[row] {
        result[row] = Int64(StableHash.bytes(texts.bytes, texts.range(row)) >> 1)
      }
    default: mismatch(column)
    }
    return result
  }

  func mismatch(_ column: ColumnDescription) -> Never {
    preconditionFailure("column \(column.name) was announced as \(column.kind) but holds others")
  }
}

extension Int64 {
  /// Whether PostgreSQL's `infinity` or `-infinity` was meant.
  fileprivate var isInfinite: Bool { self == .min || self == .max }
}

/// What happens to a number first: clip, transform, and keep within what a `Float` can hold.
package struct NumberPreparation: Sendable {
  private let transform: FeatureDefinition.NumberScaling.Transform
  private let lowest: Double
  private let highest: Double

  package init(
    _ transform: FeatureDefinition.NumberScaling.Transform, lowest: Double?, highest: Double?
  ) {
    self.transform = transform
    self.lowest = lowest ?? -Double(Float.greatestFiniteMagnitude)
    self.highest = highest ?? Double(Float.greatestFiniteMagnitude)
  }

  @inline(__always)
  package func callAsFunction(_ value: Double) -> Double {
    let clipped = min(max(value, lowest), highest)
    switch transform {
    case .none: return clipped
    case .log1p: return clipped < 0 ? -log1p(-clipped) : log1p(clipped)
    }
  }
}
