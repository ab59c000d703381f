import ArgumentParser
import Foundation
import Jobs
import ModelFiles
import RankingMetrics
import RunConfiguration
import Training

/// `paretorank train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a model and writes its directory.",
    discussion: """
      The log is read once and kept in .paretorank/columns; it is read again when the data or \
      the configuration change. Ctrl-C stops and leaves nothing half-written.

        paretorank train --set training.epochs=5 --set combiner.kind=pcgrad
      """)

  @Flag(help: "Read the database even if the log was kept.")
  var fresh = false

  @Option(help: ArgumentHelp("Go on with a model's training.", valueName: "directory"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "The model directory to write (default: a new one in output.models).",
      valueName: "directory"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Combine by static weights: those that another model's run had in the mean.",
      valueName: "directory"))
  var weightsOf: String?

  @Option(
    help: ArgumentHelp(
      "Keep checkpoints there, and go on from the newest if a run was killed.",
      valueName: "directory"))
  var checkpoint: String?

  @OptionGroup var memory: MemoryOptions

  @OptionGroup var page: ReportOptions

  @OptionGroup var common: CommonOptions

  func run() throws {
    let configuration = try common.configuration(overriding: memory.overrides)
    if let weightsOf, common.overrides.contains(where: { $0.hasPrefix("combiner") }) {
      throw ValidationError(
        "--weights-of \(weightsOf) sets the combiner; it goes without --set combiner")
    }
    if let output, FileManager.default.fileExists(atPath: output) {
      throw ModelFileError.exists(output)
    }
    let writer = try page.writer()
    _ = common.database(of: configuration)
    var job = TrainJob(configuration: configuration)
    job.fresh = fresh
    job.resuming = resume
    job.destination = output
    job.weightsOf = weightsOf
    job.checkpoints = checkpoint
    let report: TrainJob.Report
    do { report = try job.run(common.context) } catch {
      guard let checkpoint, CheckpointFolder.holdsAny(checkpoint) else { throw error }
      throw StoppedRun.explaining(error, from: "its last checkpoint in \(checkpoint)")
    }
    let tasks = configuration.tasks.map(\.name)
    try common.write(report) {
      Self.tables(report, tasks: tasks, rule: configuration.validationRule)
    }
    try common.write(report.page(of: ModelDescription(opening: report.model)), by: writer)
  }

  private static func tables(
    _ report: TrainJob.Report, tasks: [String], rule: ValidationRule
  ) -> String {
    let read =
      report.reusedLog
      ? "kept from an earlier run" : "in \(Text.number(report.readingSeconds, digits: 1)) s"
    var facts = [("model", report.model), ("training rows", Text.count(report.rows))]
    if report.rowsPerPass < report.rows {
      facts.append(("rows of a pass", Text.count(report.rowsPerPass)))
    }
    facts += [
      ("log read", read),
      ("epochs", "\(report.epochs), \(report.keptText)"),
      ("seconds", Text.number(report.seconds, digits: 1)),
      ("rows/s", Text.count(Int(report.rowsPerSecond))),
    ]
    var text = TextTable(pairs: facts).text
    if !report.summaries.isEmpty {
      var losses = TextTable(["epoch"] + tasks.map { "\($0) loss" } + ["validation"])
      for summary in report.summaries {
        losses.append(
          ["\(summary.epoch)"] + summary.losses.map { Text.number($0) }
            + [Text.number(summary.validation)])
      }
      text += "\n" + losses.text
      if !report.validation.isEmpty { text += "validation: \(rule.words), the higher the better\n" }
    }
    text += "\n" + CombiningTable(report.combining).text
    if !report.validation.isEmpty {
      text += "\nvalidation\n" + MetricsTable(tasks, report.validation).text
    }
    return text
  }
}
