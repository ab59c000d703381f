import Foundation
import Jobs
import PostgresLogs
import RunConfiguration

/// Scored candidates that were written, read back for people to look at.
struct WrittenScores {
  private let destination: RunConfiguration.Scoring.Destination?
  private let location: DatabaseLocation
  private let context: JobContext
  private static let rowsPerUser = 3

  init(
    _ destination: RunConfiguration.Scoring.Destination?, _ location: DatabaseLocation,
    _ context: JobContext
  ) {
    self.destination = destination
    self.location = location
    self.context = context
  }

  /// The best candidates of the first users.
  func best(ofUsers count: Int) throws -> TextTable? {
    switch destination {
    case .table(let relation): try read(relation, count)
    case .file(let path): try read(path, count)
    case nil: nil
    }
  }

  private func read(_ relation: RunConfiguration.Relation, _ count: Int) throws -> TextTable {
    let connection = try location.connect(isCancelled: context.isCancelled)
    let rows = try connection.bestScores(
      schema: relation.schema, name: relation.name, userCount: count, perUser: Self.rowsPerUser)
    var table = TextTable(rows.columnNames)
    for row in rows.rows { table.append(row.map(Self.short)) }
    return table
  }

  private func read(_ path: String, _ count: Int) throws -> TextTable? {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let data = try file.read(upToCount: 1 << 20) ?? Data()
    var lines = CSVLines(String(decoding: data, as: UTF8.self))
    guard let header = lines.next() else { return nil }
    var table = TextTable(header)
    var users: [String] = []
    while let row = lines.next(), row.count == header.count {
      if users.last != row[0] { users.append(row[0]) }
      if users.count > count { break }
      guard let rank = Int(row[2]), rank <= Self.rowsPerUser else { continue }
      table.append(row.map(Self.short))
    }
    return table
  }

  /// Probabilities and values with six digits.
  private static func short(_ text: String?) -> String {
    guard let text else { return Text.none }
    guard text.contains(where: { $0 == "." || $0 == "e" }), let number = Double(text) else {
      return text
    }
    return String(format: "%.6g", number)
  }
}
