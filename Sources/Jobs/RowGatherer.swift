internal import ColumnFiles
internal import Interactions

/// Keeps columns of a log that is being encoded as they are, in the same pass over the rows.
///
/// A second query could see other rows, or the same ones in another order.
protocol RowGatherer: AnyObject {
  /// The columns to read.
  var columnNames: [String] { get }

  /// Forgets all rows: reading starts, perhaps again.
  func begin(_ columns: [ColumnDescription]) throws

  /// Takes the next rows, one column for each name.
  func append(_ columns: [ColumnChunk]) throws
}

/// The times of rows as they were read, and the order in which an encoded log has them.
struct RowTimes {
  private var times: [Int64] = []
  private var cameInOrder = true

  /// Takes the times of a column in which the log's encoder has found nothing wrong, or will.
  mutating func append(_ column: ColumnChunk) {
    guard case .times(let values) = column.values else { return }
    for time in values {
      if let last = times.last, time < last { cameInOrder = false }
      times.append(time)
    }
  }

  /// The values, one a row as read, in the log's order.
  func inLogOrder<Value>(_ values: [Value]) -> [Value] {
    let order = TimeOrder(cameInOrder: cameInOrder, times: Column(times))
    return order.permutation.map { places in places.map { values[Int($0)] } } ?? values
  }
}
