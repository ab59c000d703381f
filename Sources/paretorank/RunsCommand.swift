public import ArgumentParser
import Jobs
public import PostgresLogs

extension RunState: ExpressibleByArgument {}
extension RunKind: ExpressibleByArgument {}

/// `paretorank runs`.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Lists the runs that the database knows, or tells of one.",
    discussion: """
      A run is a training, evaluation, scoring or nightly job. One that never noted its end is \
      running while its process holds its connection and its lock; else it was interrupted.

        paretorank runs --kind nightly --limit 30
        paretorank runs show 12
      """,
    subcommands: [List.self, Show.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists runs, the newest first.",
      discussion: "Options narrow the list.\n\n  paretorank runs list --state refused --model shop")

    @Option(help: ArgumentHelp("How many runs to list.", valueName: "count"))
    var limit = 20

    @Option(help: ArgumentHelp("Only runs for models of this name.", valueName: "name"))
    var model: String?

    @Option(help: "Only runs of this kind.")
    var kind: RunKind?

    @Option(help: "Only runs in this state.")
    var state: RunState?

    @OptionGroup var common: CommonOptions

    func validate() throws {
      if limit < 1 { throw ValidationError("--limit \(limit): not a number of runs") }
    }

    func run() throws {
      let list = try common.registry().runs(kind: kind, model: model, state: state, limit: limit)
      try common.write(list) { RunTable(list).text }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Tells all that is noted of a run.",
      discussion: """
        Its stages, the rows it used for each task, its metrics, and why it ended as it did.

          paretorank runs show 12
        """)

    @Argument(help: "The run's number.")
    var id: Int

    @OptionGroup var common: CommonOptions

    func run() throws {
      let report = try common.registry().run(id)
      try common.write(report) { RunText(report).text }
    }
  }
}

extension CommonOptions {
  /// The registry of the configuration's database.
  func registry() throws -> Registry {
    let configuration = try configurationIfPresent()
    _ = database(of: configuration)
    return Registry(configuration: configuration, context: context)
  }
}
