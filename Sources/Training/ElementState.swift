internal import Combiners
public import Matrices
internal import Networks

/// The numbers that an element-wise combiner keeps for every element of the shared parameters and each
/// task, zero at first.
///
/// A parameter has `taskCount · stateCount` rows as long as itself; an embedding row has as many of its
/// dimension, one after another. Memory of embedding rows that no step touches is never filled.
public final class ElementState: Sendable {
  let rowCount: Int
  private let network: Network
  private let dense: FloatStorage
  /// `[input][table]`.
  private let tables: [[FloatStorage]]
  private let names: [[String]]

  /// Nil where the combiner keeps nothing.
  init?(for combining: Combining, weights: Weights) {
    guard case .elements(let combiner, let scope) = combining, combiner.stateCount > 0 else {
      return nil
    }
    network = weights.network
    rowCount = combiner.stateCount * network.taskCount
    let rows = rowCount
    dense = FloatStorage(count: network.parameterCount * rows)
    tables = weights.tables.map {
      $0.map { FloatStorage(count: scope == .dense ? 0 : $0.rowCount * $0.dimension * rows) }
    }
    names = weights.tables.map { $0.map(\.name) }
  }

  /// Elements between the rows of a parameter's state.
  func stride(ofParameter index: Int) -> Int { network.parameters[index].count }

  /// The first row of a parameter's state, from its element `offset` on.
  func pointer(toParameter index: Int, at offset: Int) -> UnsafeMutablePointer<Float> {
    let parameter = network.parameters[index]
    return unsafe dense.pointer(
      at: parameter.offset * rowCount + offset,
      count: parameter.count * rowCount - offset)
  }

  /// The state of an embedding row.
  func pointer(
    toRow row: Int, ofTable table: Int, input: Int, dimension: Int
  ) -> UnsafeMutablePointer<Float> {
    unsafe tables[input][table].pointer(
      at: row * rowCount * dimension, count: rowCount * dimension)
  }

  /// All numbers under names, for checkpoints and copies.
  public var storages: [(name: String, storage: FloatStorage)] {
    [("dense", dense)]
      + zip(names.joined(), tables.joined()).map { ("table/\($0)", $1) }
  }
}
