internal import CKernels
internal import Combiners
internal import Interactions
internal import Matrices
internal import Networks
internal import Optimizers

/// The gradients of the rows of one embedding table that a batch touched, one worker's shard of them.
///
/// Rows are dealt out to the workers in groups of 16. A row gets a slot when it is first met; a
/// slot's gradients are a stack of rows, one for each task, and sums run in the order of the batch,
/// so that they don't depend on the number of workers.
final class TableGradient {
  private let table: EmbeddingTable
  private let shard: Int
  private let shardCount: Int
  /// Slot number plus 1 of each table row; shared by the workers, each at its own rows.
  private let slotOfRow: IndexStorage
  private var slots = IndexStorage(count: 0)
  private var gradients = FloatStorage(count: 0)
  private(set) var slotCount = 0
  private var stackRows = 1

  private var dimension: Int { table.dimension }
  private var slotLength: Int { stackRows * dimension }

  init(table: EmbeddingTable, slotOfRow: IndexStorage, shard: Int, shardCount: Int) {
    self.table = table
    self.slotOfRow = slotOfRow
    self.shard = shard
    self.shardCount = shardCount
  }

  /// Starts a step whose gradients have `stackRows` rows each.
  func begin(stackRows: Int) {
    self.stackRows = stackRows
    slotCount = 0
  }

  /// The rows of every slot's stack that some slopes go to.
  struct StackRows {
    let first: Int
    let count: Int
  }

  /// Adds the slopes of single ids: `slopes` has a row for each stack row and position, the stack
  /// rows one after another.
  func add(_ slopes: Matrix, to stack: StackRows, ids: IndexStorage, positions: Range<Int>) {
    makeRoom(for: positions.count)
    slotCount = unsafe kernel_scatter(
      ids.pointer(at: positions.lowerBound, count: positions.count), positions.count,
      UInt32(shard), UInt32(shardCount), slotOfRow.pointer(at: 0, count: 0),
      slots.pointer(at: 0, count: 0), slotCount, slopes.base, slopes.stride, positions.count,
      gradients.pointer(at: 0, count: 0), stack.first, stack.count, stackRows, dimension)
  }

  /// Adds the slopes of pooled lists.
  func add(
    _ slopes: Matrix, to stack: StackRows, elements: Column<Int32>, ends: Column<Int64>,
    batch: BatchRows, positions: Range<Int>, pooling: InputSchema.Pooling
  ) {
    for (row, position) in positions.enumerated() {
      let range = listRange(ends, Int(batch.rows[position]))
      makeRoom(for: range.count)
      if pooling == .max {
        addHighest(slopes, row: row, of: positions.count, to: stack, of: elements, range)
        continue
      }
      let scale = pooling == .mean && !range.isEmpty ? 1 / Float(range.count) : 1
      for element in range {
        add(
          slopes, row: row, of: positions.count, to: stack, id: Int(elements[element]),
          scale: scale)
      }
    }
  }

  /// Adds row `row`, of so many for each stack row, to the gradients of those elements of a list that have
  /// the highest number of a column: of several, the first.
  private func addHighest(
    _ slopes: Matrix, row: Int, of rowCount: Int, to stack: StackRows, of elements: Column<Int32>,
    _ range: Range<Int>
  ) {
    guard !range.isEmpty else { return }
    for column in 0..<dimension {
      let id = unsafe elements.withUnsafeBuffer { ids in
        unsafe Int(
          kernel_list_argmax(
            table.storage.pointer(at: 0, count: 0), table.record,
            ids.baseAddress.map { unsafe $0 + range.lowerBound }, range.count, column))
      }
      guard (id >> 4) % shardCount == shard else { continue }
      let first = slot(of: id) * slotLength + stack.first * dimension + column
      for stackRow in 0..<stack.count {
        gradients[first + stackRow * dimension] +=
          slopes[stackRow * rowCount + row, column]
      }
    }
  }

  /// Adds the slopes of lists' elements: `slopes` has a row for each stack row and element, list after
  /// list.
  func add(
    _ slopes: Matrix, to stack: StackRows, elements: Column<Int32>, ends: Column<Int64>,
    batch: BatchRows, positions: Range<Int>
  ) {
    let count = positions.reduce(0) { $0 + listRange(ends, Int(batch.rows[$1])).count }
    makeRoom(for: count)
    var row = 0
    for position in positions {
      for element in listRange(ends, Int(batch.rows[position])) {
        add(slopes, row: row, of: count, to: stack, id: Int(elements[element]), scale: 1)
        row += 1
      }
    }
  }

  /// Adds `scale` times row `row`, of so many for each stack row, to the gradient of a table row of this
  /// shard.
  private func add(
    _ slopes: Matrix, row: Int, of rowCount: Int, to stack: StackRows, id: Int, scale: Float
  ) {
    guard (id >> 4) % shardCount == shard else { return }
    let slot = slot(of: id)
    for stackRow in 0..<stack.count {
      unsafe kernel_add_scaled(
        gradients.pointer(
          at: slot * slotLength + (stack.first + stackRow) * dimension, count: dimension),
        slopes.storage.pointer(
          at: slopes.offset + (stackRow * rowCount + row) * slopes.stride, count: dimension),
        scale, dimension)
    }
  }

