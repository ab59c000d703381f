import ArgumentParser
import Foundation
import Interactions
import Jobs
import Reports
import RunConfiguration

/// `paretorank evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures a model, task by task, on a window of the log.",
    discussion: """
      The window is a part of the split that the model was trained with, or the time from --from \
      up to before --to (ISO 8601, UTC unless they say otherwise; one of them is enough).

        paretorank evaluate --window validation
        paretorank evaluate models/model-20260301T030000Z --from 2026-03-01 --to 2026-03-02
      """)

  @Argument(help: "The model directory (default: the configuration's newest model).")
  var model: String?

  @Option(help: "The part of the split (default: test).")
  var window: SplitPart?

  @Option(help: ArgumentHelp("The first moment of the window.", valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("The first moment after the window.", valueName: "time"))
  var to: String?

  @Flag(help: "Read the database even if the log was kept.")
  var fresh = false

  @OptionGroup var page: ReportOptions

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if window != nil, from != nil || to != nil {
      throw ValidationError("--window names a part of the split; it goes without --from and --to")
    }
    for (name, text) in [("--from", from), ("--to", to)] {
      guard let text, Timestamp.time(text) == nil else { continue }
      throw ValidationError("\(name) \(text): not a time, as in 2026-03-01 or 2026-03-01T08:30:00Z")
    }
  }

  func run() throws {
    let configuration =
      model == nil ? try common.configuration() : try common.configurationIfPresent()
    let path = try model ?? newestModel(of: configuration)
    let writer = try page.writer()
    _ = common.database(of: configuration)
    var job = EvaluateJob(model: path, window: rows, configuration: configuration)
    job.fresh = fresh
    job.drawsCurves = writer != nil
    let report = try job.run(common.context)
    if let writer { try writer.write(report.page(of: StoredModel(opening: path).description)) }
    try common.write(report) {
      TextTable(pairs: [
        ("model", report.model), ("window", report.window), ("rows", Text.count(report.rows)),
      ]).text + "\n"
        + MetricsTable(report.taskNames, report.tasks, bestPossible: report.bestPossibleAUC).text
    }
  }

  private var rows: EvaluateJob.Window {
    guard from != nil || to != nil else { return .part(window ?? .test) }
    return .times(
      from: from.flatMap(Timestamp.time), to: to.flatMap(Timestamp.time))
  }
}

/// The newest model of a configuration.
func newestModel(of configuration: RunConfiguration?) throws -> String {
  let output = configuration?.output ?? RunConfiguration.Output()
  guard let path = ModelNames.newest(output) else {
    throw JobError.unknown(
      "there is no model \(output.name) in \(output.models) yet; paretorank train makes one")
  }
  return path
}
