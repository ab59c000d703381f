internal import Interactions

/// Tells the rows of a log apart, to find the same ones in another log.
final class RowIdentity: RowGatherer {
  let columnNames: [String]
  private var columns: [ColumnDescription] = []
  private var times = RowTimes()
  private var hashes: [UInt64] = []

  /// Takes some roles of each row for what tells rows of one time apart.
  private init(_ roles: LogRoles, _ identifying: [KeyPath<LogRoles, String?>]) {
    columnNames = identifying.compactMap { roles[keyPath: $0] } + [roles.time]
  }

  /// One for each log: by request, user and item, as far as all logs have them.
  static func each(_ roles: [LogRoles]) -> [RowIdentity] {
    let identifying: [KeyPath<LogRoles, String?>] = [\.request, \.user, \.item]
    let common = identifying.filter { path in roles.allSatisfy { $0[keyPath: path] != nil } }
    return roles.map { RowIdentity($0, common) }
  }

  func begin(_ columns: [ColumnDescription]) throws {
    self.columns = columns
    times = RowTimes()
    hashes = []
  }

  func append(_ chunk: [ColumnChunk]) throws {
    var keys = RowKeys(rowCount: chunk[0].rowCount)
    for (column, description) in zip(chunk, columns) {
      switch column.values {
      case .times, .integers, .texts: keys.mix(column, of: description)
      default: continue  // the encoder takes no other kinds for these roles
      }
    }
    hashes.append(contentsOf: keys.numbers)
    times.append(chunk[columns.count - 1])
  }

  /// One number a row, in the log's order, equal for equal time, request, user and item.
  func numbers() -> [UInt64] { times.inLogOrder(hashes) }
}

/// Which row of one log is which of another.
enum RowMatching {
  /// Finds the rows of the first log in the second; nil where they hold other rows.
  ///
  /// Rows that nothing tells apart are matched in the order of their labels, then of their places.
  ///
  /// - Parameters:
  ///   - first: A number for each row, equal for the same rows; labels of the tasks in common.
  ///   - second: The same of the other log.
  /// - Returns: The place in the second log of each row of the first.
  static func places(
    of first: (numbers: [UInt64], labels: [Column<UInt8>]),
    in second: (numbers: [UInt64], labels: [Column<UInt8>])
  ) -> [Int32]? {
    guard first.numbers.count == second.numbers.count else { return nil }
    if first.numbers == second.numbers, sameLabels(first.labels, second.labels) {
      return first.numbers.indices.map(Int32.init)
    }
    let order = sorted(first.numbers, first.labels)
    let other = sorted(second.numbers, second.labels)
    var places = [Int32](repeating: 0, count: order.count)
    for (row, place) in zip(order, other) {
      guard first.numbers[Int(row)] == second.numbers[Int(place)] else { return nil }
      places[Int(row)] = place
    }
    return places
  }

  private static func sameLabels(_ first: [Column<UInt8>], _ second: [Column<UInt8>]) -> Bool {
    zip(first, second).allSatisfy { one, other in
      (0..<one.count).allSatisfy { one[$0] == other[$0] }
    }
  }

  private static func sorted(_ numbers: [UInt64], _ labels: [Column<UInt8>]) -> [Int32] {
    numbers.indices.map(Int32.init).sorted { one, other in
      let (a, b) = (Int(one), Int(other))
      if numbers[a] != numbers[b] { return numbers[a] < numbers[b] }
      for column in labels where column[a] != column[b] { return column[a] < column[b] }
      return a < b
    }
  }
}
