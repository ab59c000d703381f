internal import PostgresLogs
internal import RunConfiguration

/// The log's own clock as a configuration's query tells it.
struct LogClock {
  private let query: String

  /// Nil where the newest impression is the clock.
  init?(_ configuration: RunConfiguration) {
    guard let query = configuration.impressions.clock else { return nil }
    self.query = query
  }

  /// Asks the database, in microseconds since 1970 UTC.
  ///
  /// - Throws: ``JobError`` that names the setting where the query or its answer is wrong, and
  ///   ``PostgresError`` where the database is.
  func time(on connection: PostgresConnection) throws -> Int64 {
    do {
      if let time = try connection.singleTime(of: query) { return time }
    } catch {
      throw Self.named(error)
    }
    throw JobError.badData("impressions.clock answers no time, or several; one is needed")
  }

  /// The error with the setting's name, where the setting caused it.
  private static func named(_ error: PostgresError) -> any Error {
    let text = "impressions.clock: \(error)"
    switch error {
    case .wrongKind, .unsupportedType: return JobError.badData(text)
    case .server(let state, _, _, _):
      // Classes of SQLSTATE: data exception; syntax error or access rule violation; schema name.
      switch state.rawValue.prefix(2) {
      case "22": return JobError.badData(text)
      case "42", "3F": return JobError.missingConfiguration(text)
      default: return error
      }
    default: return error
    }
  }
}
