import ArgumentParser
import Jobs
import RunConfiguration

/// The option of commands that are about the models of one name.
struct ModelNameOptions: ParsableArguments {
  @Option(
    name: .customLong("model"),
    help: ArgumentHelp("The models' name (default: output.name).", valueName: "name"))
  var name: String?

  /// The name that was given, else the configuration's.
  func name(_ common: CommonOptions) throws -> String {
    if let name { return name }
    return try (common.configurationIfPresent()?.output ?? RunConfiguration.Output()).name
  }
}

/// `paretorank models`.
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Lists the models that the database knows, tells of one, or changes which is used.",
    discussion: """
      The nightly job starts from the current model of its name and publishes by making another one \
      current. Versions count from 1 for each name and are never used again.

        paretorank models
        paretorank models show 3
        paretorank models rollback --reason "wrong prices since Monday"
      """,
    subcommands: [
      List.self, Show.self, ModelsPromoteCommand.self, ModelsRollbackCommand.self,
      ModelsPruneCommand.self,
    ],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists models, the newest first.",
      discussion: """
        A star marks the current one of each name. The AUC is that of the run that made the model. \
        The version of a model of output.name is also its name for other commands, as in \
        paretorank evaluate 3 or paretorank compare 3 4.

          paretorank models list --model shop --pruned
        """)

    @Option(help: ArgumentHelp("Only models of this name.", valueName: "name"))
    var model: String?

    @Flag(help: "Also those whose directories were pruned.")
    var pruned = false

    @OptionGroup var common: CommonOptions

    func run() throws {
      let list = try common.registry().models(name: model, includingPruned: pruned)
      try common.write(list) { ModelTable(list).text }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Tells all that is noted of a model.",
      discussion: """
        A name stands for its current model, or without one for its newest.

          paretorank models show 3
        """)

    @Argument(help: "A version, or a name of models.")
    var which: String

    @OptionGroup var names: ModelNameOptions

    @OptionGroup var common: CommonOptions

    func run() throws {
      let registry = try common.registry()
      let report: Registry.ModelReport
      if let version = Int(which) {
        report = try registry.model(names.name(common), version: version)
      } else {
        report = try registry.model(which)
      }
      try common.write(report) { ModelText(report).text }
    }
  }
}
