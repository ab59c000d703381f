import ColumnFiles
import Foundation
import Interactions
import Testing

/// Lists with more elements than their feature takes.
struct LongListTests {
  private static func sample(
    _ excess: FeatureDefinition.IDList.Excess?, _ rows: FeatureDefinition.Rows
  ) -> TestLog {
    var log = TestLog(times: [1, 2, 3])
    log.add("item", .integers([1, 2, 3]))
    log.add("recent", .integerLists(values: [1, 2, 3, 4, 5, 6], ends: [2, 2, 6]))
    log.roles.item = "item"
    log.feature(
      "recent",
      .list(
        .init(
          table: .own(.init(rows: rows, dimension: 1)), pooling: .mean, longest: 2,
          excess: excess)))
    return log
  }

  @Test(arguments: [FeatureDefinition.Rows.vocabulary(minimumCount: 1), .hashed(rowCount: 1_001)])
  func `they keep their first elements or their last`(rows: FeatureDefinition.Rows) throws {
    let cases: [(FeatureDefinition.IDList.Excess?, [Int64])] = [
      (nil, [3, 4]), (.keepLast, [5, 6]),
    ]
    for (excess, kept) in cases {
      let log = Self.sample(excess, rows)
      let file = try log.encoded()
      let lists = try #require(file.log.lookups[0].lists)
      var plain = Self.sample(nil, rows)
      plain.chunk.columns[2].values = .integerLists(values: [1, 2] + kept, ends: [2, 2, 4])
      #expect(try plain.encoded().log.lookups[0].lists == lists)
      #expect(lists.map(\.count) == [2, 0, 2])
      #expect(file.summary.truncatedLists == ["recent": 1])
      let later = try FeatureEncoder(file.features, columns: log.columns, roles: log.roles)
        .encode(log.chunk)
      #expect(later.lookups[0].lists == lists)
    }
  }

  @Test(arguments: [FeatureDefinition.Rows.vocabulary(minimumCount: 1), .hashed(rowCount: 11)])
  func `they are one clear line where the feature is strict`(rows: FeatureDefinition.Rows) throws {
    var log = Self.sample(.refuse, rows)
    let expected = LogEncodingError.badValue(
      column: "recent", row: 3, name: "item 3", found: "a list of 4",
      expected: "one of 2 elements or fewer")
    #expect(throws: expected) { try log.encoded() }
    #expect(
      expected.description
        == "row 3 (item 3): recent is a list of 4, not one of 2 elements or fewer")
    log.chunk.columns[2].values = .integerLists(values: [1, 2, 3, 4], ends: [2, 2, 4])
    let file = try log.encoded()
    #expect(file.log.lookups[0].lists?.map(\.count) == [2, 0, 2])
    let long = Self.sample(.refuse, rows)
    #expect(throws: expected) {
      try FeatureEncoder(file.features, columns: long.columns, roles: long.roles)
        .encode(long.chunk)
    }
  }

  @Test func `days that were kept before lists had a choice are still found`() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let source = LogPlan.Source.listCodes(dictionary: 3, longest: 50)
    let text = String(decoding: try encoder.encode(source), as: UTF8.self)
    #expect(text == #"{"listCodes":{"dictionary":3,"longest":50}}"#)
    let list = #"{"table":{"shared":{"feature":"item"}},"pooling":"mean","longest":50}"#
    let former = try JSONDecoder().decode(FeatureDefinition.IDList.self, from: Data(list.utf8))
    #expect(former == .init(table: .shared(feature: "item"), pooling: .mean, longest: 50))
  }
}
