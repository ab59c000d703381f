extension RunConfiguration {
  /// Which candidates to score, and where the scores go.
  public struct Scoring: Codable, Sendable, Equatable {
    /// Where scored candidates go.
    public enum Destination: Codable, Sendable, Equatable {
      case table(Relation)
      case file(path: String)
    }

    public var candidates: Rows
    /// A further SQL condition on the candidates.
    public var condition: String?
    /// Column with the user of a candidate.
    public var user: String
    /// Column with the item of a candidate.
    public var item: String
    /// The final score; its variables are task names and columns of the candidates.
    public var value: ValueFormula
    /// Candidate columns that ``value`` uses and no feature reads.
    public var columns: [String]
    /// Best candidates to keep of each user; nil keeps all.
    public var top: Int?
    public var destination: Destination
    /// Versions that stay in a table, the current one included, at least 1; older ones are deleted.
    public var keep: Int

    public init(
      candidates: Rows, condition: String? = nil, user: String, item: String, value: ValueFormula,
      columns: [String] = [], top: Int? = nil, destination: Destination, keep: Int = 3
    ) {
      self.candidates = candidates
      self.condition = condition
      self.user = user
      self.item = item
      self.value = value
      self.columns = columns
      self.top = top
      self.destination = destination
      self.keep = keep
    }
  }

  /// Where models go.
  public struct Output: Codable, Sendable, Equatable {
    /// Directory that holds the model directories.
    public var models: String
    /// What the names of this configuration's models begin with.
    public var name: String

    public init(models: String = "models", name: String = "model") {
      self.models = models
      self.name = name
    }
  }
}
