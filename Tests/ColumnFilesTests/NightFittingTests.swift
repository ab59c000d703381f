import ColumnFiles
import Foundation
import Interactions
import Testing

struct NightFittingTests {
  static let day = Int64(86_400_000_000)

  /// Ids of single items and of lists, and a price, one row a day from day `first` on.
  static func log(_ items: [Int64], from first: Int64 = 0, inOrder: Bool = true) -> TestLog {
    let days = items.indices.map { first + Int64($0) }
    func ordered<T>(_ values: [T]) -> [T] { inOrder ? values : values.reversed() }
    var log = TestLog(times: ordered(days.map { $0 * day }))
    log.add("item", .integers(ordered(items)))
    log.add("price", .numbers(ordered(items.map(Double.init))))
    log.add(
      "recent",
      .integerLists(
        values: ordered(items).flatMap { [$0, $0] }, ends: items.indices.map { 2 * $0 + 2 }))
    let rows = FeatureDefinition.Rows.vocabulary(minimumCount: 2)
    log.feature("item", .id(.init(rows: rows, dimension: 2)))
    log.feature("price", .number(.init()))
    log.feature(
      "recent",
      .list(.init(table: .own(.init(rows: rows, dimension: 2)), pooling: .sum, longest: 2))
    )
    return log
  }

  static func write(
    _ log: TestLog, _ start: NightFitting.Start, clock: Int64, evictAfter: Int64? = nil,
    counting rows: RowSelection
  ) throws -> ColumnFile {
    let folder = try TestFolder()
    var encoder = try LogEncoder(
      writing: folder.file("log"), key: "key", columns: log.columns, roles: log.roles,
      night: NightFitting(start, clock: clock * day, evictAfter: evictAfter) { _, _ in rows })
    try encoder.append(log.chunk)
    return try encoder.finish()
  }

  static func ids(_ file: ColumnFile, _ name: String) -> [String] {
    guard let vocabulary = file.features.vocabularies[name] else { return [] }
    return (0..<vocabulary.count).map { vocabulary.id(ofRow: $0 + 1) }
  }

  @Test(arguments: [true, false])
  func `a first night learns what training rows teach, and remembers rare ids`(
    inOrder: Bool
  ) throws {
    var log = Self.log([7, 8, 9, 8, 7, 8, 9], inOrder: inOrder)
    let night = try Self.write(
      log, .fresh(log.features), clock: 7, counting: .range(0..<6))
    log.split = .windows(train: TimeWindow(from: 0, to: 6 * Self.day), validation: nil, test: nil)
    let plain = try log.encoded()
    #expect(night.features == plain.features)
    #expect(plain.histories.isEmpty)
    for name in ["item", "recent"] {
      #expect(Self.ids(night, name) == ["8", "7"])
      #expect(night.histories[name]?[8] == .init(count: 3, lastDay: 5))
      #expect(night.histories[name]?[7] == .init(count: 2, lastDay: 4))
      #expect(night.histories[name]?[9] == .init(count: 1, lastDay: 2))
    }
  }

  @Test func `a later night keeps numbers, adds ids and drops those long unseen`() throws {
    let log = Self.log([7, 8, 9, 8, 7, 8])
    let first = try Self.write(log, .fresh(log.features), clock: 6, counting: .range(0..<6))
    let next = Self.log([9, 8, 10, 10, 10], from: 6)
    let second = try Self.write(
      next, .extending(first.features, histories: first.histories), clock: 11,
      evictAfter: 6 * Self.day, counting: .list(Column([0, 2, 3])))
    #expect(Self.ids(second, "item") == ["8", "9", "10"])
    #expect(second.features.features == first.features.features)
    #expect(second.histories["item"]?[9] == .init(count: 2, lastDay: 6))
    #expect(second.histories["item"]?[8] == .init(count: 3, lastDay: 5))
    #expect(second.histories["item"]?[10] == .init(count: 2, lastDay: 9))
    #expect(second.histories["item"]?[7] == nil)
    #expect(second.log.lookups[0].rows == [2, 1, 3, 3, 3])
    let maps = second.features.rowMaps(from: first.features)
    #expect((0..<4).map { maps[0].formerRow(of: $0) } == [0, 1, nil, nil])
  }

  @Test func `rows are chosen by their times in ascending order`() throws {
    let log = Self.log([7, 8, 9], inOrder: false)
    let folder = try TestFolder()
    var encoder = try LogEncoder(
      writing: folder.file("log"), key: "key", columns: log.columns, roles: log.roles,
      night: NightFitting(.fresh(log.features), clock: 0, evictAfter: nil) { times, keys in
        #expect(times.values == [0, Self.day, 2 * Self.day])
        return .range(0..<0)
      })
    try encoder.append(log.chunk)
    let file = try encoder.finish()
    #expect(file.histories["item"]?.count == 0)
    #expect(file.features.schema.tables.map(\.rowCount) == [1, 1])
  }

  @Test func `a night without rows keeps what there was`() throws {
    let log = Self.log([7, 7])
    let first = try Self.write(log, .fresh(log.features), clock: 2, counting: .range(0..<2))
    let second = try Self.write(
      Self.log([]), .extending(first.features, histories: first.histories), clock: 3,
      counting: .range(0..<0))
    #expect(second.features == first.features)
    #expect(second.histories == first.histories)
  }

  @Test func `a changed history is noticed`() throws {
    let folder = try TestFolder()
    let log = Self.log([7, 7, 8])
    var encoder = try LogEncoder(
      writing: folder.file("log"), key: "key", columns: log.columns, roles: log.roles,
      night: NightFitting(.fresh(log.features), clock: 3, evictAfter: nil) { _, _ in .range(0..<3) }
    )
    try encoder.append(log.chunk)
    let histories = try encoder.finish().histories
    #expect(try ColumnFile.open(folder.file("log")).histories == histories)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("log")))
    let start = try #require(bytes.range(of: Data("PRHISTO1".utf8))).lowerBound
    bytes[start + 16] ^= 1
    try bytes.write(to: URL(fileURLWithPath: folder.file("log")))
    #expect(throws: ColumnFileError.self) { try ColumnFile.open(folder.file("log")) }
  }
}
