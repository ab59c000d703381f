import Foundation

/// A study's test AUC by method and task, with intervals over the seeds.
struct StudyTable {
  let results: StudyResults
  let methods: [String]
  let tasks: [String]

  /// The 97.5 % point of Student's t with four degrees of freedom: five seeds.
  private static let studentT = 2.776

  /// A Markdown table.
  ///
  /// Each AUC is the mean over the seeds ± half of its 95 % interval; a sign says that the mean
  /// difference to static weights, seed by seed, has an interval that leaves out zero.
  var markdown: String {
    var text = "| method | learning rate | weight decay | "
    text += tasks.joined(separator: " | ") + " | mean |\n"
    text += "| --- | --- | --- |" + String(repeating: " --- |", count: tasks.count + 1) + "\n"
    let plain = results.outcomes(of: "static", seeds: CombinerStudy.seeds)
    for method in methods { text += line(method, plain) }
    return text
  }

  private func line(_ method: String, _ plain: [UInt64: StudyResults.Outcome]) -> String {
    guard let best = results.best(of: method, seed: CombinerStudy.tuningSeed) else {
      return "| \(method) | failed |" + String(repeating: " |", count: tasks.count + 2) + "\n"
    }
    let outcomes = results.outcomes(of: method, seeds: CombinerStudy.seeds)
    let measures: [(StudyResults.Outcome) -> Double?] =
      tasks.map { task in { $0.test[task] } } + [
        { outcome in outcome.test.values.reduce(0, +) / Double(max(outcome.test.count, 1)) }
      ]
    let cells = measures.map { measure in
      let values = outcomes.values.compactMap(measure)
      let differences = outcomes.compactMap { seed, outcome -> Double? in
        guard let other = plain[seed].flatMap(measure), let own = measure(outcome) else {
          return nil
        }
        return own - other
      }
      let (mean, half) = Self.interval(values)
      let (difference, differenceHalf) = Self.interval(differences)
      let sign =
        method == "static" || abs(difference) <= differenceHalf || differenceHalf.isNaN
        ? "" : difference > 0 ? " **+**" : " **−**"
      return String(format: "%.4f ± %.4f", mean, half) + sign
    }
    return "| \(method) | \(best.rate) | \(best.decay) | \(cells.joined(separator: " | ")) |\n"
  }

  /// The mean and half of its 95 % interval.
  private static func interval(_ values: [Double]) -> (mean: Double, half: Double) {
    let count = Double(values.count)
    guard count > 1 else { return (values.first ?? .nan, .nan) }
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return (mean, studentT * (variance / count).squareRoot())
  }
}
