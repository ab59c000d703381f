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
  /// A method that takes the logarithm of losses or divides by them was given one that is not above 0.
  case lossNotPositive(task: Int, loss: Double, combiner: String)

  public var description: String {
    switch self {
    case .badSetting(let name, let value, let expected):
      "combiner.\(name): \(value) is not \(expected)"
    case .unknownTask(let name, let known):
      "combiner: there is no task \"\(name)\"; the tasks are \(known.joined(separator: ", "))"
    case .missingSetting(let name, let combiner):
      "combiner: \(combiner) needs the setting \"\(name)\""
    case .unusedSetting(let name, let combiner, let taken):
      "combiner.\(name): \(combiner) "
        + (taken.isEmpty ? "takes no settings" : "takes only \(taken.joined(separator: ", "))")
    case .lossNotPositive(let task, let loss, let combiner):
      "combiner: \(combiner) can't use a loss of \(SettingValue.number(loss)), which task \(task), "
        + "counted from 0, has; it must be above 0 and any bound that is set"
    }
  }

  /// Refuses a setting that `holds` is false of, or that is no finite number.
  static func check(
    _ value: Double, named setting: CombinerSetting, _ expected: String,
    _ holds: (Double) -> Bool
  ) throws(CombinerError) {
    guard value.isFinite, holds(value) else {
      throw .badSetting(name: setting.rawValue, value: "\(value)", expected: expected)
    }
  }

  /// Refuses the number of a task that there is not.
  static func check(
    _ task: Int, named setting: CombinerSetting, in taskCount: Int
  ) throws(CombinerError) {
    guard (0..<taskCount).contains(task) else {
      throw .badSetting(
        name: setting.rawValue, value: "\(task)", expected: "one of the \(taskCount) tasks")
    }
  }
}
