import ColumnFiles
import Foundation
import Interactions
import Testing

struct LogEncoderTests {
  /// Every kind of column and feature, seeded, with NULLs here and there.
  static func mixedLog(rowCount: Int = 50, inOrder: Bool = true) -> TestLog {
    let rows = Array(0..<rowCount)
    func number(_ row: Int, _ salt: Int) -> Int { (row * 7_919 + salt * 104_729) % 1_009 }
    var log = TestLog(times: rows.map { Int64(inOrder ? $0 / 2 : number($0, 1) % 20) })
    let missing = Set(rows.filter { number($0, 2) % 5 == 0 })
    log.add("user", .integers(rows.map { Int64(number($0, 3) % 7) }), missing: [3])
    log.add("request", .texts(TextColumn(rows.map { "r\($0 / 3)" })), missing: [4])
    log.add("brand", .texts(TextColumn(rows.map { "b\(number($0, 4) % 5)" })), missing: missing)
    log.add("price", .numbers(rows.map { Double(number($0, 5)) }), missing: missing)
    log.add(
      "recent",
      .integerLists(
        values: rows.flatMap { row in (0..<(row % 4)).map { Int64(number(row + $0, 6) % 9) } },
        ends: rows.map { row in (0...row).reduce(0) { $0 + $1 % 4 } }))
    log.add("clicked", .booleans(rows.map { number($0, 7) % 2 == 0 }), missing: [1])
    log.add("bought", .integers(rows.map { Int64(number($0, 8) % 3 == 0 ? 1 : 0) }))
    let vocabulary = FeatureDefinition.Rows.vocabulary(minimumCount: 2)
    log.feature("user", .id(.init(rows: vocabulary, dimension: 4)))
    log.feature("brand", .id(.init(rows: .hashed(rowCount: 11), dimension: 4)))
    log.feature("price", .number(.init(transform: .log1p)))
    log.feature(
      "recent",
      .list(
        .init(table: .own(.init(rows: vocabulary, dimension: 4)), pooling: .mean, longest: 2)))
    log.feature("shown_at", .timePart(.hour, dimension: 2))
    log.roles = LogRoles(
      time: "shown_at", user: "user", item: "brand", request: "request",
      tasks: [
        .init(name: "click", column: "clicked"),
        .init(name: "purchase", column: "bought", after: "click"),
      ])
    log.split = .lengths(train: nil, validation: 2, test: 2)
    return log
  }

  @Test(arguments: [true, false])
  func `chunks of any size give the same bytes`(inOrder: Bool) throws {
    let folder = try TestFolder()
    let log = Self.mixedLog(inOrder: inOrder)
    let bytes = try [1, 7, 16_384].map { size in
      let path = folder.file("log-\(size)")
      _ = try log.write(to: path, chunkSize: size)
      return try Data(contentsOf: URL(fileURLWithPath: path))
    }
    #expect(bytes[0] == bytes[1])
    #expect(bytes[0] == bytes[2])
  }

  @Test func `a large chunk after a small one follows it`() throws {
    // The small one still waits in a buffer when the large one passes it by.
    let times = (0..<30_000).map(Int64.init)
    let folder = try TestFolder()
    let log = TestLog(times: times)
    var encoder = try LogEncoder(
      writing: folder.file("log"), key: "key", columns: log.columns, features: [],
      roles: log.roles, split: log.split)
    try encoder.append(log.chunk[0..<3])
    try encoder.append(log.chunk[3..<30_000])
    #expect(try encoder.finish().log.times.values == times)
  }

