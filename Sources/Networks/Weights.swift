import Glibc
internal import Interactions
public import Matrices
internal import Randomness

/// The dense parameters of a network, one flat vector.
public struct DenseWeights: Sendable {
  public let network: Network
  /// `[parameterCount]`.
  public let storage: FloatStorage
  /// Weight matrices once more, transposed: products with these are faster.
  ///
  /// Written by ``Layer/prepare(weights:)``, so one engine at a time may use these weights.
  private let transposed: FloatStorage

  init(network: Network) {
    self.network = network
    storage = FloatStorage(count: network.parameterCount)
    transposed = FloatStorage(count: network.parameterCount)
  }

  /// Gets every layer's weights ready for passes after a change.
  public func prepare() {
    for layer in network.layers { layer.prepare(weights: self) }
  }

  /// The neighbouring parameters `indices`, transposed: `[columns, rows]`.
  func transposedMatrix(_ indices: [Int]) -> Matrix {
    let matrix = matrix(indices)
    return Matrix(
      storage: transposed, offset: matrix.offset, rows: matrix.columns, columns: matrix.rows,
      stride: matrix.rows)
  }

  /// The neighbouring parameters `indices` as one matrix.
  public func matrix(_ indices: [Int]) -> Matrix { network.matrix(indices, in: storage) }
}

extension Network {
  /// Neighbouring parameters of equal columns in a flat vector, as one matrix.
  func matrix(_ indices: [Int], in storage: FloatStorage) -> Matrix {
    let first = parameters[indices[0]]
    let last = parameters[indices[indices.count - 1]]
    let rows = (last.range.upperBound - first.offset) / first.columns
    return Matrix(
      storage: storage, offset: first.offset, rows: rows, columns: first.columns,
      stride: first.columns)
  }
}

/// All numbers that training changes: dense parameters, embedding tables, and room beside each for
/// the optimizer's moments.
public final class Weights: Sendable {
  public let network: Network
  public let dense: DenseWeights
  /// The optimizer's moments of the dense parameters, `[parameterCount]` each.
  public let denseMoments: [FloatStorage]
  /// The tables of each input block.
  public let tables: [[EmbeddingTable]]

  /// The standard deviation of fresh embeddings, unless told otherwise.
  public static let usualEmbeddingDeviation = 0.01

  /// Creates initial weights; equal seeds give equal weights, and nil leaves all at zero, to be read.
  ///
  /// Embeddings start uniform with mean 0 and standard deviation `embeddingDeviation`. What an id of
  /// few rows starts from it keeps, so large values are noise that the network learns by heart: see
  /// `fixtures/kuairand/README.md` for the measurements behind the default.
  public init(
    network: Network, momentCount: Int, seed: UInt64?,
    embeddingDeviation: Double = Weights.usualEmbeddingDeviation
  ) {
    self.network = network
    dense = DenseWeights(network: network)
    denseMoments = (0..<momentCount).map { _ in FloatStorage(count: network.parameterCount) }
    tables = network.inputs.map { input in
      input.schema.tables.map { table in
        EmbeddingTable(
          name: input.prefix + table.name, rowCount: table.rowCount, dimension: table.dimension,
          momentCount: momentCount)
      }
    }
    if let seed { initialise(seed: seed, embeddingDeviation: embeddingDeviation) }
  }

  private func initialise(seed: UInt64, embeddingDeviation: Double) {
    // Conditioning is drawn apart, so that all else starts as in the unconditioned network.
    var drawn: (plain: UInt64, conditioning: UInt64) = (0, 0)
    for parameter in network.parameters {
      var generator: SplitMix64
      if parameter.isConditioning {
        generator = .derived(from: seed, for: 2, drawn.conditioning)
        drawn.conditioning += 1
      } else {
        generator = .derived(from: seed, for: 0, drawn.plain)
        drawn.plain += 1
      }
      switch parameter.initialisation {
      case .zero: break
      case .he:
        let deviation = (2 / Double(parameter.columns)).squareRoot()
        for element in parameter.range {
          dense.storage[element] = Float(generator.normal() * deviation)
        }
      case .values(let values):
        for (element, value) in zip(parameter.range, values) { dense.storage[element] = value }
      case .uniform(let bound):
        for element in parameter.range {
          dense.storage[element] = Float(2 * generator.uniform() - 1) * bound
        }
      case .glorot:
        let bound = (6 / Double(parameter.rows + parameter.columns)).squareRoot()
        for element in parameter.range {
          dense.storage[element] = Float((2 * generator.uniform() - 1) * bound)
        }
      }
    }
    for (block, blockTables) in tables.enumerated() {
      for (index, table) in blockTables.enumerated() {
        var generator = SplitMix64.derived(from: seed, for: 1, UInt64(block), UInt64(index))
        table.initialise(
          rows: 0..<table.rowCount, deviation: embeddingDeviation, using: &generator)
      }
    }
  }

  /// Whether no weight has overflowed or become no number.
  public var areFinite: Bool {
    let matrices =
      [
        Matrix(
          storage: dense.storage, offset: 0, rows: 1, columns: dense.storage.count,
          stride: dense.storage.count)
      ] + tables.joined().map(\.values)
    return matrices.allSatisfy(\.isFinite)
  }

  /// Sets the bias of each task's logit, so that training starts from the tasks' base rates.
  ///
  /// `rates` are shares of positives in `0...1`; those of 0 and 1 count as one in a million away. Where a
  /// tower computes a probability given the task before, its bias gets the ratio of the two rates.
  public func setBaseRates(_ rates: [Double]) {
    precondition(rates.count == network.taskCount)
    for (place, rate) in zip(network.baseRates, rates) {
      let given = place.given.map { max(rates[$0], 1e-6) } ?? 1
      for parameter in network.parameters
      where parameter.serves == place.logit && parameter.isBias {
        let share = min(max(rate / given, 1e-6), 1 - 1e-6)
        dense.storage[parameter.offset] = Float(log(share / (1 - share)))
      }
    }
  }
}
