/// Why values to search over make no sense.
public enum SearchSpaceError: Error, Equatable, CustomStringConvertible {
  /// Not of the form `path=values`.
  case notASearch(String)
  /// The ends are no two numbers.
  case badInterval(path: String, found: String)
  /// The first end is not below the second.
  case emptyInterval(path: String, found: String)
  /// Logarithms of numbers that have none.
  case noLogarithm(path: String, found: String)
  /// Nothing between two commas.
  case emptyChoice(path: String)
  /// A bracket or quote that nothing closes, or a bracket that nothing opens.
  case openBracket(path: String, found: String)
  /// A single value.
  case nothingToChoose(path: String, only: String)
  case repeatedChoice(path: String, choice: String)
  /// Two dimensions set the same key, or one a part of what the other sets.
  case overlap(String, String)
  /// No dimensions.
  case empty
  /// A value that the configuration doesn't take.
  case unfit(path: String, value: String, reason: String)
  /// A key that changes more than how a model is trained.
  case notTraining(path: String)

  /// One line to act on.
  public var description: String {
    switch self {
    case .notASearch(let text):
      "--search \(text): not path=values, as in network.dropout=0..0.5 or network.experts=2,4,8"
    case .badInterval(let path, let found):
      "--search \(path): \(found) is not an interval of two numbers, as in 0..0.5 or log:1e-4..1e-2"
        + (found.contains(",") ? "; nothing is chosen beside an interval" : "")
    case .emptyInterval(let path, let found):
      "--search \(path): \(found) is empty; the first end must be below the second"
    case .noLogarithm(let path, let found):
      "--search \(path): \(found) has no logarithms; both ends must be above 0"
    case .emptyChoice(let path): "--search \(path): a choice between two commas is empty"
    case .openBracket(let path, let found):
      "--search \(path): brackets and quotes of \(found) don't close"
    case .nothingToChoose(let path, let only):
      only.hasPrefix("[")
        ? "--search \(path): \(only) is one value, a list; without its brackets it is a choice"
        : "--search \(path): \(only) is the only value; --set \(path)=\(only) sets it"
    case .repeatedChoice(let path, let choice): "--search \(path): \(choice) stands there twice"
    case .overlap(let path, let other):
      path == other
        ? "--search \(path): stands there twice; join its values"
        : "--search \(path): \(other), which is searched too, is a part of it"
    case .unfit(let path, let value, let reason):
      "--search \(path): \(value) does not fit: \(reason)"
    case .notTraining(let path):
      "--search \(path): all trials train on the same encoded rows, so a search takes keys of "
        + "network, combiner, optimizer and training, and of tasks weight, learning_rate, "
        + "label_smoothing and reads"
    case .empty: "there is nothing to search over; name keys by --search path=values"
    }
  }
}
