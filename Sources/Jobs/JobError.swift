internal import PostgresLogs

/// Why a job could not be done, beyond what the parts' own errors say.
public enum JobError: Error, Equatable, CustomStringConvertible {
  /// Somebody asked for an end, with Ctrl-C or a signal.
  case cancelled
  /// There is nothing to work on.
  case noRows(String)
  /// The configuration lacks a part that the job is about.
  case missingConfiguration(String)
  /// A name that the model or configuration does not have.
  case unknown(String)
  /// Weights of tasks that the model can't score by.
  case badWeights(String)
  /// A value that came out of the data can't be used.
  case badData(String)
  /// What a run came to could not be kept.
  case notKept(path: String, reason: String)
  /// Something of a name is there already, and nobody asked to replace it.
  case exists(String)
  /// Another run works on the model of this name; `holder` says which, where that can be told.
  case locked(model: String, holder: String?)
  /// Another run uses a folder that is for one at a time.
  case busy(String)

  public var description: String {
    switch self {
    case .cancelled: PostgresError.cancelled.description
    case .noRows(let text), .missingConfiguration(let text), .unknown(let text),
      .badWeights(let text), .badData(let text), .exists(let text), .busy(let text):
      text
    case .notKept(let path, let reason): "\(path): \(reason)"
    case .locked(let model, let holder):
      "another run holds the lock of model \(model)" + (holder.map { ": \($0)" } ?? "")
    }
  }
}
