import Interactions
import Testing

struct SplitTests {
  private func ranges(_ split: Split, _ times: [Int64]) throws -> [Range<Int>] {
    let rows = try split.rows(of: Column(times))
    return [rows.train, rows.validation, rows.test].compactMap {
      if case .range(let range) = $0 { range } else { nil }
    }
  }

  @Test func `lengths count back from the newest row, which is in the test window`() throws {
    let times: [Int64] = [1, 5, 6, 7, 8, 9, 10]
    let split = Split.lengths(train: 3, validation: 2, test: 2)
    // Test 9...10, validation 7...8, training 4...6; row 0 is too old.
    #expect(try ranges(split, times) == [1..<3, 3..<5, 5..<7])
    #expect(
      try ranges(.lengths(train: nil, validation: 0, test: 2), times) == [0..<5, 7..<7, 5..<7])
  }

  @Test func `windows are half open and may leave rows out`() throws {
    let split = Split.windows(
      train: .init(from: 0, to: 5), validation: nil, test: .init(from: 6, to: 8))
    #expect(try ranges(split, [0, 4, 5, 6, 7, 8]) == [0..<2, 6..<6, 3..<5])
  }

  @Test func `an empty part is named with its window and the log's own span`() {
    let day: Int64 = 86_400_000_000
    let split = Split.lengths(train: day, validation: day / 2, test: day)
    let error = #expect(throws: SplitError.self) {
      try split.rows(of: Column([0, 20 * day + 1]))
    }
    #expect(
      error?.description
        == "no row lies in train (1970-01-18 12:00:00.000002Z up to 1970-01-19 12:00:00.000002Z); "
        + "the log's rows run from 1970-01-01 00:00:00Z to 1970-01-21 00:00:00.000001Z: "
        + "set split so that train has some")
  }

  @Test func `windows that overlap or come in another order are refused`() {
    let early = TimeWindow(from: 0, to: 5)
    let late = TimeWindow(from: 4, to: 9)
    let times = Column<Int64>([0, 8])
    #expect(throws: SplitError.wrongOrder(first: .train, second: .test)) {
      try Split.windows(train: early, validation: nil, test: late).rows(of: times)
    }
    #expect(throws: SplitError.wrongOrder(first: .train, second: .validation)) {
      try Split.windows(train: late, validation: early, test: nil).rows(of: times)
    }
    #expect(throws: SplitError.badSize(.train)) {
      try Split.windows(train: .init(from: 3, to: 3), validation: nil, test: nil).rows(of: times)
    }
  }

  @Test(arguments: [
    Split.lengths(train: 0, validation: 1, test: 1), .lengths(train: 1, validation: -1, test: 1),
    .lengths(train: 1, validation: 1, test: -1),
    .random(train: 0, validation: 1, test: 1, seed: 0),
    .random(train: .nan, validation: 1, test: 1, seed: 0),
    .random(train: .infinity, validation: 1, test: 1, seed: 0),
    .random(train: 1, validation: -1, test: 1, seed: 0),
  ])
  func `sizes that make no sense are refused`(split: Split) {
    #expect {
      try split.rows(of: Column([1, 2, 3]))
    } throws: {
      if case SplitError.badSize = $0 { true } else { false }
    }
  }

  @Test func `lengths beyond what a time can hold don't trap`() throws {
    let split = Split.lengths(train: .max, validation: 1, test: 1)
    #expect(try ranges(split, [-9, 1, 2]) == [0..<1, 1..<2, 2..<3])
    #expect(throws: SplitError.noRows) { try split.rows(of: Column([])) }
  }

  @Test func `random shares are seeded, near what was asked, and part all rows`() throws {
    let times = Column((0..<2_000).map { Int64($0) })
    func lists(_ seed: UInt64) throws -> [[Int]] {
      let rows = try Split.random(train: 8, validation: 1, test: 1, seed: seed).rows(of: times)
      return [rows.train, rows.validation, rows.test].map { part in
        (0..<part.count).map { part[$0] }
      }
    }
    let first = try lists(1)
    #expect(try first == lists(1))
    #expect(try first != lists(2))
    #expect(first.flatMap(\.self).sorted() == Array(0..<2_000))
    for (part, share) in zip(first, [0.8, 0.1, 0.1]) {
      // Five standard deviations of a binomial share.
      let tolerance = 5 * (share * (1 - share) / 2_000).squareRoot()
      #expect(abs(Double(part.count) / 2_000 - share) < tolerance)
      #expect(part == part.sorted())
    }
  }

  @Test func `a random split deals every moment alike, whatever other rows there are`() throws {
    let split = Split.random(train: 2, validation: 1, test: 1, seed: 9)
    func moments(_ times: [Int64]) throws -> [SplitPart: Set<Int64>] {
      let rows = try split.rows(of: Column(times))
      return Dictionary(
        uniqueKeysWithValues: SplitPart.allCases.map { part in
          (part, Set((0..<rows[part].count).map { times[rows[part][$0]] }))
        })
    }
    let all = (0..<600).map { Int64($0 / 3) * 3_600_000_000 }
    let whole = try moments(all)
    let fewer = try moments(
      all.enumerated().filter { $0.offset % 7 != 0 && $0.offset > 90 }.map(\.element))
    for part in SplitPart.allCases {
      #expect(fewer[part]?.isSubset(of: whole[part] ?? []) == true)
      for other in SplitPart.allCases where other != part {
        #expect(whole[part]?.isDisjoint(with: whole[other] ?? []) == true)
      }
    }
  }

  @Test func `rows outside of the needed window belong to no part`() throws {
    let lengths = Split.lengths(train: 3, validation: 2, test: 2)
    #expect(lengths.neededWindow(newest: 10) == 4..<11)
    #expect(try ranges(lengths, [3, 4, 7, 8, 9, 10]) == [1..<2, 2..<4, 4..<6])
    let windows = Split.windows(train: .init(from: 2, to: 5), validation: nil, test: nil)
    #expect(windows.neededWindow(newest: 10) == 2..<5)
    #expect(Split.standard.neededWindow(newest: 10) == nil)
    #expect(
      Split.random(train: 1, validation: 1, test: 1, seed: 0).neededWindow(newest: 10) == nil)
    #expect(
      Split.lengths(train: .max, validation: 1, test: 1).neededWindow(newest: -10)
        == .min..<(-9))
  }
}
