/// A part of a split log, named as everywhere: in configurations, reports and model files.
public enum SplitPart: String, CaseIterable, Codable, Sendable {
  /// What the model learns from.
  case train
  /// What chooses between models and ends training.
  case validation
  /// What nothing was chosen by.
  case test
}

/// The rows of each part of a split.
public struct SplitRows: Sendable {
  public var train: RowSelection
  public var validation: RowSelection
  public var test: RowSelection

  /// The rows of one part.
  public subscript(part: SplitPart) -> RowSelection {
    switch part {
    case .train: train
    case .validation: validation
    case .test: test
    }
  }
}
