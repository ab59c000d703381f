import ArgumentParser
import Foundation
import Jobs
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
        paretorank evaluate --by surface,new_user+device

      --by adds a table for each column, or for several together where + joins them. Any column of \
      the impressions will do: numbers of many values are put into ten bands, and all but the 50 \
      largest segments are pooled. A segment is too small to judge a task by with fewer than 10 \
      positives or negatives, or an interval of the AUC wider than 0.1.
      """)

  @Argument(help: "The model directory (default: the configuration's newest model).")
  var model: String?

  @OptionGroup var rows: WindowOptions

  @Option(
    help: ArgumentHelp("Also measure on the rows of each value.", valueName: "columns"))
  var by: SegmentCutsArgument?

  @Option(help: TaskWeights.help)
  var weights: String?

  @Flag(help: "Read the database even if the log was kept.")
  var fresh = false

  @OptionGroup var page: ReportOptions

  @OptionGroup var common: CommonOptions

  func run() throws {
    let weights = try weights.map { try TaskWeights($0).values }
    let configuration =
      model == nil ? try common.configuration() : try common.configurationIfPresent()
    let path = try model ?? newestModel(of: configuration)
    let writer = try page.writer()
    _ = common.database(of: configuration)
    var job = EvaluateJob(model: path, window: rows.rows, configuration: configuration)
    job.weights = weights
    job.fresh = fresh
    job.drawsCurves = writer != nil
    job.cuts = by?.cuts ?? []
    job.measuresRequests = true
    let report = try job.run(common.context)
    try common.write(report) {
      TextTable(
        pairs: [
          ("model", report.model), ("window", report.window), ("rows", Text.count(report.rows)),
        ] + (report.weights.map { [("weights", TaskWeights.text($0))] } ?? [])
      ).text + "\n"
        + MetricsTable(report.taskNames, report.tasks, bestPossible: report.bestPossibleAUC).text
        + OrderText(report: report).text
        + SegmentsText(report.by ?? [], tasks: report.taskNames).text
    }
    try common.write(report.page(of: ModelDescription(opening: path)), by: writer)
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