  /// Adds the inner products of the first `rows` stack rows over all slots to `products`.
  func addProducts(rows: Int, to products: inout [Double]) {
    unsafe products.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress else { return }
      for slot in 0..<slotCount {
        unsafe kernel_gramian(
          gradients.pointer(at: slot * slotLength, count: slotLength), dimension, rows, dimension,
          base)
      }
    }
  }

  /// Replaces each slot's first row by the weighted sum of its rows.
  func combine(weights: [Float]) {
    unsafe weights.withUnsafeBufferPointer { weights in
      guard let base = weights.baseAddress else { return }
      for slot in 0..<slotCount {
        let rows = unsafe gradients.pointer(at: slot * slotLength, count: slotLength)
        unsafe kernel_combine(rows, dimension, weights.count, base, rows, dimension)
      }
    }
  }

  /// Where a rule's numbers for this table are.
  struct State {
    let numbers: ElementState
    let input: Int
    let table: Int
  }

  /// Replaces each slot's first row by what `combiner` makes of its rows.
  func combine(by combiner: any ElementwiseCombiner, block: Int, tasks: [Int], state: State?) {
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { buffer in
      unsafe buffer.initialize(repeating: 0)
      var place = stretch(tasks: tasks, block: block)
      for slot in 0..<slotCount {
        let rows = unsafe gradients.pointer(at: slot * slotLength, count: slotLength)
        let span = unsafe Span(_unsafeStart: rows, count: slotLength)
        var combined = unsafe buffer.mutableSpan
        let numbers = unsafe self.state(of: slot, state)
        var kept = unsafe MutableSpan(_unsafeStart: numbers.start, count: numbers.count)
        place.firstElement = Int(slots[slot]) * dimension
        combiner.combine(span, state: &kept, at: place, into: &combined)
        if let start = buffer.baseAddress {
          unsafe rows.update(from: start, count: dimension)
        }
      }
    }
  }

  /// Lets `combiner` see and change every slot's rows, and add to `sums`.
  func absorb(
    by combiner: any ElementwiseCombiner, block: Int, tasks: [Int], state: State?,
    sums: inout [Double]
  ) {
    var place = stretch(tasks: tasks, block: block)
    for slot in 0..<slotCount {
      var rows = unsafe MutableSpan(
        _unsafeStart: gradients.pointer(at: slot * slotLength, count: slotLength),
        count: slotLength)
      let numbers = unsafe self.state(of: slot, state)
      var kept = unsafe MutableSpan(_unsafeStart: numbers.start, count: numbers.count)
      place.firstElement = Int(slots[slot]) * dimension
      combiner.absorb(&rows, state: &kept, at: place, sums: &sums)
    }
  }

  private func stretch(tasks: [Int], block: Int) -> Stretch {
    Stretch(
      block: block, tasks: tasks, count: dimension, firstElement: 0, stride: dimension,
      stateStride: dimension)
  }

  /// The numbers kept for a slot's row; none where nothing is kept.
  private func state(
    of slot: Int, _ state: State?
  ) -> (start: UnsafeMutablePointer<Float>, count: Int) {
    guard let state else { return unsafe (gradients.pointer(at: 0, count: 0), 0) }
    let start = unsafe state.numbers.pointer(
      toRow: Int(slots[slot]), ofTable: state.table, input: state.input, dimension: dimension)
    return unsafe (start, state.numbers.rowCount * dimension)
  }

  /// Hands out the numbers of the touched rows, each once.
  func withRows(_ body: (UnsafeBufferPointer<Int32>) -> Void) {
    unsafe body(
      UnsafeBufferPointer(start: slots.pointer(at: 0, count: slotCount), count: slotCount))
  }

  /// Updates the touched rows by the first rows of their slots, and forgets the slots.
  ///
  /// `decay` has the L2 penalty of each row of the table; nil for none.
  func apply(_ update: ParameterUpdate, scale: Float, decay: FloatStorage? = nil) {
    if let decay {
      for slot in 0..<slotCount {
        let row = Int(slots[slot])
        unsafe kernel_add_scaled(
          gradients.pointer(at: slot * slotLength, count: dimension),
          table.storage.pointer(at: row * table.record, count: dimension), decay[row] / scale,
          dimension)
      }
    }
    unsafe update.apply(
      toRows: slots.pointer(at: 0, count: slotCount), rowCount: slotCount,
      of: table.storage.pointer(at: 0, count: 0), record: table.record, dimension: dimension,
      gradients: gradients.pointer(at: 0, count: slotCount * slotLength),
      gradientStride: slotLength, scale: scale)
    forget()
  }

  /// Forgets the slots without an update.
  func forget() {
    for slot in 0..<slotCount { slotOfRow[Int(slots[slot])] = 0 }
    slotCount = 0
  }

  private func slot(of id: Int) -> Int {
    let known = Int(slotOfRow[id])
    if known > 0 { return known - 1 }
    slots[slotCount] = Int32(id)
    unsafe gradients.pointer(at: slotCount * slotLength, count: slotLength)
      .update(repeating: 0, count: slotLength)
    slotCount += 1
    slotOfRow[id] = Int32(slotCount)
    return slotCount - 1
  }

  /// Grows the slots' memory so that `count` more fit; amortised, nothing in a steady run.
  private func makeRoom(for count: Int) {
    let needed = slotCount + count
    guard needed > slots.count || needed * slotLength > gradients.count else { return }
    let newCapacity = max(2 * slotCount, needed, 1_024)
    let newSlots = IndexStorage(count: max(newCapacity, slots.count))
    let newGradients = FloatStorage(count: max(newCapacity * slotLength, gradients.count))
    unsafe newSlots.pointer(at: 0, count: slotCount)
      .update(from: slots.pointer(at: 0, count: slotCount), count: slotCount)
    unsafe newGradients.pointer(at: 0, count: slotCount * slotLength)
      .update(
        from: gradients.pointer(at: 0, count: slotCount * slotLength),
        count: slotCount * slotLength)
    slots = newSlots
    gradients = newGradients
  }
}
