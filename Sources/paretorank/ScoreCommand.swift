import ArgumentParser
import Foundation
import Jobs
import RunConfiguration

/// `paretorank score`.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Scores candidates and writes them to a table or a file.",
    discussion: """
      Which candidates, what they are ranked by and where they go is said in the configuration's \
      section scoring; options override it. Readers see the former scores until the new ones are \
      complete.

      A MODEL that is a number, and no directory, is a version that paretorank models lists. Without \
      MODEL it is the current model of output.name, never one that the gate refused or that was \
      rolled back; while none ever was current, as after train alone, it is the newest directory.

        paretorank score --value 'click * purchase^2' --top 50 --to-file scores.csv
      """)

  @Argument(help: "A model directory, or a version (default: the current model).")
  var model: String?

  @Option(
    help: ArgumentHelp(
      "What to rank by: a formula over tasks and columns.", valueName: "formula"))
  var value: String?

  @Option(help: TaskWeights.help)
  var weights: String?

  @Option(help: ArgumentHelp("Best candidates to keep of each user.", valueName: "count"))
  var top: Int?

  @Option(help: ArgumentHelp("A CSV file to write.", valueName: "file"))
  var toFile: String?

  @Option(help: ArgumentHelp("A view of the scores to make.", valueName: "table"))
  var toTable: String?

  @Option(help: ArgumentHelp("Users to show the best candidates of.", valueName: "count"))
  var show = 3

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if toFile != nil, toTable != nil {
      throw ValidationError("--to-file and --to-table: scores go to one place")
    }
    if show < 0 { throw ValidationError("--show \(show): not a number of users") }
  }

  func run() throws {
    let weights = try weights.map { try TaskWeights($0).values }
    let configuration = try common.configuration(overriding: overrides)
    let choice = try common.model(model, of: configuration)
    let location = common.database(of: configuration)
    let context = common.context
    var job = ScoreJob(configuration: configuration, model: choice.path)
    job.weights = weights
    var report = try job.run(context)
    report.modelVersion = choice.version
    report.chosen = choice.reason
    let shown =
      common.format == .table && show > 0
      ? try WrittenScores(configuration.scoring?.destination, location, context)
        .best(ofUsers: show) : nil
    try common.write(report) {
      var pairs = [("model", report.model)]
      if let chosen = report.chosen { pairs.append(("chosen", chosen)) }
      if let weights = report.weights { pairs.append(("weights", TaskWeights.text(weights))) }
      pairs += [
        ("candidates", Text.count(report.candidates)),
        ("users", Text.count(report.users)), ("written", Text.count(report.written)),
        ("to", report.destination),
      ]
      if let version = report.version { pairs.append(("version", "\(version)")) }
      pairs.append(("seconds", Text.number(report.seconds, digits: 1)))
      return TextTable(pairs: pairs).text + (shown.map { "\n" + $0.text } ?? "")
    }
  }

  /// The options as settings of the configuration, their texts quoted as JSON, which is YAML too.
  private var overrides: [String] {
    var settings: [String] = []
    if let value { settings.append("scoring.value=\(Text.quoted(value))") }
    if let top { settings.append("scoring.top=\(top)") }
    if let toFile { settings.append("scoring.to={file: \(Text.quoted(toFile))}") }
    if let toTable { settings.append("scoring.to={table: \(Text.quoted(toTable))}") }
    return settings
  }
}
