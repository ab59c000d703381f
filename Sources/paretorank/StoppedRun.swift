import Jobs
import PostgresLogs

/// The end on request of work that the same command goes on with.
struct StoppedRun: Error, CustomStringConvertible {
  /// Where it goes on, as in “goes on from …”.
  private let place: String

  var description: String { "stopped on request; the same command goes on from \(place)" }

  /// Says of a stop on request where the work goes on; other errors stay as they are.
  static func explaining(_ error: any Error, from place: String) -> any Error {
    switch error {
    case JobError.cancelled, PostgresError.cancelled: StoppedRun(place: place)
    default: error
    }
  }
}
