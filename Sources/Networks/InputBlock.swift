internal import CKernels
public import Interactions
internal import Matrices

/// The first step of a network: embeddings and numbers of each impression side by side.
public struct InputBlock: Sendable {
  public let schema: InputSchema
  /// Begins the names of the block's tables; empty for the usual, shared ones.
  public let prefix: String
  package let output: Activation
  /// The lists whose elements stay apart, to be weighted by attention.
  public let lists: [ListElements]
  /// Whether each number is read; the others are zeros.
  private let readsNumber: [Bool]

  /// An input of one task's own, or one that is shared.
  init(schema: InputSchema, task: String?, output: Activation, lists: [ListElements]) {
    self.schema = schema
    self.prefix = Self.prefix(of: task)
    self.output = output
    self.lists = lists
    readsNumber = schema.numbers.indices.map { number in
      task.map { schema.isRead(number, byOwnInputsOf: $0) } ?? true
    }
  }

  /// What begins the names of all that stands on an input.
  static func prefix(of task: String?) -> String { task.map { "\($0)/" } ?? "" }

  /// For each lookup, its first column in the input row.
  public var firstColumns: [Int] {
    var column = 0
    return schema.lookups.map { lookup in
      defer { column += schema.tables[lookup.table].dimension }
      return column
    }
  }

  /// Writes the input rows of the given positions of a batch to `values`, all but the places of lists
  /// whose elements stay apart.
  func read(
    _ positions: Range<Int>, of batch: BatchRows, from log: EncodedLog, tables: [EmbeddingTable],
    into values: Matrix
  ) {
    var column = 0
    for (index, lookup) in schema.lookups.enumerated() {
      let table = tables[lookup.table]
      precondition(
        log.schema.tables[lookup.table].rowCount <= table.rowCount,
        "the log's table \(table.name) is larger than the network's")
      let target = values.columns(column..<column + table.dimension)
      switch log.lookups[index] {
      case .single:
        unsafe kernel_gather(
          table.storage.pointer(at: 0, count: 0), table.record,
          batch.ids[index].pointer(at: positions.lowerBound, count: positions.count),
          target.base, target.stride, positions.count, table.dimension)
      case .list where lookup.pooling == .attention: break
      case .list(let elements, let ends):
        pool(
          positions, of: batch, elements: elements, ends: ends, table: table,
          pooling: lookup.pooling ?? .mean, into: target)
      }
      column += table.dimension
    }
    for (number, isRead) in zip(log.numbers, readsNumber) {
      let target = values.columns(column..<column + 1)
      if isRead { readNumber(number, positions, of: batch, into: target) } else { target.clear() }
      column += 1
    }
  }

  private func pool(
    _ positions: Range<Int>, of batch: BatchRows, elements: Column<Int32>, ends: Column<Int64>,
    table: EmbeddingTable, pooling: InputSchema.Pooling, into target: Matrix
  ) {
    for (row, position) in positions.enumerated() {
      let range = listRange(ends, Int(batch.rows[position]))
      let sum = target.rows(row..<row + 1)
      if pooling == .max {
        unsafe elements.withUnsafeBuffer { ids in
          unsafe kernel_list_max(
            table.storage.pointer(at: 0, count: 0), table.record,
            ids.baseAddress.map { unsafe $0 + range.lowerBound }, range.count, sum.base,
            table.dimension)
        }
        continue
      }
      sum.clear()
      let scale = pooling == .mean && !range.isEmpty ? 1 / Float(range.count) : 1
      for element in range {
        let id = Int(elements[element])
        unsafe kernel_add_scaled(
          sum.base, table.storage.pointer(at: id * table.record, count: table.dimension), scale,
          table.dimension)
      }
    }
  }

  private func readNumber(
    _ number: Column<Float>, _ positions: Range<Int>, of batch: BatchRows, into target: Matrix
  ) {
    let rows = unsafe batch.rows.pointer(at: positions.lowerBound, count: positions.count)
    let base = unsafe target.base
    unsafe number.withUnsafeBuffer { values in
      for row in 0..<positions.count {
        unsafe base[row * target.stride] = values[Int(rows[row])]
      }
    }
  }
}

/// A list whose elements' embeddings stay apart.
public struct ListElements: Sendable {
  /// Its place among the lookups.
  public let lookup: Int
  /// Most elements of a list.
  public let longest: Int
  /// The elements' embeddings, `[elements, dimension]`, list after list.
  package let embeddings: Activation

  /// The lists of a schema that are pooled by attention; `make` makes the activations.
  static func all(
    of schema: InputSchema, _ make: (_ width: Int, _ rows: ActivationRows) -> Activation
  ) -> [ListElements] {
    schema.lookups.enumerated().compactMap { index, lookup in
      lookup.longest.map { longest in
        ListElements(
          lookup: index, longest: longest,
          embeddings: make(
            schema.tables[lookup.table].dimension, .elements(ofLookup: index, longest: longest)))
      }
    }
  }

  /// Writes the elements' embeddings for the given positions of a batch to `values`.
  func read(
    _ positions: Range<Int>, of batch: BatchRows, from column: LookupColumn, table: EmbeddingTable,
    into values: Matrix
  ) {
    guard case .list(let elements, let ends) = column else { return }
    var count = 0
    for position in positions {
      for element in listRange(ends, Int(batch.rows[position])) {
        let id = Int(elements[element])
        let place = values.offset + count * values.stride
        unsafe values.storage.pointer(at: place, count: table.dimension).update(
          from: table.storage.pointer(at: id * table.record, count: table.dimension),
          count: table.dimension)
        count += 1
      }
    }
  }
}

/// The elements of list `row`, where `ends` holds each list's end.
public func listRange(_ ends: Column<Int64>, _ row: Int) -> Range<Int> {
  (row == 0 ? 0 : Int(ends[row - 1]))..<Int(ends[row])
}

extension Workspace {
  /// Writes the values of every input for the given positions of a batch.
  public func readInputs(
    _ positions: Range<Int>, of batch: BatchRows, from log: EncodedLog, weights: Weights
  ) {
    countElements(positions, of: batch, from: log)
    for (index, input) in network.inputs.enumerated() {
      input.read(
        positions, of: batch, from: log, tables: weights.tables[index], into: values(input.output))
      for list in input.lists {
        list.read(
          positions, of: batch, from: log.lookups[list.lookup],
          table: weights.tables[index][input.schema.lookups[list.lookup].table],
          into: values(list.embeddings))
      }
    }
  }
}
