import ArgumentParser
import Jobs
import PostgresLogs

/// `paretorank models promote`.
struct ModelsPromoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Makes a version the current model.",
    discussion: """
      Its directory is read and held against the noted digest first. One that the gate refused \
      needs a reason. No run may be working on models of the name meanwhile.

        paretorank models promote 3
      """)

  @Argument(help: "The version.")
  var version: Int

  @Option(help: ArgumentHelp("Why; it is kept in the history.", valueName: "text"))
  var reason: String?

  @OptionGroup var names: ModelNameOptions

  @OptionGroup var common: CommonOptions

  func run() throws {
    let result = try common.registry().promote(
      names.name(common), version: version, reason: reason)
    try common.write(result) { result.line }
  }
}

/// `paretorank models rollback`.
struct ModelsRollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Goes back to the model that was current before.",
    discussion: """
      Once more goes one further back. Scores stay as they are until the next scoring.

        paretorank models rollback --reason "wrong prices since Monday"
      """)

  @Option(
    help: ArgumentHelp("Go back to this version, which was current once.", valueName: "version"))
  var to: Int?

  @Option(help: ArgumentHelp("Why; it is kept in the history.", valueName: "text"))
  var reason: String?

  @OptionGroup var names: ModelNameOptions

  @OptionGroup var common: CommonOptions

  func run() throws {
    let result = try common.registry().rollback(names.name(common), to: to, reason: reason)
    try common.write(result) { result.line }
  }
}

/// `paretorank models prune`.
struct ModelsPruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Deletes the directories of old models.",
    discussion: """
      --keep counts models that ever were current: the current one stays, the one that a rollback \
      would go to, and the newest of the others. Of those that were refused or never published, only \
      the newest stays, so that it can still be promoted; while no model ever was current, --keep \
      counts these. Models of unfinished runs stay. The database remembers all.

        paretorank models prune --keep 7 --dry-run
      """)

  @Option(help: ArgumentHelp("How many models that were in use to keep.", valueName: "count"))
  var keep: Int

  @Flag(help: "Only say what would be deleted.")
  var dryRun = false

  @Flag(help: "Let the model go, too, that a rollback would go to.")
  var includingPrevious = false

  @OptionGroup var names: ModelNameOptions

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if keep < 1 { throw ValidationError("--keep \(keep): not a number of models from 1 on") }
  }

  func run() throws {
    let report = try common.registry().prune(
      names.name(common), keeping: keep, includingPrevious: includingPrevious, dryRun: dryRun)
    try common.write(report) {
      let kept = report.kept.map { "\($0)" }.joined(separator: ", ")
      let verb = report.dryRun ? "would delete" : "deleted"
      return report.pruned.map { "\(verb) version \($0.version): \($0.path)\n" }.joined()
        + (report.pruned.isEmpty ? "nothing to delete; " : "")
        + "\(report.name) keeps \(kept.isEmpty ? "no model" : kept)\n"
    }
  }
}

extension ModelSwitch {
  /// What was done, in one line.
  fileprivate var line: String {
    guard changed else {
      return "version \(model.version) of \(model.name) is the current model already\n"
    }
    return "version \(model.version) of \(model.name) is the current model now"
      + (previous.map { "; it was \($0)" } ?? "") + "\n"
  }
}