  @Test func `rows out of order are sorted by time and stay together`() throws {
    var log = TestLog(times: [30, 10, 20, 10])
    log.add("item", .integers([3, 1, 2, 11]))
    log.add("recent", .integerLists(values: [3, 1, 1, 11], ends: [1, 3, 3, 4]))
    log.add("clicked", .booleans([true, false, true, false]))
    log.feature("item", .id(.init(rows: .vocabulary(minimumCount: 1), dimension: 1)))
    log.feature("recent", .list(.init(table: .shared(feature: "item"), pooling: .sum, longest: 9)))
    log.roles.user = "item"
    log.roles.tasks = [.init(name: "click", column: "clicked")]
    let file = try log.encoded()
    #expect(file.log.times.values == [10, 10, 20, 30])
    #expect(file.log.users?.values == [1, 11, 2, 3])
    #expect(file.log.labels[0].values == [0, 0, 1, 1])
    #expect(file.log.lookups[0].rows == [1, 2, 3, 4])
    #expect(file.log.lookups[1].lists == [[1, 1], [2], [], [4]])
    #expect(!file.summary.cameInOrder)
  }

  @Test func `weights go with their rows, by way of days too`() throws {
    var log = TestLog(times: [30, 10, 20, 10])
    #expect(try log.encoded().log.weights == nil)
    log.add("w", .numbers([3, 0, 2.5, 11]))
    log.add("n", .integers([3, 1, 0, 9]))
    log.roles.weight = "w"
    #expect(try log.encoded().log.weights?.values == [0, 11, 2.5, 3])
    #expect(try log.encodedFromDay().log.weights?.values == [0, 11, 2.5, 3])
    log.feature("n", .number(.init()))
    log.roles.weight = "n"
    let file = try log.encoded()
    #expect(file.log.weights?.values == [1, 9, 0, 3])
    #expect(file.log.numbers.count == 1)
  }

  @Test func `times far apart and before 1970 are sorted`() throws {
    let times: [Int64] = [4_000_000_000_000_000, -7, 0, -4_000_000_000_000_000, 2_047, 2_048]
    #expect(try TestLog(times: times).encoded().log.times.values == times.sorted())
  }

  @Test func `an empty log can't be split but can be encoded`() throws {
    #expect(throws: SplitError.noRows) { try TestLog(times: []).encoded() }
    let fitted = try Self.mixedLog().encoded().features
    let folder = try TestFolder()
    let log = Self.mixedLog(rowCount: 0)
    let encoder = try LogEncoder(
      writing: folder.file("log"), key: "", columns: log.columns, fitted: fitted, roles: log.roles)
    let file = try encoder.finish()
    #expect(file.log.rowCount == 0)
    #expect(file.log.lookups.count == 4)
  }

  @Test func `one row is a log`() throws {
    var log = TestLog(times: [7])
    log.add("price", .numbers([3]))
    log.feature("price", .number(.init()))
    let file = try log.encoded()
    #expect(file.log.numbers[0].values == [0])
    #expect(file.log.rowCount == 1)
  }

  @Test func `missing users and requests are each alone`() throws {
    var log = TestLog(times: [1, 2, 3, 4])
    log.add("user", .integers([5, 0, 5, 0]), missing: [1, 3])
    log.add("request", .texts(TextColumn(["a", "b", "a", ""])), missing: [3])
    log.roles.user = "user"
    log.roles.request = "request"
    let file = try log.encoded().log
    let users = try #require(file.users).values
    let requests = try #require(file.requests).values
    #expect(users[0] == 5 && users[2] == 5)
    #expect(Set(users).count == 3)
    #expect(requests[0] == requests[2])
    #expect(Set(requests).count == 3)
  }

  @Test func `labels are counted, and a purchase without a click is reported and kept`() throws {
    var log = TestLog(times: [1, 2, 3, 4])
    log.add("clicked", .numbers([1, 0, 0, 0]), missing: [3])
    log.add("bought", .booleans([true, true, false, true]))
    log.roles.tasks = [
      .init(name: "purchase", column: "bought", after: "click"),
      .init(name: "click", column: "clicked"),
    ]
    let file = try log.encoded()
    #expect(file.log.labels.map(\.values) == [[1, 1, 0, 1], [1, 0, 0, 2]])
    var purchase = ReadingSummary.TaskCounts(name: "purchase")
    (purchase.positives, purchase.negatives, purchase.funnelViolations) = (3, 1, 1)
    var click = ReadingSummary.TaskCounts(name: "click")
    (click.positives, click.negatives, click.unknowns) = (1, 2, 1)
    #expect(file.summary.tasks == [purchase, click])
    #expect(file.summary.rowCount == 4)
  }

