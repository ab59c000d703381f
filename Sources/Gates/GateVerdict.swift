/// Whether a night's model may be published, and why.
public struct GateVerdict: Codable, Sendable, Equatable {
  /// Everything that was held against a limit: quality task by task, then the data.
  public var checks: [GateCheck]
  /// Whether every check passed.
  public var isPassed: Bool
  /// The verdict in plain words: each check that failed with its figure and what to do, or what
  /// moved.
  public var paragraph: String

  public init(checks: [GateCheck], isPassed: Bool, paragraph: String) {
    self.checks = checks
    self.isPassed = isPassed
    self.paragraph = paragraph
  }

  private enum CodingKeys: String, CodingKey {
    case checks, paragraph
    case isPassed = "passed"
  }
}
