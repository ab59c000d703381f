/// Memory that the system fills from a file when it is read, and may empty in between.
public protocol PagedMemory: AnyObject, Sendable {
  /// Gives back the memory behind some bytes; reading them fills it again.
  func dropPages(of bytes: UnsafeRawBufferPointer)
  /// Has the system fetch the file's part behind some bytes, without waiting for it.
  func expectReading(of bytes: UnsafeRawBufferPointer)
}

extension Column {
  /// Gives back the memory that reading of a mapped file's column has filled; other columns have
  /// nothing to give back.
  package func dropPages() {
    guard let memory = owner as? any PagedMemory else { return }
    unsafe withUnsafeBuffer { unsafe memory.dropPages(of: UnsafeRawBufferPointer($0)) }
  }

  /// Has the system fetch the values of a mapped file's column that are about to be read.
  func expectReading(_ range: Range<Int>) {
    guard let memory = owner as? any PagedMemory, !range.isEmpty else { return }
    unsafe withUnsafeBuffer {
      unsafe memory.expectReading(
        of: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: $0[range])))
    }
  }
}

extension EncodedLog {
  /// Gives back the memory that reading of the log's file has filled; what is read again is fetched
  /// again.
  public func dropPages() {
    for lookup in lookups {
      switch lookup {
      case .single(let column): column.dropPages()
      case .list(let values, let ends):
        values.dropPages()
        ends.dropPages()
      }
    }
    for column in numbers { column.dropPages() }
    for column in labels { column.dropPages() }
    times.dropPages()
    users?.dropPages()
    requests?.dropPages()
  }

  /// Has the system fetch what training reads of some rows.
  public func expectReading(_ rows: ClosedRange<Int>) {
    let rows = Range(rows)
    for lookup in lookups {
      switch lookup {
      case .single(let column): column.expectReading(rows)
      case .list(let values, let ends):
        ends.expectReading(rows)
        let first = rows.lowerBound == 0 ? 0 : Int(ends[rows.lowerBound - 1])
        values.expectReading(first..<Int(ends[rows.upperBound - 1]))
      }
    }
    for column in numbers { column.expectReading(rows) }
    for column in labels { column.expectReading(rows) }
  }

  /// Bytes that training reads of a row, in the mean.
  public var bytesPerRow: Double {
    guard rowCount > 0 else { return 0 }
    let lookups = lookups.map { lookup -> Double in
      switch lookup {
      case .single: 4
      case .list(let values, _): 8 + 4 * Double(values.count) / Double(rowCount)
      }
    }
    return lookups.reduce(0, +) + 4 * Double(numbers.count) + Double(labels.count)
  }
}
