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

  /// The verdict on a model that is published all the same, told as such.
  ///
  /// - Parameter reason: Why somebody publishes it.
  /// - Returns: The same checks, which still fail.
  public func forced(by reason: String) -> GateVerdict {
    var verdict = self
    // What failed follows the first colon; the fate of the model stands before it.
    if let fate = paragraph.firstIndex(of: ":") {
      verdict.paragraph = "Published by force (\(reason))\(paragraph[fate...])"
    }
    return verdict
  }

  private enum CodingKeys: String, CodingKey {
    case checks, paragraph
    case isPassed = "passed"
  }
}
