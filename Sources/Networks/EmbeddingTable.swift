internal import CKernels
public import Matrices
internal import Randomness

/// Rows of learned numbers, one for each id, each beside its optimizer moments.
///
/// Row `r` is a record of `dimension · (1 + momentCount)` floats: the embedding, then each moment. A
/// step touches few rows of a large table, and so finds all it needs of a row in one place.
public final class EmbeddingTable: Sendable {
  public let name: String
  public let rowCount: Int
  public let dimension: Int
  public let momentCount: Int
  public let storage: FloatStorage

  /// Floats from one row to the next.
  public var record: Int { dimension * (1 + momentCount) }

  public init(name: String, rowCount: Int, dimension: Int, momentCount: Int) {
    precondition(rowCount > 0 && dimension > 0, "a table of \(rowCount)×\(dimension)")
    self.name = name
    self.rowCount = rowCount
    self.dimension = dimension
    self.momentCount = momentCount
    storage = FloatStorage(count: rowCount * dimension * (1 + momentCount))
  }

  /// The embeddings, `[rowCount, dimension]`, as a strided view.
  public var values: Matrix {
    Matrix(storage: storage, offset: 0, rows: rowCount, columns: dimension, stride: record)
  }

  /// Moment number `index` of every row, `[rowCount, dimension]`, as a strided view.
  public func moments(_ index: Int) -> Matrix {
    Matrix(
      storage: storage, offset: dimension * (1 + index), rows: rowCount, columns: dimension,
      stride: record)
  }

  func initialise(rows: Range<Int>, deviation: Double, using generator: inout SplitMix64) {
    let bound = 3.0.squareRoot() * deviation
    for row in rows {
      let values = unsafe storage.pointer(at: row * record, count: dimension)
      for column in 0..<dimension {
        unsafe values[column] = Float((2 * generator.uniform() - 1) * bound)
      }
    }
  }
}
