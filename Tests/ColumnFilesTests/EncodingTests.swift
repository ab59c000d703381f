import ColumnFiles
import Interactions
import Testing

private let id = FeatureDefinition.Encoding.id(
  .init(rows: .vocabulary(minimumCount: 1), dimension: 4))

struct IDEncodingTests {
  @Test func `frequent ids come first and ties keep the order of time`() throws {
    var log = TestLog(times: [1, 2, 3, 4, 5, 6])
    log.add("brand", .texts(TextColumn(["b", "a", "c", "c", "", "a"])), missing: [4])
    log.feature("brand", id)
    let file = try log.encoded()
    // a and c occur twice, a first; b once.
    #expect(file.log.lookups[0].rows == [3, 1, 2, 2, 0, 1])
    #expect(file.log.schema.tables == [.init(name: "brand", rowCount: 4, dimension: 4)])
    #expect(file.summary.missing == ["brand": 1])
  }

  @Test func `an empty text is an id, a missing one is not`() throws {
    var log = TestLog(times: [1, 2])
    log.add("brand", .texts(TextColumn(["", ""])), missing: [1])
    log.feature("brand", id)
    #expect(try log.encoded().log.lookups[0].rows == [1, 0])
  }

  @Test func `rare ids and ids first seen after training share row 0`() throws {
    var log = TestLog(times: [1, 2, 3, 4, 5, 6])
    log.add("item", .integers([7, 8, 7, 9, 9, 7]))
    log.feature("item", .id(.init(rows: .vocabulary(minimumCount: 2), dimension: 4)))
    log.split = .lengths(train: nil, validation: 0, test: 2)
    // Only the first four rows count: 7 twice, 8 once, 9 once.
    #expect(try log.encoded().log.lookups[0].rows == [1, 0, 1, 0, 0, 1])
  }

  @Test func `booleans can be ids`() throws {
    var log = TestLog(times: [1, 2, 3])
    log.add("is_new", .booleans([true, false, true]))
    log.feature("is_new", id)
    #expect(try log.encoded().log.lookups[0].rows == [1, 2, 1])
  }

  @Test func `hashed ids have golden rows`() throws {
    var log = TestLog(times: [1, 2, 3, 4])
    log.add("item", .integers([0, 1, -1, 5]), missing: [3])
    log.add("brand", .texts(TextColumn(["", "a", "paretorank", ""])), missing: [3])
    let hashed = FeatureDefinition.Encoding.id(.init(rows: .hashed(rowCount: 1_001), dimension: 2))
    log.feature("item", hashed)
    log.feature("brand", hashed)
    let file = try log.encoded()
    // 1 + ⌊h · 1000 / 2⁶⁴⌋ with h the published first outputs of SplitMix64 and XXH64.
    #expect(file.log.lookups[0].rows == [884, 567, 894, 0])
    #expect(file.log.lookups[1].rows == [935, 822, 357, 0])
    #expect(file.log.schema.tables.map(\.rowCount) == [1_001, 1_001])
  }

  @Test func `lists share the table of an id feature, are cut, and may be empty or missing`() throws
  {
    var log = TestLog(times: [1, 2, 3, 4])
    log.add("item", .integers([10, 20, 20, 10]))
    log.add(
      "recent", .integerLists(values: [20, 10, 99, 10, 10], ends: [3, 3, 5, 5]), missing: [3])
    log.feature("item", id)
    log.feature("recent", .list(.init(table: .shared(feature: "item"), pooling: .mean, longest: 2)))
    let file = try log.encoded()
    #expect(file.log.lookups[1].lists == [[2, 1], [], [1, 1], []])
    #expect(file.log.schema.lookups[1] == .init(feature: "recent", table: 0, pooling: .mean))
    #expect(file.summary.truncatedLists["recent"] == 1)
  }

  @Test func `a list's own vocabulary counts rows, not repetitions`() throws {
    var log = TestLog(times: [1, 2, 3])
    log.add(
      "tags", .textLists(values: TextColumn(["x", "x", "x", "y", "y", "z"]), ends: [4, 5, 6]))
    log.feature(
      "tags",
      .list(
        .init(
          table: .own(.init(rows: .vocabulary(minimumCount: 2), dimension: 3)), pooling: .sum,
          longest: 9)))
    let file = try log.encoded()
    #expect(file.log.lookups[0].lists == [[0, 0, 0, 1], [1], [0]])
  }

  @Test func `hashed lists use the owner's hash`() throws {
    var log = TestLog(times: [1])
    log.add("item", .integers([1]))
    log.add("recent", .integerLists(values: [1, 0], ends: [2]))
    log.feature("item", .id(.init(rows: .hashed(rowCount: 1_001), dimension: 2)))
    log.feature("recent", .list(.init(table: .shared(feature: "item"), pooling: .sum, longest: 5)))
    #expect(try log.encoded().log.lookups[1].lists == [[567, 884]])
  }

