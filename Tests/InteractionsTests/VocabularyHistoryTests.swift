import Interactions
import Testing

struct VocabularyHistoryTests {
  static let day = Int64(86_400_000_000)

  /// The history of one night in which ids had so many rows, and last on the days given.
  static func history(_ ids: [(id: Int64, count: UInt32, day: Int32)]) -> VocabularyHistory {
    var history = VocabularyHistory(holdsTexts: false)
    add(ids, to: &history)
    return history
  }

  static func add(
    _ ids: [(id: Int64, count: UInt32, day: Int32)], to history: inout VocabularyHistory
  ) {
    let dictionary = VocabularyTests.integers(ids.map(\.id)).dictionary
    history.add(Array(0..<Int32(ids.count)), of: dictionary) { code in
      .init(count: ids[code].count, lastDay: ids[code].day)
    }
  }

  /// One id feature, `minimumCount` 3, whose ids with a row are these.
  static func features(_ ids: [Int64]) -> FittedFeatures {
    let definition = FeatureDefinition(
      name: "item", column: "item",
      encoding: .id(.init(rows: .vocabulary(minimumCount: 3), dimension: 2)))
    let price = FeatureDefinition(name: "price", column: "price", encoding: .number(.init()))
    let hashed = FeatureDefinition(
      name: "user", column: "user", encoding: .id(.init(rows: .hashed(rowCount: 4), dimension: 2)))
    return FittedFeatures(
      features: [
        .init(definition: definition, kind: .integer),
        .init(definition: price, kind: .number, number: NumberEncoding(mean: 3)),
        .init(definition: hashed, kind: .integer),
      ], vocabularies: ["item": VocabularyTests.integers(ids)])
  }

  static func ids(_ features: FittedFeatures) -> [String] {
    guard let vocabulary = features.vocabularies["item"] else { return [] }
    return (0..<vocabulary.count).map { vocabulary.id(ofRow: $0 + 1) }
  }

  @Test func `rows of several nights add up and the newest day counts`() {
    var history = Self.history([(7, 2, 10), (8, 1, 12)])
    Self.add([(8, 4, 11), (9, .max, 13)], to: &history)
    Self.add([(9, 1, 13)], to: &history)
    #expect(history.count == 3)
    #expect(history[7] == .init(count: 2, lastDay: 10))
    #expect(history[8] == .init(count: 5, lastDay: 12))
    #expect(history[9] == .init(count: .max, lastDay: 13))
    #expect(history[6] == nil)
  }

  @Test func `texts are told apart`() {
    var history = VocabularyHistory(holdsTexts: true)
    let dictionary = VocabularyTests.texts(["a", "", "ä"]).dictionary
    history.add([2, 0], of: dictionary) { .init(count: UInt32($0 + 1), lastDay: 4) }
    #expect(history["ä"] == .init(count: 3, lastDay: 4))
    #expect(history["a"] == .init(count: 1, lastDay: 4))
    #expect(history[""] == nil)
  }

  @Test func `the stored form gives the history back`() throws {
    var texts = VocabularyHistory(holdsTexts: true)
    texts.add([0, 1], of: VocabularyTests.texts(["", "ab"]).dictionary) { _ in
      .init(count: 2, lastDay: -4)
    }
    for history in [Self.history([]), Self.history([(5, .max, -3), (-1, 1, 20_000)]), texts] {
      #expect(try VocabularyHistory(bytes: history.bytes) == history)
    }
  }

