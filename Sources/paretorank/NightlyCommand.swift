import ArgumentParser
import Foundation
import Gates
import Jobs
import Logging
import RunConfiguration

/// `paretorank nightly`.
struct NightlyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nightly",
    abstract: "Trains, evaluates, gates, publishes and scores, as one restartable job.",
    discussion: """
      What a timer starts each night: reads the rows that have become known, trains on from the \
      current model (or anew: nightly.start), compares both on the newest rows, and publishes the \
      new model and its scores if the gate lets it. Whatever stops it, the next call goes on after \
      the last finished stage, and what was published is never published twice. A refusal is no \
      error: nothing changes for the shop, the reason is told and kept, and the exit status is 3.

        paretorank nightly --log json --on-failure 'mail -s "night $PARETORANK_RUN" ops@shop.example'
        paretorank nightly --force 'a sale explains the shift of prices'
      """)

  @Option(
    help: ArgumentHelp(
      "Publish even if the gate refuses, for this reason, which is kept.", valueName: "reason"))
  var force: String?

  @Option(
    help: ArgumentHelp(
      "A shell command to run after a failed or refused night; the reason is its input.",
      valueName: "command"))
  var onFailure: String?

  @OptionGroup var memory: MemoryOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let force, force.allSatisfy(\.isWhitespace) {
      throw ValidationError("--force: say why; the reason is kept with the run")
    }
  }

  func run() throws {
    let context = common.context
    let failureCommand = onFailure.map { FailureCommand($0) }
    let configuration: RunConfiguration
    do { configuration = try common.configuration(overriding: memory.overrides) } catch {
      failureCommand?.run(
        on: .init(
          exitStatus: Failure(error).status.rawValue, run: nil, stage: "",
          reason: Failure(error).lines.joined(separator: "; ")),
        logger: context.logger)
      throw error
    }
    _ = common.database(of: configuration)
    var job = NightlyJob(configuration: configuration)
    job.forceReason = force
    job.onFailure = failureCommand
    job.exitStatus = { Failure($0).status.rawValue }
    job.describe = { Failure(Self.explained($0)).lines.joined(separator: "; ") }
    let report: NightlyJob.Report
    do { report = try job.run(context) } catch { throw Self.explained(error) }
    try common.write(report) { NightlyText(report, wasTold: wasTold(report)).text }
    if report.state == .refused { throw GateRefusal(run: report.run, version: report.version ?? 0) }
  }

  private static func explained(_ error: any Error) -> any Error {
    StoppedRun.explaining(error, from: "where it stopped")
  }

  /// Whether the messages on the same terminal have just told why the night ended as it did.
  private func wasTold(_ report: NightlyJob.Report) -> Bool {
    let isNews = !report.stages.contains { $0.name == .gate && $0.wasDone }
    let level: Logger.Level = report.gate.map(\.isPassed) ?? true ? .info : .warning
    return Terminal.shared.showsOutput && isNews && common.logs.least.level <= level
  }
}

/// A night whose model the gate kept back; why has been told.
struct GateRefusal: Error, CustomStringConvertible {
  var run: Int
  /// Of the model.
  var version: Int

  var description: String {
    "the gate refused the model of run \(run) and nothing was published; paretorank runs show \(run) "
      + "tells why, paretorank models promote \(version) --reason REASON publishes it all the same, "
      + "without training again"
  }
}
