import Files

extension ModelDirectory {
  /// What is where a model of a digest is said to be.
  public enum State: String, Codable, Sendable {
    case there, missing, damaged
    /// Another model, or what is none.
    case other
  }

  /// Looks whether the model of this digest lies at `path`.
  ///
  /// The files' sizes must do; their contents aren't read.
  public static func state(of path: String, digest: String) -> State {
    do {
      return try ModelDirectory(opening: path, verifying: false).digest == digest ? .there : .other
    } catch {
      switch error {
      case .absent: return .missing
      case .notAModel: return .other
      default: return .damaged
      }
    }
  }

  /// Deletes the model of this digest at `path`, also where it is damaged; what is missing is deleted.
  ///
  /// It disappears as a whole. Anything else at `path` stays, and false is the answer.
  public static func remove(_ path: String, digest: String) throws(ModelFileError) -> Bool {
    switch state(of: path, digest: digest) {
    case .missing: return true
    case .other: return false
    case .there, .damaged:
      try ModelFileError.placing(path) { () throws(PartialEntryProblem) in
        try PartialEntry.remove(path)
      }
      return true
    }
  }
}
