/// One weight matrix or bias of a network, a range of the flat vector of dense parameters.
///
/// Weights are `[rows, columns]` = `[outputs, inputs]`, row-major; a bias is `[1, outputs]`.
public struct Parameter: Sendable {
  public let name: String
  /// First element in the flat parameter vector.
  public let offset: Int
  public let rows: Int
  public let columns: Int
  public let initialisation: Initialisation
  /// The activation that it helps to compute; the tasks behind that are the parameter's tasks.
  package let serves: Activation
  /// The tasks whose losses depend on it, ascending.
  public internal(set) var tasks: [Int] = []

  public var count: Int { rows * columns }
  public var range: Range<Int> { offset..<offset + count }
  /// Two or more task losses reach it, so that combiners act on it.
  public var isShared: Bool { tasks.count > 1 }
  /// A bias, which weight decay leaves alone.
  public let isBias: Bool
  /// It tells the network of the preference; without it the network is the unconditioned one.
  public let isConditioning: Bool

  /// How a parameter starts.
  public enum Initialisation: Sendable, Equatable {
    case zero
    /// Normal with variance `2 / inputs`, for ReLU and its like (He, Zhang, Ren, Sun: *Delving Deep into
    /// Rectifiers*, ICCV 2015, equation 10).
    case he
    /// Uniform within ±√(6 / (inputs + outputs)) (Glorot, Bengio: *Understanding the Difficulty of
    /// Training Deep Feedforward Neural Networks*, AISTATS 2010, equation 16).
    case glorot
    /// Uniform within ± this.
    case uniform(Float)
    /// These.
    case values([Float])
  }
}
