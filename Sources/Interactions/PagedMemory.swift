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
  package func dropPages() { dropPages(of: 0..<count) }

  /// The same, of some values.
  package func dropPages(of range: Range<Int>) {
    guard let memory = owner as? any PagedMemory, !range.isEmpty else { return }
    unsafe withUnsafeBuffer {
      unsafe memory.dropPages(
        of: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: $0[range])))
    }
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
    weights?.dropPages()
  }

  /// Bytes of labels that lie in no file.
  public var heldBytes: Int {
    labels.reduce(0) { $0 + ($1.owner is any PagedMemory ? 0 : $1.count) }
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
      + (weights == nil ? 0 : 4)
  }
}
