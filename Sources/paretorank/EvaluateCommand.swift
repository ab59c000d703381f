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
      up to before --to (ISO 8601, UTC unless they say otherwise; one of them is enough). The model \
      of a night has no split: name times after its training. Rows that the model was trained on \
      are told in a warning.

        paretorank evaluate --window validation
        paretorank evaluate models/model-20260301T030000Z --from 2026-03-01 --to 2026-03-02
        paretorank evaluate --by surface,new_user+device

      A MODEL that is a number, and no directory, is a version that paretorank models lists. Without \
      MODEL it is the current model of output.name; while none ever was current, as after train \
      alone, it is the newest directory.

      --by adds a table for each column, or for several together where + joins them. Any column of \
      the impressions will do: numbers of many values are put into ten bands, and all but the 50 \
      largest segments are pooled. A segment is too small to judge a task by with fewer than 10 \
      positives or negatives, or an interval of the AUC wider than 0.1.
      """)

  @Argument(help: "A model directory, or a version (default: the current model).")
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
    let choice = try common.model(model, of: configuration)
    let writer = try page.writer()
    _ = common.database(of: configuration)
    var job = EvaluateJob(model: choice.path, window: rows.rows, configuration: configuration)
    job.weights = weights
    job.fresh = fresh
    job.drawsCurves = writer != nil
    job.cuts = by?.cuts ?? []
    job.measuresRequests = true
    var report = try job.run(common.context)
    report.modelVersion = choice.version
    report.chosen = choice.reason
    try common.write(report) {
      TextTable(
        pairs: [("model", report.model)] + (report.chosen.map { [("chosen", $0)] } ?? []) + [
          ("window", report.window), ("rows", Text.count(report.rows)),
        ] + (report.weights.map { [("weights", TaskWeights.text($0))] } ?? [])
      ).text + "\n"
        + MetricsTable(report.taskNames, report.tasks, bestPossible: report.bestPossibleAUC).text
        + OrderText(report: report).text
        + SegmentsText(report.by ?? [], tasks: report.taskNames).text
    }
    try common.write(report.page(of: ModelDescription(opening: choice.path)), by: writer)
  }
}

extension CommonOptions {
  /// The model that an argument names; without one, the model in use.
  func model(_ named: String?, of configuration: RunConfiguration?) throws -> ModelChoice {
    try Registry(configuration: configuration, context: context)
      .choice(named, of: configuration?.output ?? RunConfiguration.Output())
  }
}
