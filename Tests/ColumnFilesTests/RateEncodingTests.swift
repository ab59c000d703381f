import ColumnFiles
import Foundation
import Interactions
import Testing

/// What a row may know of its id's earlier outcomes.
struct RateEncodingTests {
  private static let day = Timestamp.microsecondsPerDay
  private static let prior = 4.0

  /// Rows of users at times given in days, with labels: 1, 0, or nil where unknown.
  private static func sample(
    _ rows: [(time: Double, user: Int64?, click: Int64?)], window: Int64? = nil
  ) -> TestLog {
    var log = TestLog(times: rows.map { Int64($0.time * Double(day)) })
    let indices = Set(rows.indices)
    log.add(
      "user", .integers(rows.map { $0.user ?? 0 }),
      missing: indices.filter { rows[$0].user == nil })
    log.add(
      "clicked", .integers(rows.map { $0.click ?? 0 }),
      missing: indices.filter { rows[$0].click == nil })
    log.roles.tasks = [.init(name: "click", column: "clicked")]
    log.features = [
      FeatureDefinition(
        name: "habit", column: "user",
        encoding: .rate(.init(tasks: [.init(name: "click", window: window)], prior: prior)))
    ]
    return log
  }

  /// A feature's numbers of each row before they were standardised: the rate's and the count's.
  private func values(_ file: ColumnFile, of log: EncodedLog? = nil) throws -> [[Double]] {
    let numbers = try #require(file.features.features[0].numbers)
    return zip((log ?? file.log).numbers, numbers).map { column, encoding in
      column.values.map { Double($0) * encoding.standardDeviation + encoding.mean }
    }
  }

  private func logit(_ rate: Double) -> Double { log(rate / (1 - rate)) }

  /// What an id of so many rows differs from all, by the formula.
  private func difference(
    _ positives: Double, of rows: Double, all: (positives: Double, rows: Double)
  ) -> Double {
    let base = (all.positives + 1) / (all.rows + 2)
    return logit((positives + Self.prior * base) / (rows + Self.prior)) - logit(base)
  }

