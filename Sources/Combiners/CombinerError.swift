/// Why a combiner could not be made or could not answer.
public enum CombinerError: Error, Equatable, CustomStringConvertible {
  /// A setting lies outside its range.
  case badSetting(name: String, value: String, expected: String)
  /// A setting names a task that the run does not have.
  case unknownTask(String, known: [String])
  /// A setting that a method can't do without is missing.
  case missingSetting(name: String, combiner: String)
  /// A setting that this method has no use for, and those that it takes.
  case unusedSetting(name: String, combiner: String, taken: [String])

  public var description: String {
    switch self {
    case .badSetting(let name, let value, let expected):
      "combiner.\(name): \(value) is not \(expected)"
    case .unknownTask(let name, let known):
      "combiner: there is no task \"\(name)\"; the tasks are \(known.joined(separator: ", "))"
    case .missingSetting(let name, let combiner):
      "combiner: \(combiner) needs the setting \(name)"
    case .unusedSetting(let name, let combiner, let taken):
      "combiner.\(name): \(combiner) "
        + (taken.isEmpty ? "takes no settings" : "takes only \(taken.joined(separator: ", "))")
    }
  }
}
