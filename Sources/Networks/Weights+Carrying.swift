public import Interactions
internal import Matrices
internal import Randomness

extension Weights {
  /// The numbers for a network of the same form whose tables have other rows, as a next night's has.
  ///
  /// Dense parameters, rows of known ids and the moments of both are copied. A new id's row starts as
  /// a fresh one does, drawn from the seed and the id alone, with moments of zero.
  ///
  /// - Parameters:
  ///   - network: Differs from this one's in the row counts of its tables at most.
  ///   - rowMaps: Which row goes on from which, for each table of the inputs' schema.
  ///   - seed: Fixes the rows of new ids.
  ///   - embeddingDeviation: The standard deviation of new rows.
  /// - Returns: Weights that share nothing with these.
  public func carried(
    into network: Network, along rowMaps: [RowMap], seed: UInt64,
    embeddingDeviation: Double = Weights.usualEmbeddingDeviation
  ) -> Weights {
    precondition(
      network.parameters.map(\.name) == self.network.parameters.map(\.name)
        && network.parameters.map(\.range) == self.network.parameters.map(\.range),
      "a network of another form")
    let result = Weights(network: network, momentCount: denseMoments.count, seed: nil)
    let targets = [result.dense.storage] + result.denseMoments
    for (target, source) in zip(targets, [dense.storage] + denseMoments) {
      target.copy(0..<source.count, of: source, to: 0)
    }
    for (block, blockTables) in result.tables.enumerated() {
      precondition(blockTables.count == rowMaps.count, "\(rowMaps.count) row maps")
      for (index, table) in blockTables.enumerated() {
        table.carry(tables[block][index], along: rowMaps[index], deviation: embeddingDeviation) {
          .derived(from: seed, for: 3, UInt64(block), UInt64(index), $0)
        }
      }
    }
    return result
  }
}

extension EmbeddingTable {
  /// Takes over the rows of a former table; `generator` makes that of a new id from its hash.
  fileprivate func carry(
    _ former: EmbeddingTable, along map: RowMap, deviation: Double,
    generator: (_ hash: UInt64) -> SplitMix64
  ) {
    precondition(map.rowCount == rowCount && former.record == record, "a map of another table")
    map.forEach { row, formerRow in
      storage.copy(
        formerRow * record..<(formerRow + 1) * record, of: former.storage, to: row * record)
    } new: { row, hash in
      var generator = generator(hash)
      initialise(rows: row..<row + 1, deviation: deviation, using: &generator)
    }
  }
}
