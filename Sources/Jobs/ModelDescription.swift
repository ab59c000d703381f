public import Foundation
public import Interactions
internal import ModelFiles
public import RankingMetrics
public import RunConfiguration
public import Training

/// What a model directory says about its model, beside the numbers.
public struct ModelDescription: Codable, Sendable {
  /// The configuration's `output.name`.
  public var name: String
  /// When training ended.
  public var createdAt: Date
  /// As trained; a database password is left out.
  public var configuration: RunConfiguration
  /// How columns become inputs, but for the vocabularies.
  public var features: FittedFeatures.Settings
  /// In the order of the network's towers.
  public var taskNames: [String]
  /// The time windows of the split, by name; absent for random splits.
  public var windows: [String: TimeWindow]
  /// The times of all rows that the split was made of; nil in models of before this was kept.
  public var span: TimeWindow?
  /// Rows of each part of the split, by name.
  public var rows: [String: Int]
  /// What was found in the log on reading.
  public var reading: ReadingSummary
  /// All passes since the first, those before a resumption included.
  public var epochs: [EpochSummary]
  /// Metrics on the validation rows at the end of training, by task; empty without such rows.
  public var validation: [String: TaskMetrics]
  /// What combining did, stretch by stretch, of all passes since the first.
  public var combining: [CombiningWindow]
  /// Fitted on the validation rows, by task; nil where the network's probabilities stand.
  public var calibrations: [String: ScoreCalibration]?
  /// Why the network is what it is, where the configuration left it to be chosen; else nil.
  public var choice: String?
  /// The pass that each task's part is of where tasks stop by themselves, by name; else nil.
  public var taskPasses: [String: Int]?
}

extension ModelDescription {
  /// Reads what the model directory at `path` says, and leaves the numbers alone.
  ///
  /// - Throws: ``ModelFileError`` where the directory is no model or is damaged.
  public init(opening path: String) throws {
    self = try ModelDirectory(opening: path).model(as: ModelDescription.self)
  }
}
