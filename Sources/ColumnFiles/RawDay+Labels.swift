import Interactions

extension RawDay {
  /// The time of the newest row whose label is known.
  ///
  /// - Parameters:
  ///   - column: The label's column.
  ///   - latest: Younger rows are not looked at.
  /// - Returns: In microseconds since 1970 UTC; nil where no row has a known label.
  /// - Throws: ``ColumnFileError`` where the file is damaged.
  /// - Complexity: O(rows younger than the answer).
  public func newestKnown(
    label column: String, notAfter latest: Int64
  ) throws(ColumnFileError) -> Int64? {
    guard
      let label = sources.firstIndex(where: {
        $0.source == .label && columns[$0.column].name == column
      }), let time = sources.firstIndex(where: { $0.source == .time })
    else { throw .otherKey(path) }
    let labels = try sections.column(UInt8.self, RawSection.values(label), rowCount)
    let times = try sections.column(Int64.self, RawSection.values(time), rowCount)
    for row in (0..<rowCount).reversed()
    where times[row] <= latest && labels[row] != Label.unknown.rawValue {
      return times[row]
    }
    return nil
  }
}
