package import Interactions

/// The order of a log's rows by time, where they came in another.
///
/// Rows of the same time keep the order in which they came.
package struct TimeOrder: Sendable {
  /// The row as read of each row in order; nil where the rows came in order.
  package let permutation: [Int32]?

  package init(cameInOrder: Bool, times: Column<Int64>) {
    permutation = cameInOrder ? nil : times.rowsByValue()
  }

  /// Calls `body` with the place as read of each selected row, in order of time.
  @inline(__always)
  func forEach(_ selection: RowSelection, _ body: (Int) -> Void) {
    switch (selection, permutation) {
    case (.range(let rows), nil): for row in rows { body(row) }
    case (.range(let rows), let permutation?): for row in rows { body(Int(permutation[row])) }
    case (.list, nil): for index in 0..<selection.count { body(selection[index]) }
    case (.list, let permutation?):
      for index in 0..<selection.count { body(Int(permutation[selection[index]])) }
    }
  }
}
