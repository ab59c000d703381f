import Foundation

/// Writes measurements to standard output, tab-separated, as they come.
struct Report {
  func comment(_ text: String) { write("# \(text)") }

  func header() { write("subject\tmeasurement\tunit\tbest\tmedian\trounds") }

  /// Adds what rounds of one work came to.
  func add(_ subject: Subject, _ measurement: String, _ unit: String, _ rounds: Rounds) {
    add(
      subject, measurement, unit, best: rounds.best, median: rounds.median,
      rounds: rounds.values.count)
  }

  /// Adds how many times faster `ours` is: the ratio of the best rounds and that of the medians.
  func addRatio(_ subject: Subject, _ measurement: String, _ ours: Rounds, to other: Rounds) {
    add(
      subject, measurement, "times", best: ours.best / other.best,
      median: ours.median / other.median, rounds: ours.values.count)
  }

  /// Adds a single number.
  func add(_ subject: Subject, _ measurement: String, _ unit: String, value: Double) {
    add(subject, measurement, unit, best: value, median: value, rounds: 1)
  }

  private func add(
    _ subject: Subject, _ measurement: String, _ unit: String, best: Double, median: Double,
    rounds: Int
  ) {
    let numbers = [best, median].map(Self.text) + ["\(rounds)"]
    write(([subject.rawValue, measurement, unit] + numbers).joined(separator: "\t"))
  }

  /// Three digits after the point below 100, none above.
  private static func text(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    return value < 100 ? String(format: "%.3f", value) : "\(Int(value.rounded()))"
  }

  private func write(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}
