package import Interactions
internal import Randomness

/// The order in which a pass takes the selected rows of a log.
///
/// The selection is cut into blocks of neighbouring rows. Blocks drawn at random make a pool, which is
/// copied to memory and shuffled, and pools follow each other: so a pass reads each page of the log
/// once, however large it is. Where all rows fit a single pool, that is a uniform shuffle of all rows.
/// Rows that keep the order of time are cut into pools all the same.
///
/// - Complexity: O(rows of a pool) memory.
package struct RowOrder {
  /// A block of four-byte values fills 64 pages, which the system reads together.
  private static let largestBlock = 65_536
  /// A pool mixes that many blocks where its rows allow.
  private static let blocksPerPool = 64

  private let source: EncodedLog
  private let selection: RowSelection
  private let blockRows: Int
  /// The blocks in the order of the pass, those of a pool one after another.
  private let blocks: [Int]
  private let poolBlocks: Int
  private let copiesPools: Bool
  private let seed: UInt64?
  private let epoch: Int

  /// Pools that were taken, and where the last of them ends in the pass.
  private var poolCount = 0
  private var poolsEnd = 0
  /// The places of the pass that are at hand: those of a pool, after what is left of the one before.
  private var places = 0..<0
  /// Where their rows are.
  private var log: EncodedLog?
  private var rows: [UInt32] = []

  /// Orders the rows for a pass.
  ///
  /// - Parameters:
  ///   - selection: Rows of the log.
  ///   - log: Where they are.
  ///   - poolRows: Most rows of a pool; nil takes all as one, and reads them where they are.
  ///   - seed: Fixes the orders of all passes; nil keeps the rows in the order of time.
  ///   - epoch: Whole passes before this one.
  package init(
    _ selection: RowSelection, of log: EncodedLog, poolRows: Int?, seed: UInt64?, epoch: Int
  ) {
    source = log
    self.selection = selection
    self.seed = seed
    self.epoch = epoch
    copiesPools = poolRows != nil
    let poolRows = max(poolRows ?? selection.count, 1)
    guard poolRows < selection.count else {
      (blockRows, poolBlocks, blocks) = (selection.count, 1, [0])
      return
    }
    blockRows = min(max(poolRows / Self.blocksPerPool, 1), Self.largestBlock)
    let blockCount = (selection.count + blockRows - 1) / blockRows
    let mostBlocks = poolRows / blockRows
    let poolCount = (blockCount + mostBlocks - 1) / mostBlocks
    poolBlocks = (blockCount + poolCount - 1) / poolCount
    var blocks = Array(0..<blockCount)
    if let seed {
      var generator = SplitMix64.derived(from: seed, for: 2, UInt64(epoch))
      blocks.shuffle(using: &generator)
    }
    self.blocks = blocks
  }

  /// The rows at some places of the pass, which lie at or after those asked for before.
  ///
  /// - Returns: Numbers of rows, and the log, or the copy of a part of it, that they are of.
  package mutating func batch(
    _ wanted: Range<Int>
  ) -> (log: EncodedLog, rows: ArraySlice<UInt32>) {
    precondition(
      wanted.lowerBound >= places.lowerBound && wanted.upperBound <= selection.count,
      "places \(wanted) of \(selection.count), after \(places)")
    while wanted.upperBound > places.upperBound { takePool(from: wanted.lowerBound) }
    return (log ?? source, rows[local(wanted)])
  }

  /// Puts the next pool at hand, after what is left of the former one from a place on.
  private mutating func takePool(from place: Int) {
    let blocks = blocks[poolCount * poolBlocks..<min((poolCount + 1) * poolBlocks, blocks.count)]
    let ranges = blocks.map { block in
      block * blockRows..<min((block + 1) * blockRows, selection.count)
    }
    poolCount += 1
    let start = poolsEnd
    poolsEnd += ranges.reduce(0) { $0 + $1.count }
    guard poolsEnd > place else { return }
    let left = max(place, places.lowerBound)..<max(place, places.upperBound)
    let former = left.isEmpty ? nil : log?.copy(of: Array(rows[local(left)]), in: [])
    log = nil
    places = (left.isEmpty ? start : left.lowerBound)..<poolsEnd
    rows.removeAll(keepingCapacity: true)
    for range in ranges { for index in range { rows.append(UInt32(selection[index])) } }
    shuffle()
    guard copiesPools else { return }
    log = source.copy(
      of: rows, in: ranges.map { selection[$0.lowerBound]...selection[$0.upperBound - 1] },
      after: former)
    rows = Array(0..<UInt32(places.count))
  }

  private var isOnlyPool: Bool { poolBlocks == blocks.count }

  /// Places at hand, counted from the first of them.
  private func local(_ part: Range<Int>) -> Range<Int> {
    part.lowerBound - places.lowerBound..<part.upperBound - places.lowerBound
  }

  private mutating func shuffle() {
    guard let seed else { return }
    var generator: SplitMix64 =
      isOnlyPool
      ? .derived(from: seed, for: 2, UInt64(epoch))
      : .derived(from: seed, for: 3, UInt64(epoch), UInt64(poolCount - 1))
    rows.shuffle(using: &generator)
  }
}
