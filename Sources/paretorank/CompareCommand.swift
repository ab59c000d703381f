import ArgumentParser
import Jobs

/// `paretorank compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Holds two models against each other on the same rows.",
    discussion: """
      Says for each task that both models have what the second gains over the first, with intervals \
      of the paired difference: better, worse, or no evidence. The rows are the first model's test \
      part, or those that --window, --from and --to say; rows that one of the models was trained on \
      are refused. --by adds a table for each column, as evaluate does.

      A model that is a number, and no directory, is a version that paretorank models lists.

        paretorank compare 5 8 --from 2026-03-01
        paretorank compare models/old models/new --from 2026-03-01 --to 2026-03-02
        paretorank compare models/old models/new --by surface
      """)

  @Argument(help: "The model directory or version to measure against.")
  var first: String

  @Argument(help: "The model directory or version that may be better.")
  var second: String

  @OptionGroup var rows: WindowOptions

  @Option(
    help: ArgumentHelp("Also compare on the rows of each value.", valueName: "columns"))
  var by: SegmentCutsArgument?

  @OptionGroup var common: CommonOptions

  func run() throws {
    let configuration = try common.configurationIfPresent()
    let choices = try [first, second].map { try common.model($0, of: configuration) }
    _ = common.database(of: configuration)
    var job = CompareJob(
      first: choices[0].path, second: choices[1].path, window: rows.rows,
      configuration: configuration)
    job.cuts = by?.cuts ?? []
    var report = try job.run(common.context)
    report.firstVersion = choices[0].version
    report.secondVersion = choices[1].version
    try common.write(report) { CompareTable(report).text }
  }
}
