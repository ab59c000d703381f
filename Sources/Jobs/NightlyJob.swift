internal import ColumnFiles
import Foundation
internal import Gates
internal import Logging
internal import PostgresLogs
public import RunConfiguration

/// The job that a timer starts: reads the new rows, trains, compares with the current model, and
/// publishes the new one and its scores if it is no worse.
///
/// Every stage's end is noted in the database. A night that was interrupted goes on after its last
/// finished stage when it is started again, and what others see, a current model and its scores,
/// changes in one transaction together with its note: once, or not at all.
public struct NightlyJob {
  public var configuration: RunConfiguration
  /// Why a model is published even if the gate refuses it; nil leaves it to the gate.
  public var forceReason: String?
  /// The command to be told of a night that failed or was refused.
  public var onFailure: FailureCommand?
  /// What the process will exit with after an error, for the command that is told.
  public var exitStatus: @Sendable (any Error) -> Int32 = { _ in 1 }
  /// Says an error in one line, for the notes and for the command that is told.
  public var describe: @Sendable (any Error) -> String = { "\($0)" }
  /// Where days, nights and checkpoints are kept.
  public var directory = ".paretorank"

  /// A night as configured.
  public init(configuration: RunConfiguration) { self.configuration = configuration }

  /// Does what is left of the night.
  ///
  /// - Returns: What came of it; a refusal by the gate is no error.
  /// - Throws: ``JobError/locked(model:holder:)`` where another run is at work on the model's name, and
  ///   the errors of the parts. The next call goes on where this one stopped.
  public func run(_ context: JobContext) throws -> Report {
    do { try checkMetricsFile() } catch {
      tell(describe(error), nil, exitStatus: exitStatus(error), context)
      throw error
    }
    var session: NightSession?
    do {
      try checkReport()
      let open = try NightSession(configuration, context, describe: describe) { run, registry in
        try whyUnfit(run, registry)
      }
      session = open
      defer { open.close() }
      let report = try NightWork(job: self, session: open, context: context).run()
      if report.state == .refused {
        tell(report.gate?.paragraph ?? "", open, exitStatus: 3, context)
      }
      return report
    } catch {
      if Self.isOfAnotherRun(error) { throw error }
      if let session {
        session.noteIfPossible { _ = try $0.failRun(session.run, error: describe(error)) }
      }
      writeMetrics(of: nil, session, exitStatus: exitStatus(error), context)
      tell(describe(error), session, exitStatus: exitStatus(error), context)
      throw error
    }
  }

  /// Whether an error says that another run is at work, whose night this is.
  private static func isOfAnotherRun(_ error: any Error) -> Bool {
    switch error {
    case JobError.locked, JobError.busy, ColumnFileError.busy: true
    default: false
    }
  }

  private func tell(
    _ reason: String, _ session: NightSession?, exitStatus: Int32, _ context: JobContext
  ) {
    onFailure?.run(
      on: .init(
        exitStatus: exitStatus, run: session?.run, stage: session?.current?.rawValue ?? "",
        reason: reason),
      logger: context.logger)
  }

  /// Where a run keeps what it needs to go on.
  func nightFolder(ofRun run: Int) -> String { "\(nightsFolder)/\(run)" }

  /// Removes what other runs have left; none of them is at work, for this one holds the lock.
  func removeOtherNights(than run: Int) {
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: nightsFolder)) ?? [] where name != "\(run)"
    {
      try? files.removeItem(atPath: "\(nightsFolder)/\(name)")
    }
  }

  private var nightsFolder: String { "\(directory)/nights/\(configuration.output.name)" }
}
