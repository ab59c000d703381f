/// Why no point of a frontier was picked.
public enum PickError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A part of the rule that can't be read.
  case unreadable(part: String, expected: String)
  /// A task that the log doesn't have.
  case unknownTask(String, known: [String], suggestion: String?)
  /// The wrong direction for the measure.
  case wrongDirection(part: String, expected: String)
  /// There is no goal, or more than one.
  case goals(count: Int, word: String)
  /// No point meets all conditions.
  case nothingFits([Miss])

  /// How close the points came to a condition.
  public struct Miss: Equatable, Sendable {
    public var task: String
    /// What the condition asks for.
    public var bound: Double
    /// The task's best value of any point.
    public var best: Double?
    /// The task's value of the point that comes closest to meeting all conditions.
    public var nearest: Double?
  }

  /// One line.
  public var description: String {
    switch self {
    case .unreadable(let part, let expected): "pick: '\(part)' is not \(expected)"
    case .unknownTask(let name, let known, let suggestion):
      "pick: there is no task \(name)"
        + (suggestion.map { "; did you mean \($0)?" }
          ?? "; there are \(known.joined(separator: ", "))")
    case .wrongDirection(let part, let expected): "pick: '\(part)': \(expected)"
    case .goals(let count, let word):
      "pick: \(count == 0 ? "there is no goal" : "there are \(count) goals"); "
        + "give exactly one, as in \(word) click"
    case .nothingFits(let misses):
      "pick: no point of the frontier fits; the closest has "
        + misses.map { miss in
          "\(miss.task) \(Self.text(miss.nearest)) for \(Self.text(miss.bound)) "
            + "(best of any \(Self.text(miss.best)))"
        }.joined(separator: ", ")
    }
  }

  /// Five decimals, without zeros at the end.
  private static func text(_ value: Double?) -> String {
    guard let value, value.isFinite, abs(value) < 1e9 else { return "unknown" }
    return "\((value * 1e5).rounded() / 1e5)"
  }
}
