internal import ColumnFiles

/// What a night keeps on disk until it ends.
struct NightFiles {
  let folder: String

  /// The night's encoded rows.
  var log: String { "\(folder)/log.columns" }
  /// Those of the evaluation window, encoded as for the current model.
  var current: String { "\(folder)/current.columns" }
  var checkpoints: String { "\(folder)/checkpoints" }

  static let logKey = "night"
  static let currentKey = "current"

  func openLog() throws(ColumnFileError) -> ColumnFile {
    try ColumnFile.open(log, expectedKey: Self.logKey)
  }

  func openCurrent() throws(ColumnFileError) -> ColumnFile {
    try ColumnFile.open(current, expectedKey: Self.currentKey)
  }

  /// Why the files that a finished reading has left can't be used; nil where they can.
  func whyUnusable(withCurrent hasCurrent: Bool) -> String? {
    do {
      _ = try openLog()
      if hasCurrent { _ = try openCurrent() }
      return nil
    } catch {
      return "what it had read can't be used: \(error)"
    }
  }
}