  @Test func `stored forms cut short, too long or with an id twice are refused`() {
    let bytes = Self.history([(1, 2, 3), (2, 2, 3)]).bytes
    for count in 0..<bytes.count {
      #expect(throws: VocabularyError.self) { try VocabularyHistory(bytes: bytes.prefix(count)) }
    }
    #expect(throws: VocabularyError.self) { try VocabularyHistory(bytes: bytes + [0]) }
    var twice = bytes
    twice[bytes.count - 8] = 1
    #expect(throws: VocabularyError.damaged("id 2 is there twice")) {
      try VocabularyHistory(bytes: twice)
    }
    var many = bytes
    many[15] = 0xFF
    #expect(throws: VocabularyError.self) { try VocabularyHistory(bytes: many) }
    var fewer = bytes
    fewer[8] = 1
    #expect(throws: VocabularyError.self) { try VocabularyHistory(bytes: fewer) }
  }

  // MARK: Extending

  @Test func `ids of enough rows join after those that are kept`() {
    let base = Self.features([5, 3, 4])
    let history = Self.history([
      (5, 9, 90), (3, 9, 99), (4, 9, 100), (10, 2, 100), (11, 3, 100), (12, 8, 100), (13, 3, 100),
    ])
    let (features, histories) = base.extended(
      with: ["item": history], clock: 101 * Self.day, evictAfter: 5 * Self.day)
    #expect(Self.ids(features) == ["3", "4", "12", "11", "13"])
    #expect(histories["item"]?[10] == .init(count: 2, lastDay: 100))
    #expect(histories["item"]?[5] == nil)
    #expect(features.features == base.features)
    #expect(features.schema.tables.map(\.rowCount) == [6, 4])
    let maps = features.rowMaps(from: base)
    #expect((0..<6).map { maps[0].formerRow(of: $0) } == [0, 2, 3, nil, nil, nil])
    #expect(maps[0].newRowCount == 3)
    #expect(maps[1] == RowMap(rowCount: 4))
  }

  @Test func `an id is kept through the last microsecond of its time`() {
    let history = Self.history([(5, 9, 90)])
    // Day 90 ends with the 91st since 1970.
    for (clock, isKept) in [(96 * Self.day - 1, true), (96 * Self.day, false)] {
      let features = Self.features([5]).extended(
        with: ["item": history], clock: clock, evictAfter: 5 * Self.day
      ).features
      #expect((Self.ids(features) == ["5"]) == isKept)
    }
  }

  @Test func `without eviction rows stay and rare ids are forgotten after 90 days`() {
    let history = Self.history([(5, 9, -1_000), (10, 2, 9), (11, 2, 10), (12, 3, 9)])
    let (features, histories) = Self.features([5]).extended(
      with: ["item": history], clock: 100 * Self.day, evictAfter: nil)
    #expect(Self.ids(features) == ["5"])
    #expect(histories["item"]?.count == 2)
    #expect(histories["item"]?[10] == nil)
    #expect(histories["item"]?[11] != nil)
  }

  @Test func `an id that was evicted needs its rows anew`() {
    let day = Self.day
    var (features, histories) = Self.features([5]).extended(
      with: ["item": Self.history([(5, 9, 10)])], clock: 20 * day, evictAfter: 3 * day)
    #expect(Self.ids(features).isEmpty)
    for (night, expected) in [(21, []), (22, []), (23, ["5"])] as [(Int32, [String])] {
      var history = histories["item"] ?? VocabularyHistory(holdsTexts: false)
      Self.add([(5, 1, night)], to: &history)
      let former = features
      (features, histories) = former.extended(
        with: ["item": history], clock: Int64(night + 1) * day, evictAfter: 3 * day)
      #expect(Self.ids(features) == expected)
      #expect(features.rowMaps(from: former)[0].newRowCount == expected.count)
    }
  }

  @Test func `ids without a history count as seen today`() {
    let (features, histories) = Self.features([5]).extended(
      with: [:], clock: 20 * Self.day, evictAfter: Self.day)
    #expect(Self.ids(features) == ["5"])
    #expect(histories["item"]?[5] == .init(count: 3, lastDay: 20))
  }

  @Test func `clocks at the ends of time change nothing`() {
    for clock in [Int64.min, .max] {
      let features = Self.features([5]).extended(
        with: [:], clock: clock, evictAfter: .max
      ).features
      #expect(Self.ids(features) == ["5"])
    }
  }
}
