internal import Interactions
internal import PostgresLogs
internal import RunConfiguration

extension CheckJob {
  /// Asks the log's clock, and tells which tasks a night takes at their word.
  func checkNight(_ connection: PostgresConnection, _ report: inout Report) throws {
    if let clock = LogClock(configuration) {
      do { report.clock = Timestamp.text(try clock.time(on: connection)) } catch let error
        as JobError
      {
        if case .badData = error {
          report.add(.data, error.description)
        } else {
          report.add(.configuration, error.description)
        }
      }
    }
    let open = configuration.tasks.filter { $0.window == nil }.map(\.name)
    if isForNight, !open.isEmpty {
      report.warnings.append(
        "no window: paretorank nightly takes the labels of \(open.joined(separator: ", ")) as known "
          + "at once; where the event comes later, say how much in the task's window")
    }
  }

  /// Whether the configuration is one of nights, going by its settings for them.
  private var isForNight: Bool {
    let rows = configuration.impressions
    return isNight || rows.key != nil || rows.clock != nil
      || configuration.tasks.contains { $0.window != nil }
  }
}