  private func expect(
    _ found: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    // Inputs are floats of a few units.
    #expect(
      zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 } && found.count == expected.count,
      "\(found), not \(expected)", sourceLocation: sourceLocation)
  }

  @Test func `a row knows the labels of earlier days by the closed form`() throws {
    let file = try Self.sample([
      (0.1, 1, 1), (0.9, 1, 1), (0.95, 2, 0),  // Nothing is known yet.
      (1.0, 1, 0), (1.5, 2, 0), (1.6, 3, 1),  // Three rows are known, two of them positive.
      (2.2, 1, 1), (2.3, 2, 1),
    ]).encoded()
    #expect(file.log.schema.numbers == ["habit click", "habit click rows"])
    let values = try values(file)
    expect(
      values[0],
      [
        0, 0, 0, difference(2, of: 2, all: (2, 3)), difference(0, of: 1, all: (2, 3)), 0,
        difference(2, of: 3, all: (3, 6)), difference(0, of: 2, all: (3, 6)),
      ])
    expect(values[1], [0, 0, 0, log(3), log(2), 0, log(4), log(3)])
    // Standardised: mean 0 and deviation 1 over the training rows.
    for column in file.log.numbers {
      let mean = column.values.reduce(0) { $0 + Double($1) } / 8
      let square = column.values.reduce(0) { $0 + Double($1 * $1) } / 8
      #expect(abs(mean) < 1e-6 && abs(square - 1) < 1e-5)
    }
  }

  @Test func `unknown labels and missing ids count for nothing of an id`() throws {
    let file = try Self.sample([
      (0, 1, 1), (0.1, 1, nil), (0.2, nil, 0), (1, 1, nil), (1.1, nil, 1), (1.2, 9, 0),
    ]).encoded()
    let values = try values(file)
    // The row without a user counts among all.
    expect(values[0], [0, 0, 0, difference(1, of: 1, all: (1, 2)), 0, 0])
    expect(values[1], [0, 0, 0, log(2), 0, 0])
  }

  @Test(arguments: [(Int64(1), 1), (day, 1), (day + 1, 2)])
  func `a label counts once the window after its day has closed`(
    window: Int64, days: Int
  ) throws {
    let rows = (0...4).map { (time: Double($0) + 0.5, user: Int64(1), click: Int64(1)) }
    let file = try Self.sample(rows.map { ($0.time, $0.user, $0.click) }, window: window).encoded()
    let known = (0...4).map { Double(max($0 - days, 0)) }
    expect(try values(file)[1], known.map { log(1 + $0) })
  }

  @Test(arguments: [true, false])
  func `labels of a row's own day change nothing of it`(inOrder: Bool) throws {
    // Four days of some users; `flipped` turns all labels of one day round.
    func file(flipped: Int?) throws -> ColumnFile {
      var rows = (0..<400).map { row -> (time: Double, user: Int64?, click: Int64?) in
        let hash = row * 7_919 % 1_009
        let click = Int64(hash % 3 == 0 ? 1 : 0)
        return (Double(row) / 100, Int64(hash % 17), row / 100 == flipped ? 1 - click : click)
      }
      if !inOrder { rows.sort { ($0.user ?? 0, $0.time) < ($1.user ?? 0, $1.time) } }
      return try Self.sample(rows).encoded()
    }
    let plain = try file(flipped: nil)
    let last = try file(flipped: 3)
    // Nothing comes after the last day, so that not even means and deviations differ.
    #expect(plain.log.numbers.map(\.values) == last.log.numbers.map(\.values))
    #expect(plain.log.labels[0].values != last.log.labels[0].values)
    for day in 0..<3 {
      let (before, after) = (try values(plain), try values(file(flipped: day)))
      for input in 0..<2 {
        let through = (day + 1) * 100
        expect(Array(after[input][..<through]), Array(before[input][..<through]))
      }
      #expect(before[0][((day + 1) * 100)...] != after[0][((day + 1) * 100)...])
    }
  }

  @Test func `rows after the training rows know all of these and nothing of each other`() throws {
    var log = Self.sample([
      (0.1, 1, 1), (0.2, 2, 0), (1.1, 1, 1), (2.1, 1, 0), (2.2, 2, 1), (3.1, 1, 0), (3.2, 7, 0),
    ])
    log.split = .windows(
      train: .init(from: 0, to: 2 * Self.day), validation: nil,
      test: .init(from: 2 * Self.day, to: 9 * Self.day))
    let values = try values(log.encoded())
    let one = difference(2, of: 2, all: (2, 3))
    let two = difference(0, of: 1, all: (2, 3))
    expect(values[0], [0, 0, difference(1, of: 1, all: (1, 2)), one, two, one, 0])
    expect(values[1], [0, 0, 1, 2, 1, 2, 0].map { log1p($0) })
  }

  @Test func `rows after the last known label know no more than a window before them`() throws {
    // From the fourth day on the window was open, so that all labels of it were unknown.
    let rows = (0...8).map { (time: Double($0) + 0.5, user: Int64(1), click: Int64(1)) }
    var log = Self.sample(
      rows.map { ($0.time, $0.user, $0.time < 4 ? $0.click : nil) }, window: 3 * Self.day)
    log.split = .windows(
      train: .init(from: 0, to: 6 * Self.day), validation: nil,
      test: .init(from: 6 * Self.day, to: 9 * Self.day))
    let known = (0...8).map { Double(min(max($0 - 3, 0), 4)) }
    expect(try values(log.encoded())[1], known.map { log1p($0) })
  }

  @Test func `a later reading gives every row the same numbers`() throws {
    let log = LogEncoderTests.mixedLog()
    var dated = log
    guard case .times(let times) = log.chunk.columns[0].values else { return }
    dated.chunk.columns[0].values = .times(times.map { $0 * Self.day / 3 })
    dated.split = .lengths(train: nil, validation: 2 * Self.day, test: 2 * Self.day)
    dated.features.append(
      FeatureDefinition(
        name: "habit", column: "user",
        encoding: .rate(
          .init(tasks: [.init(name: "click"), .init(name: "purchase", window: Self.day)]))))
    dated.features.append(
      FeatureDefinition(
        name: "taste", column: "brand", encoding: .rate(.init(tasks: [.init(name: "click")]))))
    let file = try dated.encoded()
    let names = file.log.schema.numbers
    #expect(names.suffix(2) == ["taste click", "taste click rows"])
    let folder = try TestFolder()
    var encoder = try LogEncoder(
      writing: folder.file("log"), key: "", columns: dated.columns, fitted: file.features,
      roles: dated.roles)
    try encoder.append(dated.chunk)
    #expect(try encoder.finish().log.numbers.map(\.values) == file.log.numbers.map(\.values))
    let rows = try FeatureEncoder(file.features, columns: dated.columns, roles: dated.roles)
      .encode(dated.chunk)
    #expect(rows.numbers.map(\.values) == file.log.numbers.map(\.values))
  }

  @Test func `candidates without a time know all that was counted`() throws {
    let log = Self.sample([(0, 1, 1), (1, 1, 1), (1.5, 2, 0), (2, 1, 0), (2, 5, nil)])
    let file = try log.encoded()
    let encoder = try FeatureEncoder(
      file.features, columns: Array(log.columns.dropFirst()), roles: log.roles)
    let candidates = try encoder.encode(
      RowChunk(columns: Array(log.chunk.columns.dropFirst())))
    let values = try values(file, of: candidates)
    let one = difference(2, of: 3, all: (2, 4))
    expect(values[0], [one, one, difference(0, of: 1, all: (2, 4)), one, 0])
    expect(values[1], [3, 3, 1, 3, 0].map { log1p($0) })
  }

  @Test func `a rate names its tasks, and names of inputs are told apart`() throws {
    var log = Self.sample([(0, 1, 1)])
    log.features[0].encoding = .rate(.init(tasks: [.init(name: "like")]))
    #expect(throws: LogEncodingError.badFeature("habit", reason: "there is no task like")) {
      try log.encoded()
    }
    log.features[0].encoding = .rate(.init(tasks: []))
    #expect(throws: LogEncodingError.self) { try log.encoded() }
    log.features[0].encoding = .rate(.init(tasks: [.init(name: "click")], prior: 0))
    #expect(throws: LogEncodingError.self) { try log.encoded() }
    log = Self.sample([(0, 1, 1)])
    log.features.append(
      FeatureDefinition(name: "habit click", column: "user", encoding: .number(.init())))
    #expect(throws: LogEncodingError.duplicateName("habit click")) { try log.encoded() }
  }

  // MARK: Nights

  @Test func `whose rates are own is told by the schema, and kept`() throws {
    var log = Self.sample([(0, 1, 1), (1, 1, 0)])
    log.add("price", .numbers([1, 2]))
    log.feature("price", .number(.init()))
    log.features.append(log.features[0])
    log.features[2].name = "own"
    log.features[2].encoding = .rate(.init(tasks: [.init(name: "click")], isOwn: true))
    log.add("age", .numbers([3, 2]))
    log.feature("age", .number(.init()))
    let file = try log.encoded()
    #expect(file.log.schema.numberTasks == [nil, nil, nil, "click", "click", nil])
    let settings = try JSONEncoder().encode(file.features.settings)
    #expect(
      try JSONDecoder().decode(FittedFeatures.Settings.self, from: settings)
        == file.features.settings)
    let former = try JSONDecoder().decode(
      FeatureDefinition.IDRate.self, from: Data(#"{"tasks": [{"name": "click"}], "prior": 3}"#.utf8)
    )
    #expect(former == .init(tasks: [.init(name: "click")], prior: 3))
  }

  @Test func `nights count on, each label once, and old days become one`() throws {
    let rows = (0..<120).map { row -> (time: Double, user: Int64?, click: Int64?) in
      let hash = row * 7_919 % 1_009
      return (Double(row) / 20, Int64(hash % 5), Int64(hash % 3 == 0 ? 1 : 0))
    }
    let whole = Self.sample(rows, window: Self.day)
    let all = try whole.encoded()
    let first = Self.sample(Array(rows[..<60]), window: Self.day)
    let folder = try TestFolder()
    func night(
      _ name: String, _ log: TestLog, _ start: NightFitting.Start, from: Int = 0,
      horizon: Int64? = nil, evictAfter: Int64? = nil, clock: Int64
    ) throws -> ColumnFile {
      var encoder = try LogEncoder(
        writing: folder.file(name), key: "key", columns: log.columns, roles: log.roles,
        night: NightFitting(
          start, clock: clock * Self.day, evictAfter: evictAfter, horizon: horizon,
          labelling: { log in
            var log = log
            let labels = log.labels[0].values
            log.labels = [Column(labels.enumerated().map { $0 < from ? 2 : $1 })]
            return log
          }
        ) { times, _ in .range(0..<times.count) })
      try encoder.append(log.chunk)
      return try encoder.finish()
    }
    let one = try night("one", first, .fresh(first.features), clock: 3)
    // The second night reads the third day once more, all of whose labels were counted.
    let second = Self.sample(Array(rows[40...]), window: Self.day)
    let start = NightFitting.Start.extending(one.features, histories: [:])
    let plain = try night("two", second, start, from: 20, clock: 6)
    #expect(plain.features.rates["habit"] == all.features.rates["habit"])
    // Where no row before the fourth day will come, the first two days need not be told apart.
    let rest = Self.sample(Array(rows[60...]), window: Self.day)
    let folded = try night("folded", rest, start, horizon: 3 * Self.day, clock: 6)
    #expect(
      folded.log.numbers.map(\.values) == plain.log.numbers.map { Array($0.values[20...]) })
    let sizes = [plain, folded].map { $0.features.rates["habit"]?.bytes.count ?? 0 }
    #expect(sizes[1] < sizes[0])
    // Reading them back changes nothing.
    #expect(try ColumnFile.open(folder.file("folded")).features == folded.features)
    // Who was away for longer than that is forgotten, and is in the rate of all rows still.
    let third = Self.sample([(40, 1, 1), (40.5, 77, 1), (41.5, 2, 0)], window: Self.day)
    let late = try night(
      "late", third, .extending(folded.features, histories: [:]), horizon: 38 * Self.day,
      evictAfter: 30 * Self.day, clock: 42)
    let table = try #require(late.features.rates["habit"])
    #expect(table.count == 3)
    let values = try values(late)
    let counts = [1, 77, 2].map { user in Double(rows.count { $0.user == user }) }
    expect(values[1], counts.map { log1p($0) })
  }

  // MARK: Stored form

  @Test func `a table is stored and read back, and damage is noticed`() throws {
    let file = try Self.sample([(0, 1, 1), (1, 1, 0), (1.2, 5, 1), (2, nil, 1)]).encoded()
    let table = try #require(file.features.rates["habit"])
    #expect(try RateTable(bytes: table.bytes) == table)
    #expect(table.count == 2)
    for count in [0, 7, 39, 40, table.bytes.count - 1] {
      #expect(throws: VocabularyError.self) { try RateTable(bytes: table.bytes.prefix(count)) }
    }
    #expect(throws: VocabularyError.self) { try RateTable(bytes: table.bytes + [0]) }
    for place in [0, 8, 16, 24, 32, 40, 56, 68] {
      var bytes = table.bytes
      bytes[place] ^= 0x80
      #expect(throws: VocabularyError.self) { try RateTable(bytes: bytes) }
    }
    var settings = file.features.settings
    #expect(settings.rates == ["habit"])
    #expect(throws: FittedFeaturesError.missingRates("habit")) {
      try FittedFeatures(settings: settings, vocabularies: [:])
    }
    settings.features[0].numbers = nil
    #expect(throws: FittedFeaturesError.contradiction("habit")) {
      try FittedFeatures(settings: settings, vocabularies: [:], rates: file.features.rates)
    }
  }
}
