import Interactions
import PostgresLogs
import Synchronization

/// A switch that one thread turns and another looks at.
final class Switch: Sendable {
  private let state = Atomic<Bool>(false)

  var isOn: Bool { state.load(ordering: .relaxed) }

  func turnOn() { state.store(true, ordering: .relaxed) }
}

extension LogReader {
  /// All rows at once.
  func readAll() throws -> [RowChunk] {
    var chunks: [RowChunk] = []
    while let chunk = try next() { chunks.append(chunk) }
    return chunks
  }
}

extension PostgresConnection {
  /// The first chunk of a query's rows.
  func firstChunk(_ query: String) throws -> RowChunk {
    try LogReader(self, query: query).readAll().first ?? RowChunk(columns: [])
  }

  /// The values of a query's only column.
  func values(_ query: String) throws -> ColumnValues? {
    try firstChunk(query).columns.first?.values
  }
}

extension ColumnValues {
  /// The texts of a text column.
  var strings: [String]? {
    guard case .texts(let texts) = self else { return nil }
    return (0..<texts.count).map(texts.text)
  }
}
