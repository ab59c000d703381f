import ColumnFiles
import Foundation
import Interactions
import Testing

/// What keeping a log day by day must not change.
struct RawDayTests {
  static let day = Timestamp.microsecondsPerDay

  /// A log of four days in the middle of 1970 with every kind of feature; within the days rows lie in
  /// order of time or not.
  static func log(inOrder: Bool) -> TestLog {
    var log = LogEncoderTests.mixedLog(rowCount: 80)
    let rows = 0..<80
    func number(_ row: Int, _ salt: Int) -> Int { (row * 7_919 + salt * 104_729) % 1_009 }
    let times = rows.map { row in
      Int64(100 + row / 20) * day + Int64(inOrder ? row : number(row, 1) % 7) * 3_600_000_000 / 4
    }
    log.chunk.columns[0].values = .times(times)
    let texts = TextColumn(
      rows.flatMap { row in (0..<(row % 3)).map { "b\(number(row + $0, 9) % 9)" } })
    let ends = rows.map { row in (0...row).reduce(0) { $0 + $1 % 3 } }
    log.add("seen", .textLists(values: texts, ends: ends))
    log.add(
      "seen_users", .integerLists(values: rows.map { Int64($0 % 6) }, ends: rows.map { $0 + 1 }))
    let vocabulary = FeatureDefinition.Rows.vocabulary(minimumCount: 2)
    log.features.append(
      FeatureDefinition(
        name: "label", column: "brand", encoding: .id(.init(rows: vocabulary, dimension: 2))))
    log.feature("seen", .list(.init(table: .shared(feature: "label"), pooling: .sum, longest: 1)))
    log.feature(
      "seen_users",
      .list(
        .init(
          table: .own(.init(rows: .hashed(rowCount: 5), dimension: 2)), pooling: .mean, longest: 4))
    )
    log.features.append(
      FeatureDefinition(
        name: "price class", column: "price",
        encoding: .number(.init(output: .buckets(count: 3, dimension: 2)))))
    log.split = .lengths(train: nil, validation: day, test: day)
    log.roles.identifiesRows = true
    log.add("importance", .numbers(rows.map { Double($0 % 5) / 2 }))
    log.roles.weight = "importance"
    return log
  }

  /// Writes the day of rows `20 * index` to `20 * (index + 1)`.
  static func write(_ log: TestLog, _ index: Int, to path: String, key: String = "key") throws
    -> RawDay
  {
    var writer = try RawDayWriter(
      writing: path, key: key, columns: log.columns, features: log.features, roles: log.roles,
      start: Int64(100 + index) * day, clock: 200 * day)
    try writer.append(log.chunk[20 * index..<20 * index + 13])
    try writer.append(log.chunk[20 * index + 13..<20 * index + 20])
    return try writer.finish()
  }

  @Test(arguments: [true, false])
  func `a log put together from days has the bytes of one read at once`(inOrder: Bool) throws {
    let folder = try TestFolder()
    let log = Self.log(inOrder: inOrder)
    let whole = try log.write(to: folder.file("whole"))
    var encoder = try LogEncoder(
      writing: folder.file("days"), key: "key", columns: log.columns, features: log.features,
      roles: log.roles, split: log.split)
    for index in 0..<4 {
      let path = folder.file("\(index).day")
      _ = try Self.write(log, index, to: path)
      try encoder.append(RawDay.open(path, expectedKey: "key"))
    }
    let days = try encoder.finish()
    #expect(days.summary.cameInOrder == inOrder)
    #expect(days.digest == whole.digest)
    #expect(days.log.keys?.values == whole.log.keys?.values)
    let bytes = try ["whole", "days"].map {
      try Data(contentsOf: URL(fileURLWithPath: folder.file($0)))
    }
    #expect(bytes[0] == bytes[1])
    #expect(try folder.names == ["0.day", "1.day", "2.day", "3.day", "days", "whole"])
  }

  @Test func `days in any order, and chunks beside them, give the same rows`() throws {
    let folder = try TestFolder()
    let log = Self.log(inOrder: true)
    let whole = try log.write(to: folder.file("whole"))
    var encoder = try LogEncoder(
      writing: folder.file("days"), key: "key", columns: log.columns, features: log.features,
      roles: log.roles, split: log.split)
    try encoder.append(Self.write(log, 2, to: folder.file("2.day")))
    try encoder.append(log.chunk[0..<40])
    try encoder.append(Self.write(log, 3, to: folder.file("3.day")))
    let file = try encoder.finish()
    #expect(!file.summary.cameInOrder)
    #expect(file.digest == whole.digest)
  }

  @Test func `a day says what was found in it`() throws {
    let folder = try TestFolder()
    let day = try Self.write(Self.log(inOrder: true), 0, to: folder.file("0.day"))
    #expect(day.start == 100 * Self.day)
    #expect(day.clock == 200 * Self.day)
    #expect(day.summary.rowCount == 20)
    #expect(day.summary.tasks[0].unknowns == 1)
    #expect(day.summary.missing["user"] == 1)
  }

