import Interactions
import Randomness
import TestSupport
import Testing
import Training

struct RowOrderTests {
  static let log = TinyLog.make(rows: 1_000)

  /// The rows of a pass, taken in steps of 7.
  static func pass(
    _ rows: RowSelection, poolRows: Int?, seed: UInt64? = 3, epoch: Int = 0, from start: Int = 0
  ) -> [UInt32] {
    var order = RowOrder(rows, of: log, poolRows: poolRows, seed: seed, epoch: epoch)
    return stride(from: start, to: rows.count, by: 7).flatMap {
      Array(order.rows($0..<min($0 + 7, rows.count)))
    }
  }

  @Test(arguments: [nil, 999, 5_000]) func `rows that fit a pool are shuffled together`(
    poolRows: Int?
  ) {
    var expected = (1..<1_000).map { UInt32($0) }
    var generator = SplitMix64.derived(from: 3, for: 2, 4)
    expected.shuffle(using: &generator)
    #expect(RowOrderTests.pass(.range(1..<1_000), poolRows: poolRows, epoch: 4) == expected)
  }

  @Test(arguments: [1, 2, 10, 64, 100, 130, 640, 998]) func `a pass has each row once`(
    poolRows: Int
  ) {
    for seed in [3, nil] as [UInt64?] {
      let pass = RowOrderTests.pass(.range(1..<1_000), poolRows: poolRows, seed: seed)
      #expect(pass.sorted() == (1..<1_000).map { UInt32($0) })
      #expect(seed != nil || pass == pass.sorted())
    }
  }

  @Test func `a pool has rows of blocks from everywhere`() {
    let pass = RowOrderTests.pass(.range(0..<1_000), poolRows: 128)
    // 128 rows are 64 blocks of 2 rows; of 8 pools each has 63 blocks.
    for first in stride(from: 0, to: 1_000, by: 126) {
      let pool = Set(pass[first..<min(first + 126, 1_000)])
      #expect(pool.allSatisfy { pool.contains($0 ^ 1) })
      #expect(pool.count < 126 || pool.contains { $0 < 250 } && pool.contains { $0 >= 750 })
    }
    #expect(pass != RowOrderTests.pass(.range(0..<1_000), poolRows: 128, epoch: 1))
  }

  @Test func `a pass can be entered anywhere`() {
    let pass = RowOrderTests.pass(.range(0..<1_000), poolRows: 100)
    for start in [7, 98, 490, 994] {
      let rest = RowOrderTests.pass(.range(0..<1_000), poolRows: 100, from: start)
      #expect(rest == Array(pass[start...]))
    }
  }

  @Test func `a batch may be larger than several pools`() {
    var order = RowOrder(
      .range(0..<1_000), of: RowOrderTests.log, poolRows: 100, seed: 3, epoch: 0)
    #expect(Array(order.rows(0..<1_000)) == RowOrderTests.pass(.range(0..<1_000), poolRows: 100))
  }

  @Test func `rows of a list are those of the range`() {
    let list = RowSelection.list(Column((5..<905).map { Int32($0) }))
    #expect(
      RowOrderTests.pass(list, poolRows: 100)
        == RowOrderTests.pass(.range(5..<905), poolRows: 100))
  }
}
