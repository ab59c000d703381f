public import RankingMetrics
public import Training

/// What training once in memory came to.
public struct Trial: Codable, Sendable {
  /// The pass whose weights were kept.
  public var epoch: Int
  /// Of training and measuring.
  public var seconds: Double
  /// By task, on the validation rows; empty without such rows.
  public var validation: [String: TaskMetrics]
  /// By task, on the test rows; empty without such rows.
  public var test: [String: TaskMetrics]
  /// What combining did, stretch by stretch.
  public var combining: [CombiningWindow]
  /// Of a conditioned network, what each preference that was asked for came to; nil for others.
  public var preferences: [PreferenceMetrics]?
}

/// A conditioned network's metrics at one preference.
public struct PreferenceMetrics: Codable, Sendable {
  /// In the order of the tasks, summing to 1.
  public var weights: [Double]
  /// By task, on the validation rows; empty without such rows.
  public var validation: [String: TaskMetrics]
  /// By task, on the test rows; empty without such rows.
  public var test: [String: TaskMetrics]
}
