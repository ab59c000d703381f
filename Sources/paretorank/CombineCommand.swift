import ArgumentParser
import Combiners
import Foundation
import RunConfiguration

/// `paretorank combine`.
struct CombineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "combine",
    abstract: "Shows what a combiner makes of given task gradients.",
    discussion: """
      Reads gradients, a row a task, from standard input: lines of numbers, or JSON with \
      jacobian, and where wanted losses (1 each if left out), second_half (for methods that \
      compare two halves of a batch) and steps, a list of such steps that came before. In JSON a row of \
      null is a task without labels in that step. Writes the tasks' weights, where the method \
      has such, and the combined gradient. Tasks are named by their numbers, from 0.

        echo '{"jacobian": [[3,0,0], [-1,2,0], [1,-1,1]]}' | paretorank combine --combiner pcgrad
        paretorank combine --combiner metabalance --main 0 --set relax=1 < gradients.csv
      """)

  @Option(help: "The combiner, as paretorank combiners names it (default: the configuration's).")
  var combiner: String?

  @Option(
    help: ArgumentHelp(
      "The number of the main task, from 0, for methods that have one.",
      valueName: "task"))
  var main: Int?

  @Option(help: "Fixes what a method draws at random.")
  var seed: UInt64 = 7

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A setting of the combiner, as in --set beta=0.5 or --set weights=1,2,0.5; repeatable.",
      valueName: "key=value"))
  var assignments: [String] = []

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "Take the combiner and its settings from this run configuration.", valueName: "file"))
  var path: String?

  @Option(help: "What to write to standard output.")
  var format: OutputFormat = .table

  @OptionGroup var logs: LogOptions

  /// What goes to standard output as JSON.
  struct Answer: Encodable {
    /// Null for methods that combine element by element, and for absent tasks.
    var weights: [Double?]?
    var combined: [Double]

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(weights, forKey: .weights)
      try container.encode(combined, forKey: .combined)
    }

    private enum CodingKeys: String, CodingKey { case weights, combined }
  }

  func run() throws {
    let given = try configured()
    let input = try GradientInput(FileHandle.standardInput.readToEnd() ?? Data())
    let names = given.taskNames ?? (0..<input.taskCount).map(String.init)
    guard names.count == input.taskCount else {
      throw ValidationError(
        "\(input.taskCount) rows of gradients for \(names.count) tasks of the configuration")
    }
    var settings = given.settings
    if let main {
      guard names.indices.contains(main) else {
        throw ValidationError("--main \(main): the tasks are numbered 0 to \(names.count - 1)")
      }
      settings[.main] = .text(names[main])
    }
    for assignment in assignments {
      let (setting, value) = try self.setting(assignment, of: given.kind, taskNames: names)
      settings[setting] = value
    }
    var trial = CombinerTrial(
      try given.kind.make(settings: settings, taskNames: names, seed: seed),
      taskCount: input.taskCount)
    func answer(to step: GradientInput.Step) throws -> CombinerTrial.Answer {
      let tasks = step.tasks
      return try trial.step(
        tasks.compactMap { step.jacobian[$0] },
        secondHalf: step.secondHalf.map { half in tasks.compactMap { half[$0] } }, tasks: tasks,
        losses: tasks.map { step.losses?[$0] ?? 1 })
    }
    for step in input.earlier { _ = try answer(to: step) }
    try write(answer(to: input.last), names: names, input.last)
  }

  // MARK: Reading

  private struct Configured {
    var kind: CombinerKind
    var settings = CombinerSettings()
    var taskNames: [String]?
  }

  /// The combiner that is named, or that of the configuration.
  private func configured() throws -> Configured {
    if let combiner { return Configured(kind: try CombinerKind.meant(by: combiner)) }
    guard path != nil || FileManager.default.fileExists(atPath: CommonOptions.defaultPath) else {
      throw ValidationError("--combiner NAME is missing; paretorank combiners lists them")
    }
    let run = try RunConfiguration.load(path: path ?? CommonOptions.defaultPath)
    return Configured(
      kind: run.combiner.kind, settings: run.combiner.settings, taskNames: run.tasks.map(\.name))
  }

  /// `key=value` as a setting of the combiner.
  private func setting(
    _ assignment: String, of kind: CombinerKind, taskNames: [String]
  ) throws -> (CombinerSetting, SettingValue) {
    let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else {
      throw ValidationError("--set \(assignment): not of the form key=value")
    }
    let known = kind.profile.settings
    guard let setting = CombinerSetting(rawValue: String(parts[0])) else {
      throw CombinerError.unusedSetting(
        name: String(parts[0]), combiner: kind.rawValue, taken: known.map(\.setting.rawValue))
    }
    let text = String(parts[1])
    if case .byTask? = known.first(where: { $0.setting == setting })?.form {
      let cells = text.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = cells.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
      guard numbers.count == cells.count, numbers.count == taskNames.count else {
        throw ValidationError(
          "--set \(assignment): not \(taskNames.count) numbers with commas between, one a task")
      }
      return (setting, .byTask(Dictionary(zip(taskNames, numbers)) { $1 }))
    }
    if case .task? = known.first(where: { $0.setting == setting })?.form {
      return (setting, .text(text))
    }
    return (setting, Double(text).map(SettingValue.number) ?? .text(text))
  }

  // MARK: Writing

  private func write(
    _ answer: CombinerTrial.Answer, names: [String], _ step: GradientInput.Step
  ) throws {
    var weights: [Double?]?
    if let found = answer.weights {
      weights = names.map { _ in nil }
      for (task, weight) in zip(step.tasks, found) { weights?[task] = weight }
    }
    var output = CommonOptions()
    output.format = format
    try output.write(Answer(weights: weights, combined: answer.combined)) {
      table(answer.combined, weights, names: names, step)
    }
  }

  private func table(
    _ combined: [Double], _ weights: [Double?]?, names: [String], _ step: GradientInput.Step
  ) -> String {
    func product(_ left: [Double], _ right: [Double]) -> Double {
      zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let length = product(combined, combined).squareRoot()
    var table = TextTable(["task", "loss", "gradient norm", "weight", "cosine with combined"])
    for (task, name) in names.enumerated() {
      guard let gradient = step.jacobian[task] else {
        table.append([name, Text.none, Text.none, Text.none, Text.none])
        continue
      }
      let norm = product(gradient, gradient).squareRoot()
      let cosine = norm * length > 0 ? product(gradient, combined) / (norm * length) : nil
      table.append([
        name, Text.number(step.losses?[task]), Text.significant(norm),
        weights.map { Text.significant($0[task]) } ?? Text.none, Text.number(cosine),
      ])
    }
    let shown = 12
    let numbers = combined.prefix(shown).map { Text.significant($0) }.joined(separator: "  ")
    let more = combined.count - shown
    return table.text + "\ncombined, of norm \(Text.significant(length))\n\(numbers)\n"
      + (more > 0 ? "and \(more) numbers more (--format json has all)\n" : "")
  }
}
