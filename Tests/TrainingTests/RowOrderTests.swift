import Interactions
import Randomness
import TestSupport
import Testing
import Training

struct RowOrderTests {
  /// The first number of each row is the row's own.
  static let log = {
    var log = TinyLog.make(rows: 1_000)
    log.numbers[0] = Column((0..<1_000).map { Float($0) })
    log.weights = Column((0..<1_000).map { Float($0 % 7) })
    return log
  }()

  /// What training reads of a row.
  struct Row: Equatable {
    var lookups: [[Int32]]
    var numbers: [Float]
    var labels: [UInt8]
    var weight: Float?

    init(_ log: EncodedLog, _ row: Int) {
      lookups = log.lookups.map { lookup in
        switch lookup {
        case .single(let column): [column[row]]
        case .list(let values, let ends):
          ((row == 0 ? 0 : ends[row - 1])..<ends[row]).map { values[Int($0)] }
        }
      }
      numbers = log.numbers.map { $0[row] }
      labels = log.labels.map { $0[row] }
      weight = log.weights?[row]
    }
  }

  /// The rows of a pass, taken in steps of 7; each must be as it is in the log.
  static func pass(
    _ rows: RowSelection, poolRows: Int?, seed: UInt64? = 3, epoch: Int = 0, from start: Int = 0
  ) -> [UInt32] {
    var order = RowOrder(rows, of: log, poolRows: poolRows, seed: seed, epoch: epoch)
    return stride(from: start, to: rows.count, by: 7).flatMap {
      numbers(order.batch($0..<min($0 + 7, rows.count)))
    }
  }

  static func numbers(_ batch: (log: EncodedLog, rows: ArraySlice<UInt32>)) -> [UInt32] {
    batch.rows.map { row in
      let number = Int(batch.log.numbers[0][Int(row)])
      #expect(Row(batch.log, Int(row)) == Row(log, number))
      return UInt32(number)
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
    let whole = RowOrderTests.numbers(order.batch(0..<1_000))
    #expect(whole == RowOrderTests.pass(.range(0..<1_000), poolRows: 100))
  }

  @Test func `only rows at hand are held`() {
    var order = RowOrder(
      .range(0..<1_000), of: RowOrderTests.log, poolRows: 100, seed: 3, epoch: 0)
    for start in stride(from: 0, to: 1_000, by: 8) {
      #expect(order.batch(start..<start + 8).log.rowCount <= 100 + 7)
    }
  }

  @Test func `rows of a list are those of the range`() {
    let list = RowSelection.list(Column((5..<905).map { Int32($0) }))
    #expect(
      RowOrderTests.pass(list, poolRows: 100)
        == RowOrderTests.pass(.range(5..<905), poolRows: 100))
  }
}
