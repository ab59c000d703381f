/// Some rows of a log, in ascending order.
public enum RowSelection: Sendable {
  case range(Range<Int>)
  case list(Column<Int32>)

  public var count: Int {
    switch self {
    case .range(let range): range.count
    case .list(let rows): rows.count
    }
  }

  public var isEmpty: Bool { count == 0 }

  /// The selection's row number `index`, `0..<count`.
  public subscript(index: Int) -> Int {
    switch self {
    case .range(let range):
      precondition(index >= 0 && index < range.count, "no row \(index) in \(range.count)")
      return range.lowerBound + index
    case .list(let rows): return Int(rows[index])
    }
  }
}