  @Test func `parts of a time are in UTC, before 1970 too`() throws {
    let hour: Int64 = 3_600_000_000
    var log = TestLog(times: [1, 2, 3, 4])
    // Thursday 00:00, one microsecond before it, Sunday 1969-12-28 01:00, NULL.
    log.add("at", .times([0, -1, -95 * hour, 0]), missing: [3])
    log.features = [
      .init(name: "hour", column: "at", encoding: .timePart(.hour, dimension: 2)),
      .init(name: "weekday", column: "at", encoding: .timePart(.weekday, dimension: 2)),
    ]
    let file = try log.encoded()
    #expect(file.log.lookups[0].rows == [1, 24, 2, 0])
    #expect(file.log.lookups[1].rows == [4, 3, 7, 0])
    #expect(file.log.schema.tables.map(\.rowCount) == [25, 8])
  }
}

struct NumberEncodingTests {
  @Test func `numbers are standardised by the training rows alone`() throws {
    var log = TestLog(times: [1, 2, 3, 4])
    log.add("price", .numbers([1, 3, 1e300, 2]))
    log.feature("price", .number(.init()))
    log.split = .windows(
      train: .init(from: 0, to: 3), validation: nil, test: .init(from: 3, to: 9))
    let file = try log.encoded()
    #expect(file.features.features[0].number == NumberEncoding(mean: 2, standardDeviation: 1))
    #expect(file.log.numbers[0].values == [-1, 1, Float.greatestFiniteMagnitude, 0])
    #expect(file.log.schema.numbers == ["price"])
  }

  @Test func `clip and log come before the statistics`() throws {
    var log = TestLog(times: [1, 2, 3])
    log.add("price", .integers([-5, 0, 1_000]))
    log.feature(
      "price",
      .number(
        .init(transform: .log1p, lowest: -1, highest: 3, output: .float(standardise: false))))
    let expected = [-Float(2).logarithm, 0, Float(4).logarithm]
    #expect(try log.encoded().log.numbers[0].values == expected)
  }

  @Test func `a value missing in training brings a flag`() throws {
    var log = TestLog(times: [1, 2, 3])
    log.add("price", .numbers([4, 0, 8]), missing: [1])
    log.feature("price", .number(.init()))
    let file = try log.encoded()
    #expect(file.log.schema.numbers == ["price", "price missing"])
    #expect(file.log.numbers.map(\.values) == [[-1, 0, 1], [0, 1, 0]])
  }

  @Test func `a value first missing later counts as the mean`() throws {
    var log = TestLog(times: [1, 2, 3])
    log.add("price", .numbers([4, 8, 0]), missing: [2])
    log.feature("price", .number(.init(output: .float(standardise: false))))
    log.split = .lengths(train: nil, validation: 0, test: 1)
    let file = try log.encoded()
    #expect(file.log.numbers.map(\.values) == [[4, 8, 6]])
  }

  @Test func `columns that are constant or all missing give zeros`() throws {
    var log = TestLog(times: [1, 2])
    log.add("constant", .numbers([5, 5]))
    log.add("absent", .numbers([0, 0]), missing: [0, 1])
    log.add("brand", .texts(TextColumn(["", ""])), missing: [0, 1])
    log.feature("constant", .number(.init()))
    log.feature("absent", .number(.init()))
    log.features.append(
      .init(
        name: "bucket", column: "absent",
        encoding: .number(.init(output: .buckets(count: 4, dimension: 2)))))
    log.feature("brand", id)
    let file = try log.encoded()
    #expect(file.log.numbers.map(\.values) == [[0, 0], [0, 0], [1, 1]])
    #expect(file.log.lookups.map(\.rows) == [[0, 0], [0, 0]])
    #expect(file.log.schema.tables.map(\.rowCount) == [2, 1])
  }

  @Test func `buckets hold equal shares of the training rows`() throws {
    var log = TestLog(times: Array(1...9))
    log.add("age", .integers([8, 1, 2, 3, 4, 5, 6, 7, 0]), missing: [8])
    log.feature("age", .number(.init(output: .buckets(count: 4, dimension: 2))))
    let file = try log.encoded()
    #expect(file.features.features[0].number?.borders == [3, 5, 7])
    #expect(file.log.lookups[0].rows == [4, 1, 1, 2, 2, 3, 3, 4, 0])
    #expect(file.log.schema.tables[0].rowCount == 5)
  }

  @Test func `repeated values give fewer buckets`() throws {
    var log = TestLog(times: Array(1...8))
    log.add("age", .integers([0, 0, 0, 0, 0, 0, 1, 1]))
    log.feature("age", .number(.init(output: .buckets(count: 4, dimension: 2))))
    let file = try log.encoded()
    #expect(file.features.features[0].number?.borders == [1])
    #expect(file.log.lookups[0].rows == [1, 1, 1, 1, 1, 1, 2, 2])
  }
}

extension Float {
  fileprivate var logarithm: Float { Float(Double(self).logarithm) }
}

extension Double {
  /// The natural logarithm by its series `2 · Σ yᵏ/k`, k odd, `y = (x-1)/(x+1)`.
  fileprivate var logarithm: Double {
    let y = (self - 1) / (self + 1)
    var power = y
    var sum = 0.0
    for k in stride(from: 1.0, to: 400, by: 2) {
      sum += power / k
      power *= y * y
    }
    return 2 * sum
  }
}
