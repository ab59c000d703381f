/// What a new model must fulfil to be published; its JSON has the keys of a configuration file.
public struct GateSettings: Codable, Sendable, Equatable {
  /// Which way doubt counts.
  public enum Evidence: String, Codable, Sendable {
    /// A model is refused if the interval shows it to be worse.
    case worse
    /// A model is published only if the interval shows it not to be worse.
    case notWorse = "not_worse"
  }

  /// Loss of AUC against the current model that is borne, for each task.
  public var tolerance: Double
  public var evidence: Evidence
  /// Predicted over observed positives lies between 1 / this and this.
  public var calibration: Double
  /// Positives of each task that the evaluation window needs.
  public var minimumPositives: Int
  /// Rows a day lie between the former night's / this and times this.
  public var rowRatio: Double
  /// Share of positives of a task lies between the former night's / this and times this.
  public var labelRatio: Double
  /// How far the share of missing values of a column may rise.
  public var missingRise: Double
  /// How far the share of values without an embedding may rise.
  public var newIDRise: Double
  /// Highest population stability index of a feature against the former night.
  public var stability: Double

  public init(
    tolerance: Double = 0.002, evidence: Evidence = .worse, calibration: Double = 1.5,
    minimumPositives: Int = 10, rowRatio: Double = 3, labelRatio: Double = 3,
    missingRise: Double = 0.2, newIDRise: Double = 0.3, stability: Double = 0.5
  ) {
    precondition(
      calibration > 1 && rowRatio > 1 && labelRatio > 1,
      "ratios of \(calibration), \(rowRatio) and \(labelRatio)")
    self.tolerance = tolerance
    self.evidence = evidence
    self.calibration = calibration
    self.minimumPositives = minimumPositives
    self.rowRatio = rowRatio
    self.labelRatio = labelRatio
    self.missingRise = missingRise
    self.newIDRise = newIDRise
    self.stability = stability
  }

  private enum CodingKeys: String, CodingKey {
    case tolerance, evidence, calibration, stability
    case minimumPositives = "minimum_positives"
    case rowRatio = "row_ratio"
    case labelRatio = "label_ratio"
    case missingRise = "missing_rise"
    case newIDRise = "new_id_rise"
  }
}
