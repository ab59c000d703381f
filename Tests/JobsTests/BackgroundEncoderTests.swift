import ColumnFiles
import Foundation
import Interactions
import Jobs
import Testing

/// What encoding on a thread of its own must not change.
struct BackgroundEncoderTests {
  private let folder = NSTemporaryDirectory() + "/background-encoder-\(UUID().uuidString)"
  private var path: String { folder + "/log.columns" }

  private static let columns = [
    ColumnDescription(name: "shown_at", kind: .time, databaseType: "timestamptz"),
    ColumnDescription(name: "clicked", kind: .integer, databaseType: "int4"),
  ]

  init() throws {
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
  }

  /// Ten rows that start at `first`, with the given label in all of them.
  private func chunk(from first: Int64, label: Int64 = 1) -> RowChunk {
    let present = [Bool](repeating: false, count: 10)
    return RowChunk(columns: [
      ColumnChunk(values: .times((first..<first + 10).map(\.self)), isMissing: present),
      ColumnChunk(
        values: .integers([Int64](repeating: label, count: 10)), isMissing: present),
    ])
  }

  private func start(_ encoder: BackgroundEncoder<LogEncoder>) throws {
    let path = path
    try encoder.restart {
      try LogEncoder(
        writing: path, key: "key", columns: Self.columns, features: [],
        roles: LogRoles(
          time: "shown_at", tasks: [LogRoles.TaskLabel(name: "click", column: "clicked")]),
        split: .lengths(train: nil, validation: 0, test: 0))
    }
  }

  private var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder) }
  }

  @Test func `many chunks arrive whole and in order`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let encoder = BackgroundEncoder<LogEncoder>()
    try start(encoder)
    for index in 0..<50 { try encoder.append(chunk(from: Int64(10 * index))) }
    let file = try encoder.finish()
    #expect((0..<file.log.rowCount).map { file.log.times[$0] } == (0..<500).map { Int64($0) })
    #expect(file.summary.cameInOrder)
  }

  @Test func `a bad value stops the rows after it and keeps its row number`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let encoder = BackgroundEncoder<LogEncoder>()
    try start(encoder)
    let error = #expect(throws: LogEncodingError.self) {
      try encoder.append(chunk(from: 0))
      try encoder.append(chunk(from: 10, label: 7))
      // What else goes wrong later must not be told instead.
      for index in 2..<20 { try encoder.append(chunk(from: Int64(10 * index), label: 8)) }
      _ = try encoder.finish()
    }
    #expect(
      error
        == .badValue(
          column: "clicked", row: 11, found: "7",
          expected: "a label: true, false, 1, 0 or NULL"))
  }

  @Test func `a restart forgets rows and failures`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let encoder = BackgroundEncoder<LogEncoder>()
    try start(encoder)
    try encoder.append(chunk(from: 0))
    try encoder.append(chunk(from: 10, label: 7))
    try start(encoder)
    try encoder.append(chunk(from: 100))
    let file = try encoder.finish()
    #expect(file.log.rowCount == 10)
    #expect(file.log.times[0] == 100)
  }

  @Test func `discarding leaves no file, and nothing to discard is fine`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let encoder = BackgroundEncoder<LogEncoder>()
    encoder.discard()
    try start(encoder)
    for index in 0..<5 { try encoder.append(chunk(from: Int64(10 * index))) }
    encoder.discard()
    #expect(try files.filter { !$0.hasSuffix(".lock") } == [])
  }
}
