/// One thing that was held against a limit before a model is published.
public struct GateCheck: Codable, Sendable, Equatable {
  /// What was measured.
  public enum Measure: String, Codable, Sendable, CaseIterable {
    /// A task's AUC minus the current model's, on the same rows.
    case auc
    /// A task's predicted over its observed positives.
    case calibration
    /// A task's positives among the rows on which models are compared.
    case positives
    /// New rows a day, over the former night's.
    case rows
    /// A task's share of positives, over the former night's.
    case labelRate = "label_rate"
    /// How far a column's share of missing values rose.
    case missing
    /// How far a feature's share of values without an embedding rose.
    case newIDs = "new_ids"
    /// A feature's population stability index.
    case stability
  }

  public var measure: Measure
  /// The task, column or feature; empty for all rows.
  public var subject: String
  /// What is held against the limit; nil where it is infinite or ``note`` says why there is none.
  public var value: Double?
  /// The lower end of the interval that chance leaves open.
  public var low: Double?
  /// The upper end; nil also where it is infinite.
  public var high: Double?
  /// The lowest difference of AUC, the highest ratio, rise or index, or the fewest positives.
  ///
  /// Of a ratio, 1 / limit is the lowest one. That of an index is the setting and what chance adds.
  public var limit: Double
  /// What was found this night, where ``value`` tells a change of it.
  public var tonight: Double?
  /// The same of the former night, or of the current model.
  public var former: Double?
  public var passed: Bool
  /// Why there is no value.
  public var note: String?

  public init(
    _ measure: Measure, of subject: String, value: Double?, low: Double? = nil,
    high: Double? = nil, limit: Double, tonight: Double? = nil, former: Double? = nil, passed: Bool,
    note: String? = nil
  ) {
    self.measure = measure
    self.subject = subject
    self.value = value
    self.low = low
    self.high = high
    self.limit = limit
    self.tonight = tonight
    self.former = former
    self.passed = passed
    self.note = note
  }
}