  @Test func `what is missing is counted from an hour on`() throws {
    let folder = try TestFolder()
    var log = Self.log(inOrder: true)
    // A row every quarter of an hour from midnight on.
    log.chunk.columns[1].isMissing = (0..<80).map { $0 == 2 || $0 == 13 || $0 == 19 }
    let day = try Self.write(log, 0, to: folder.file("0.day"))
    let name = log.columns[1].name
    for (hour, rows, missing) in [(-30, 20, 3), (0, 20, 3), (1, 16, 2), (3, 8, 2), (4, 4, 1)] {
      for minute in [0, 59] where hour >= 0 || minute == 0 {
        let counts = day.missing(from: day.start + Int64(60 * hour + minute) * 60_000_000)
        #expect(counts.rowCount == rows && counts.missing[name] == missing)
      }
    }
    #expect(day.missing(from: day.start + 5 * 3_600_000_000) == MissingCounts())
  }

  @Test func `a night chooses rows by their keys in order of time`() throws {
    let folder = try TestFolder()
    let log = Self.log(inOrder: false)
    let whole = try log.write(to: folder.file("whole"))
    let expected = try #require(whole.log.keys).values
    let night = NightFitting(.fresh(log.features), clock: 200 * Self.day, evictAfter: nil) {
      times, keys in
      #expect(times.values == whole.log.times.values)
      #expect(keys?.values == expected)
      return .range(0..<times.count)
    }
    var encoder = try LogEncoder(
      writing: folder.file("night"), key: "key", columns: log.columns, roles: log.roles,
      night: night)
    for index in 0..<4 {
      try encoder.append(Self.write(log, index, to: folder.file("\(index).day")))
    }
    #expect(try encoder.finish().log.keys?.values == expected)
  }

  @Test func `a day without rows adds nothing`() throws {
    let folder = try TestFolder()
    let log = Self.log(inOrder: true)
    let whole = try log.write(to: folder.file("whole"))
    let empty = try RawDayWriter(
      writing: folder.file("empty"), key: "key", columns: log.columns, features: log.features,
      roles: log.roles, start: 0, clock: 0
    ).finish()
    var encoder = try LogEncoder(
      writing: folder.file("days"), key: "key", columns: log.columns, features: log.features,
      roles: log.roles, split: log.split)
    try encoder.append(log.chunk)
    try encoder.append(empty)
    #expect(try encoder.finish().digest == whole.digest)
  }

  @Test func `a changed byte is found wherever it is`() throws {
    let folder = try TestFolder()
    let path = folder.file("0.day")
    _ = try Self.write(Self.log(inOrder: false), 0, to: path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    var undetected: [Int] = []
    for place in stride(from: 0, to: bytes.count, by: 41) {
      var changed = bytes
      changed[place] ^= 0x10
      try changed.write(to: URL(fileURLWithPath: path))
      if (try? RawDay.open(path)) != nil { undetected.append(place) }
    }
    // The prelude's and the sections' padding is the rest of 64 bytes and holds nothing.
    let sections = (0..<bytes.count).filter { undetected.contains($0) && bytes[$0] != 0 }
    #expect(sections == [])
    try bytes.prefix(bytes.count - 1).write(to: URL(fileURLWithPath: path))
    #expect(throws: ColumnFileError.self) { try RawDay.open(path) }
  }

  @Test func `a day of another key or of other features is refused`() throws {
    let folder = try TestFolder()
    var log = Self.log(inOrder: true)
    let day = try Self.write(log, 0, to: folder.file("0.day"), key: "other")
    #expect(throws: ColumnFileError.otherKey(day.path)) {
      try RawDay.open(day.path, expectedKey: "key")
    }
    log.feature("shown_at", .timePart(.weekday, dimension: 1))
    log.features[log.features.count - 1].name = "weekday"
    #expect(throws: ColumnFileError.otherKey(day.path)) {
      var encoder = try LogEncoder(
        writing: folder.file("days"), key: "key", columns: log.columns, features: log.features,
        roles: log.roles, split: log.split)
      try encoder.append(day)
    }
  }

  @Test func `a day that is given up leaves nothing`() throws {
    let folder = try TestFolder()
    let log = Self.log(inOrder: true)
    do {
      var writer = try RawDayWriter(
        writing: folder.file("0.day"), key: "key", columns: log.columns, features: log.features,
        roles: log.roles, start: 100 * Self.day, clock: 0)
      try writer.append(log.chunk[0..<20])
      #expect(try folder.names.count == 1)
    }
    #expect(try folder.names == [])
  }

  @Test func `rows are told apart by a key column, else by time, request, user and item`() throws {
    func keys(_ change: (inout TestLog) -> Void) throws -> [Int64] {
      var log = TestLog(times: [1, 1, 2, 2])
      log.add("user", .integers([1, 2, 1, 1]))
      log.add("id", .integers([5, 6, 7, 8]))
      log.roles.user = "user"
      log.roles.identifiesRows = true
      change(&log)
      return try #require(try log.encoded().log.keys).values
    }
    let mixed = try keys { _ in }
    #expect(mixed[2] == mixed[3])
    #expect(Set(mixed).count == 3)
    let own = try keys { $0.roles.key = "id" }
    #expect(Set(own).count == 4)
    #expect(
      try keys {
        $0.roles.key = "id"; $0.roles.user = nil
      } == own)
    #expect(
      throws: LogEncodingError.badValue(
        column: "id", row: 2, found: "NULL", expected: "a value that tells the row from all others")
    ) {
      try keys {
        $0.roles.key = "id"
        $0.chunk.columns[2].isMissing[1] = true
      }
    }
    #expect(try TestLog(times: [1]).encoded().log.keys == nil)
  }
}
