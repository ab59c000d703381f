/// The steps of a night, in their order.
public enum NightlyStage: String, Codable, Sendable, CaseIterable {
  /// Holds the configuration against the database.
  case check
  /// Brings the days' rows into files and encodes them.
  case read
  case train
  /// Measures the new model and the current one on the same rows.
  case evaluate
  /// Decides whether the new model may be published.
  case gate
  /// Makes the new model the current one.
  case publish
  case score
  /// Prunes old models and writes the night's report.
  case record
}
