import Glibc

/// A key of the configuration and the values that a search may give it.
///
/// It is written as `path=values`: `network.dropout=0..0.5` is an interval, `log:1e-4..1e-2` one whose
/// logarithms are evenly likely, `training.epochs=1..4` whole numbers where both ends are written without
/// point and exponent, and `network.architecture=mmoe,stem` a choice.
public struct SearchDimension: Sendable, Equatable {
  /// What values there are.
  public enum Values: Sendable, Equatable {
    /// Real numbers between two ends, `low < high`; both above 0 where their logarithms count.
    case real(low: Double, high: Double, isLogarithmic: Bool)
    /// Whole numbers from one end to the other, both included.
    case whole(low: Int, high: Int, isLogarithmic: Bool)
    /// Texts as a configuration has them; two at least, all different.
    case choice([String])
  }

  /// Keys joined by points, as `--set` takes it.
  public let path: String
  public let values: Values

  /// Reads `path=values`.
  public init(_ text: String) throws(SearchSpaceError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      .map(Self.trimmed)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw .notASearch(text)
    }
    path = parts[0]
    values = try Self.values(parts[1], of: path)
  }

  /// Values that stand for all of them when a configuration is checked: the ends, or every choice.
  public var probes: [String] {
    switch values {
    case .real(let low, let high, _): [Self.text(low), Self.text(high)]
    case .whole(let low, let high, _): ["\(low)", "\(high)"]
    case .choice(let texts): texts
    }
  }

  // MARK: Reading

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  private static func values(
    _ text: String, of path: String
  ) throws(SearchSpaceError) -> Values {
    let isLogarithmic = text.hasPrefix("log:")
    let range = isLogarithmic ? String(text.dropFirst(4)) : text
    if let dots = range.firstRange(of: "..") {
      return try interval(
        trimmed(range[..<dots.lowerBound]), trimmed(range[dots.upperBound...]), isLogarithmic,
        of: path)
    }
    guard !isLogarithmic else { throw .badInterval(path: path, found: text) }
    let ends = text.split(separator: ":", omittingEmptySubsequences: false).map(trimmed)
    guard ends.count < 2 || ends.contains(where: { Double($0) == nil }) else {
      throw .badInterval(path: path, found: text)
    }
    guard let choices = elements(of: text) else { throw .openBracket(path: path, found: text) }
    guard !choices.contains("") else { throw .emptyChoice(path: path) }
    guard choices.count > 1 else { throw .nothingToChoose(path: path, only: text) }
    for (index, choice) in choices.enumerated() where choices[..<index].contains(choice) {
      throw .repeatedChoice(path: path, choice: choice)
    }
    return .choice(choices)
  }

  private static func interval(
    _ first: String, _ last: String, _ isLogarithmic: Bool, of path: String
  ) throws(SearchSpaceError) -> Values {
    let found = "\(first)..\(last)"
    guard let low = Double(first), let high = Double(last), low.isFinite, high.isFinite else {
      throw .badInterval(path: path, found: found)
    }
    guard low < high else { throw .emptyInterval(path: path, found: found) }
    guard !isLogarithmic || low > 0 else { throw .noLogarithm(path: path, found: found) }
    if let low = Int(first), let high = Int(last) {
      guard max(low.magnitude, high.magnitude) < 1 << 53 else {
        throw .badInterval(path: path, found: found)
      }
      return .whole(low: low, high: high, isLogarithmic: isLogarithmic)
    }
    return .real(low: low, high: high, isLogarithmic: isLogarithmic)
  }

  /// The parts between commas that stand in no bracket and no quotes; nil where those don't close.
  private static func elements(of text: String) -> [String]? {
    var elements: [Substring] = []
    var depth = 0
    var quote: Character?
    var start = text.startIndex
    for index in text.indices {
      let character = text[index]
      if let open = quote {
        if character == open { quote = nil }
        continue
      }
      switch character {
      case "\"", "'": quote = character
      case "[", "{": depth += 1
      case "]", "}":
        depth -= 1
        guard depth >= 0 else { return nil }
      case "," where depth == 0:
        elements.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
    }
    guard depth == 0, quote == nil else { return nil }
    return (elements + [text[start...]]).map(trimmed)
  }
}

extension SearchDimension {
  /// Where a value lies: a number in `0...1` for intervals, the position of a choice.
  ///
  /// Whole numbers have equal shares of `0...1`, or of its logarithms.
  public typealias Coordinate = Double

  /// How many choices there are; nil for intervals.
  var choiceCount: Int? { if case .choice(let texts) = values { texts.count } else { nil } }

  /// How many values there are; nil for real numbers.
  var valueCount: Int? {
    switch values {
    case .real: nil
    case .whole(let low, let high, _): high - low + 1
    case .choice(let texts): texts.count
    }
  }

  /// The value at a coordinate, as a configuration has it; real numbers have four significant digits.
  func text(at coordinate: Coordinate) -> String {
    switch values {
    case .choice(let texts): return texts[Int(coordinate)]
    case .whole(let low, let high, _):
      return "\(min(max(Int(number(at: coordinate).rounded()), low), high))"
    case .real(let low, let high, _):
      return Self.text(min(max(Self.rounded(number(at: coordinate)), low), high))
    }
  }

  /// The number at a coordinate of an interval.
  private func number(at coordinate: Coordinate) -> Double {
    guard let (low, high, isLogarithmic) = ends else {
      preconditionFailure("\(path) has no numbers")
    }
    guard isLogarithmic else { return low + coordinate * (high - low) }
    return exp(log(low) + coordinate * (log(high) - log(low)))
  }

  /// The ends of an interval; those of whole numbers are half a number farther apart at either side.
  private var ends: (low: Double, high: Double, isLogarithmic: Bool)? {
    switch values {
    case .choice: nil
    case .real(let low, let high, let isLogarithmic): (low, high, isLogarithmic)
    case .whole(let low, let high, let isLogarithmic):
      (Double(low) - 0.5, Double(high) + 0.5, isLogarithmic)
    }
  }

  private static func rounded(_ value: Double) -> Double {
    guard value != 0 else { return 0 }
    let unit = pow(10, floor(log10(abs(value))) - 3)
    // Dividing by a power of ten gives the decimal number that is meant; multiplying doesn't.
    return unit < 1
      ? (value / unit).rounded() / (1 / unit).rounded() : (value / unit).rounded() * unit
  }

  /// The shortest decimal that reads as the number, as in `0.0001` or `5e-07`.
  private static func text(_ value: Double) -> String { "\(value)" }
}