  @Test func `new rows are encoded as the log was`() throws {
    let log = Self.mixedLog()
    let file = try log.encoded()
    let encoder = try FeatureEncoder(file.features, columns: log.columns, roles: log.roles)
    let again = try encoder.encode(log.chunk)
    #expect(again.schema == file.log.schema)
    #expect(again.lookups.map(\.rows) == file.log.lookups.map(\.rows))
    #expect(again.lookups.map(\.lists) == file.log.lookups.map(\.lists))
    #expect(again.numbers.map(\.values) == file.log.numbers.map(\.values))
    #expect(again.labels.map(\.values) == file.log.labels.map(\.values))
    #expect(again.times.values == file.log.times.values)
    #expect(again.users?.values == file.log.users?.values)
    #expect(again.requests?.values == file.log.requests?.values)

    let folder = try TestFolder()
    var second = try LogEncoder(
      writing: folder.file("log"), key: "", columns: log.columns, fitted: file.features,
      roles: log.roles)
    try second.append(log.chunk)
    let copy = try second.finish()
    #expect(copy.features == file.features)
    #expect(copy.log.lookups.map(\.rows) == file.log.lookups.map(\.rows))
    #expect(copy.log.numbers.map(\.values) == file.log.numbers.map(\.values))
  }

  @Test func `candidates need no times, labels or users, and unseen ids get row 0`() throws {
    var log = TestLog(times: [1, 2])
    log.add("item", .integers([4, 5]))
    log.add("clicked", .booleans([true, false]))
    log.feature("item", .id(.init(rows: .vocabulary(minimumCount: 1), dimension: 1)))
    log.roles.tasks = [.init(name: "click", column: "clicked")]
    let features = try log.encoded().features
    let encoder = try FeatureEncoder(features, columns: [log.columns[1]], roles: log.roles)
    let rows = try encoder.encode(
      RowChunk(columns: [
        ColumnChunk(values: .integers([6, 5, 0]), isMissing: [false, false, true])
      ]))
    #expect(rows.lookups[0].rows == [0, 2, 0])
    #expect(rows.labels.map(\.values) == [[2, 2, 2]])
    #expect(rows.times.values == [0, 0, 0])
    #expect(rows.users == nil)
  }

  @Test func `a random split fits on its training rows`() throws {
    var log = Self.mixedLog()
    log.split = .random(train: 0.5, validation: 0.25, test: 0.25, seed: 3)
    let file = try log.encoded()
    let train = try log.split.rows(of: file.log.times).train
    let prices = (0..<train.count).map { train[$0] }.filter { !log.chunk.columns[4].isMissing[$0] }
    guard case .numbers(let values) = log.chunk.columns[4].values else { return }
    let mean = prices.map { log1p(values[$0]) }.reduce(0, +) / Double(prices.count)
    let fitted = try #require(file.features.features[2].number?.mean)
    #expect(abs(fitted - mean) < 1e-12)  // The same sum in the same order, but for rounding.
  }
}

struct BadLogTests {
  private func error(_ log: TestLog) throws -> LogEncodingError? {
    do { _ = try log.encoded() } catch let error as LogEncodingError { return error }
    return nil
  }

