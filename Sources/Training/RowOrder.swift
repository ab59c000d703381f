package import Interactions
internal import Randomness

/// The order in which a pass takes the selected rows of a log.
///
/// The selection is cut into blocks of neighbouring rows. Blocks drawn at random make a pool, a pool's
/// rows are shuffled together, and pools follow each other: so a pass reads the pages of one pool at a
/// time, each once, however large the log is. Where all rows fit a single pool, that is a uniform shuffle
/// of all rows. Rows that keep the order of time are cut into pools all the same.
///
/// - Complexity: O(rows of a pool) memory.
package struct RowOrder {
  /// A block of four-byte values fills 64 pages: the system reads and maps neighbours together.
  private static let largestBlock = 65_536
  /// A pool mixes that many blocks where its rows allow.
  private static let blocksPerPool = 64

  private let log: EncodedLog
  private let selection: RowSelection
  private let blockRows: Int
  /// The blocks in the order of the pass, those of a pool one after another.
  private let blocks: [Int]
  private let poolBlocks: Int
  private let seed: UInt64?
  private let epoch: Int

  /// The pool whose rows are at hand, and where they lie in the pass.
  private var pool = -1
  private var poolRange = 0..<0
  private var poolRows: [UInt32] = []
  private var batch: [UInt32] = []

  /// Orders the rows for a pass.
  ///
  /// - Parameters:
  ///   - selection: Rows of the log.
  ///   - log: Where they are; mapped memory of a pool's rows is given back after the pool.
  ///   - poolRows: Most rows of a pool; nil for all.
  ///   - seed: Fixes the orders of all passes; nil keeps the rows in the order of time.
  ///   - epoch: Whole passes before this one.
  package init(
    _ selection: RowSelection, of log: EncodedLog, poolRows: Int?, seed: UInt64?, epoch: Int
  ) {
    self.log = log
    self.selection = selection
    self.seed = seed
    self.epoch = epoch
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
  package mutating func rows(_ places: Range<Int>) -> ArraySlice<UInt32> {
    goToPool(ofPlace: places.lowerBound)
    if places.upperBound <= poolRange.upperBound { return slice(places) }
    batch.removeAll(keepingCapacity: true)
    var place = places.lowerBound
    while place < places.upperBound {
      goToPool(ofPlace: place)
      let end = min(places.upperBound, poolRange.upperBound)
      batch += slice(place..<end)
      place = end
    }
    return batch[...]
  }

  private func slice(_ places: Range<Int>) -> ArraySlice<UInt32> {
    let start = poolRange.lowerBound
    return poolRows[places.lowerBound - start..<places.upperBound - start]
  }

  private mutating func goToPool(ofPlace place: Int) {
    guard !poolRange.contains(place) else { return }
    precondition(
      place >= poolRange.upperBound && place < selection.count,
      "place \(place) of \(selection.count), after \(poolRange)")
    repeat {
      pool += 1
      let count = blocksOfPool.reduce(0) { $0 + rows(ofBlock: $1).count }
      poolRange = poolRange.upperBound..<poolRange.upperBound + count
    } while !poolRange.contains(place)
    fillPool()
  }

  private var blocksOfPool: ArraySlice<Int> {
    blocks[pool * poolBlocks..<min((pool + 1) * poolBlocks, blocks.count)]
  }

  /// A block's rows, as numbers within the selection.
  private func rows(ofBlock block: Int) -> Range<Int> {
    block * blockRows..<min((block + 1) * blockRows, selection.count)
  }

  private mutating func fillPool() {
    let isOnlyPool = poolBlocks == blocks.count
    if !isOnlyPool { log.dropPages() }
    poolRows.removeAll(keepingCapacity: true)
    poolRows.reserveCapacity(poolRange.count)
    for block in blocksOfPool {
      let rows = rows(ofBlock: block)
      if !isOnlyPool {
        log.expectReading(selection[rows.lowerBound]...selection[rows.upperBound - 1])
      }
      for index in rows { poolRows.append(UInt32(selection[index])) }
    }
    guard let seed else { return }
    var generator: SplitMix64 =
      isOnlyPool
      ? .derived(from: seed, for: 2, UInt64(epoch))
      : .derived(from: seed, for: 3, UInt64(epoch), UInt64(pool))
    poolRows.shuffle(using: &generator)
  }
}
