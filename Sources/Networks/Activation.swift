/// A value that a network computes for every row: the output of one layer, the input of others.
///
/// Activations that are computed together lie side by side in one buffer, so that one product can
/// fill them.
public struct Activation: Sendable, Hashable {
  /// Its position among the network's activations.
  package let id: Int
  /// Which of the network's buffers holds it.
  package let buffer: Int
  /// Its first column in the buffer.
  package let firstColumn: Int
  /// Floats a row.
  public let width: Int

  package var columns: Range<Int> { firstColumn..<firstColumn + width }

  /// Whether both are, in part at least, the same columns of a buffer.
  func overlaps(_ other: Activation) -> Bool {
    buffer == other.buffer && columns.overlaps(other.columns)
  }
}

/// A matrix of activations that share their rows.
package struct ActivationBuffer: Sendable {
  package var width: Int
  /// Leading columns that receive slopes; the rest are constants such as numbers of the input.
  package var slopeWidth: Int
  /// What its rows are.
  package var rows = ActivationRows.impressions
  /// The tasks whose losses depend on any of its columns, ascending.
  package var tasks: [Int] = []

  /// One row stands for all rows of a pass: what a network makes of the preference.
  package var hasOneRow: Bool { rows == .one }
}

/// What the rows of activations are.
package enum ActivationRows: Sendable, Hashable {
  /// One for each impression of a micro-batch.
  case impressions
  /// One that stands for all.
  case one
  /// One for each element of the lists of a lookup, list after list, `longest` a list at most.
  case elements(ofLookup: Int, longest: Int)

  /// Most rows for each impression.
  var perImpression: Int {
    if case .elements(_, let longest) = self { longest } else { 1 }
  }
}

/// What a dense layer applies after its product.
public enum ActivationFunction: String, Codable, Sendable, CaseIterable {
  case linear, relu, gelu
  /// `x / (1 + exp(−x))` (Ramachandran, Zoph, Le: *Searching for Activation Functions*, 2017).
  case swish

  /// Whether its slope is found by what goes into it, instead of by what comes out.
  var keepsInput: Bool { self == .gelu || self == .swish }

  /// Those that may follow a hidden layer; without one, neighbouring layers would be a single one.
  public static var hidden: [ActivationFunction] { allCases.filter { $0 != .linear } }
}