  @Test func `labels other than 0 and 1 are named by column, row and value`() throws {
    var log = TestLog(times: [1, 2, 3])
    log.add("clicked", .integers([0, 1, 2]))
    log.roles.tasks = [.init(name: "click", column: "clicked")]
    #expect(
      try error(log)?.description
        == "row 3: clicked is 2, not a label: true, false, 1, 0 or NULL")
    log.chunk.columns[1].values = .integers([0, 1, 1])
    #expect(try error(log) == nil)
  }

  @Test(
    arguments: [
      (Double.nan, "nan"), (.infinity, "inf"), (-0.5, "-0.5"), (1e39, "1e+39"), (7, "NULL"),
    ])
  func `weights that are none are named by column, row and value`(
    value: Double, found: String
  ) throws {
    var log = TestLog(times: [1, 2, 3])
    log.add("importance", .numbers([0, 1, value]), missing: found == "NULL" ? [2] : [])
    log.roles.weight = "importance"
    #expect(
      try error(log)?.description
        == "row 3: importance is \(found), not a weight: a finite number, at least 0")
    log.add("title", .texts(TextColumn(["x", "y", "z"])))
    log.roles.weight = "title"
    #expect(
      try error(log)?.description == """
        column title is test text and can't be weight; what fits: a whole number, a number
        """)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `numbers that aren't finite are named`(value: Double) throws {
    var log = TestLog(times: [1, 2])
    log.add("price", .numbers([1, value]))
    log.feature("price", .number(.init()))
    guard case .badValue("price", row: 2, _, _, _) = try error(log) else {
      Issue.record("no error for \(value)")
      return
    }
  }

  @Test func `a missing or infinite time is named`() throws {
    var log = TestLog(times: [1, .max])
    guard case .badValue("shown_at", row: 2, _, found: "infinite", _) = try error(log) else {
      Issue.record("no error for an infinite time")
      return
    }
    log.chunk.columns[0] = ColumnChunk(values: .times([1, 0]), isMissing: [false, true])
    guard case .badValue("shown_at", row: 2, _, found: "NULL", _) = try error(log) else {
      Issue.record("no error for a missing time")
      return
    }
  }

  @Test func `a column of the wrong kind is named with what would fit`() throws {
    var log = TestLog(times: [1])
    log.add("title", .texts(TextColumn(["x"])))
    log.feature("title", .number(.init()))
    #expect(
      try error(log)?.description
        == "column title is test text and can't be number title; "
        + "what fits: a number, a whole number, a boolean")
  }

  @Test func `a missing column comes with the closest name`() throws {
    var log = TestLog(times: [1])
    log.add("brand", .texts(TextColumn(["x"])))
    log.feature("brnad", .id(.init(rows: .vocabulary(minimumCount: 1), dimension: 1)))
    #expect(
      try error(log)?.description
        == "there is no column brnad, needed as id brnad; did you mean brand?")
  }

  @Test func `a list of texts can't share a table of numbers`() throws {
    var log = TestLog(times: [1])
    log.add("item", .integers([1]))
    log.add("tags", .textLists(values: TextColumn([]), ends: [0]))
    log.feature("item", .id(.init(rows: .vocabulary(minimumCount: 1), dimension: 1)))
    log.feature("tags", .list(.init(table: .shared(feature: "item"), pooling: .sum, longest: 5)))
    guard case .wrongKind("tags", _, _, fits: "a list of whole numbers") = try error(log) else {
      Issue.record("no error")
      return
    }
    log.features[1].encoding = .list(
      .init(table: .shared(feature: "itme"), pooling: .sum, longest: 5))
    #expect(
      try error(log) == .unknownTable(feature: "tags", named: "itme", closest: "item"))
  }

  @Test func `contradictory features, names and funnels are refused`() throws {
    var log = TestLog(times: [1])
    log.add("item", .integers([1]))
    log.feature("item", .id(.init(rows: .hashed(rowCount: 1), dimension: 1)))
    #expect(try error(log) == .badFeature("item", reason: "a hashed table needs 2 rows or more"))
    log.features[0].encoding = .id(.init(rows: .hashed(rowCount: 2), dimension: 1))
    log.features.append(log.features[0])
    #expect(try error(log) == .duplicateName("item"))
    log.features = []
    log.roles.tasks = [
      .init(name: "a", column: "item", after: "b"), .init(name: "b", column: "item", after: "a"),
    ]
    #expect(try error(log) == .badParent(task: "a", parent: "b"))
  }

  @Test func `a model of whole numbers refuses texts`() throws {
    var log = TestLog(times: [1])
    log.add("item", .integers([1]))
    log.feature("item", .id(.init(rows: .vocabulary(minimumCount: 1), dimension: 1)))
    let features = try log.encoded().features
    log.columns[1].kind = .text
    #expect(throws: LogEncodingError.self) {
      try FeatureEncoder(features, columns: log.columns, roles: log.roles)
    }
  }
}
