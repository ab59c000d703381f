public import Interactions
public import Matrices

/// Which impressions make up a batch, and the table rows that their single ids select.
///
/// Shared by all workers, each of which fills the part that it works on.
public final class BatchRows: Sendable {
  public let capacity: Int
  /// The log's row of each position in the batch.
  public let rows: Storage<UInt32>
  /// For each lookup, the table row of each position; unused for lists.
  public let ids: [IndexStorage]

  /// Creates room for batches of up to `capacity` impressions.
  public init(schema: InputSchema, capacity: Int) {
    self.capacity = capacity
    rows = Storage(count: capacity)
    ids = schema.lookups.map { IndexStorage(count: $0.pooling == nil ? capacity : 0) }
  }

  /// Looks up the single ids of the given positions.
  public func readIDs(of positions: Range<Int>, from log: EncodedLog) {
    let rows = unsafe self.rows.pointer(at: positions.lowerBound, count: positions.count)
    for (index, lookup) in log.schema.lookups.enumerated() {
      guard case .single(let column) = log.lookups[index] else { continue }
      let ids = unsafe self.ids[index].pointer(at: positions.lowerBound, count: positions.count)
      var highest: UInt32 = 0
      unsafe column.withUnsafeBuffer { values in
        for position in 0..<positions.count {
          let id = unsafe values[Int(rows[position])]
          unsafe ids[position] = id
          highest = max(highest, UInt32(bitPattern: id))
        }
      }
      precondition(
        highest < log.schema.tables[lookup.table].rowCount,
        "an id of \(lookup.feature) lies outside its table")
    }
  }
}
