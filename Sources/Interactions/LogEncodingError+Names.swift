extension LogEncodingError {
  /// The same, with the name of its row where it is about a value of these, which `firstRow` came before.
  package func naming(
    rowsOf chunk: RowChunk, by plan: LogPlan, firstRow: Int
  ) -> LogEncodingError {
    guard case .badValue(let column, let row, _, let found, let expected) = self else {
      return self
    }
    return .badValue(
      column: column, row: row, name: chunk.name(ofRow: row - firstRow - 1, by: plan),
      found: found, expected: expected)
  }
}

extension RowChunk {
  /// What messages call a row: `user_id 5, item_id 9`; empty where the log says nothing of it.
  fileprivate func name(ofRow row: Int, by plan: LogPlan) -> String {
    plan.naming.compactMap { place in
      let column = columns[place]
      guard !column.isMissing[row] else { return nil }
      return switch column.values {
      case .integers(let values): "\(plan.columns[place].name) \(values[row])"
      case .texts(let texts): "\(plan.columns[place].name) \(texts.text(row))"
      default: nil
      }
    }.joined(separator: ", ")
  }
}
