import ArgumentParser

/// Weights of tasks on the command line: `click=0.2,purchase=0.8`.
struct TaskWeights {
  /// By task, as given.
  let values: [String: Double]

  /// Reads weights; whether the model has such tasks, and a use for such numbers, its job says.
  init(_ text: String) throws {
    var values: [String: Double] = [:]
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = entry.split(separator: "=", omittingEmptySubsequences: false)
        .map { String($0.trimmingPrefix(while: \.isWhitespace)) }
      guard parts.count == 2, !parts[0].isEmpty, let weight = Double(parts[1]) else {
        throw ValidationError(
          "--weights \(text): \"\(entry)\" is not TASK=NUMBER, as in click=0.2,purchase=0.8")
      }
      guard values.updateValue(weight, forKey: parts[0]) == nil else {
        throw ValidationError("--weights \(text): \(parts[0]) has two weights")
      }
    }
    self.values = values
  }

  /// What the option is for.
  static let help = ArgumentHelp(
    "What each task counts to a model trained with combiner.kind=conditioned (default: the same).",
    valueName: "task=number,…")

  /// Shares as a table tells them, in the order of their names.
  static func text(_ shares: [String: Double]) -> String {
    shares.keys.sorted().map { "\($0) \(Text.number(shares[$0] ?? 0, digits: 3))" }
      .joined(separator: ", ")
  }
}
