extension RunConfiguration {
  /// A table or view in the database.
  public struct Relation: Codable, Sendable, Equatable, CustomStringConvertible {
    /// Nil leaves it to the search path.
    public var schema: String?
    /// Exactly as in the catalog: letters keep their case.
    public var name: String

    public init(schema: String? = nil, name: String) {
      self.schema = schema
      self.name = name
    }

    /// Reads `name` or `schema.name`; names that hold a dot stand in double quotes.
    public init?(_ text: String) {
      var parts = [""]
      var isQuoted = false
      for character in text {
        switch character {
        case "\"": isQuoted.toggle()
        case "." where !isQuoted: parts.append("")
        default: parts[parts.count - 1].append(character)
        }
      }
      guard !isQuoted, parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && !$0.contains("\0") })
      else { return nil }
      self.init(schema: parts.count == 2 ? parts[0] : nil, name: parts[parts.count - 1])
    }

    public var description: String { schema.map { "\($0).\(name)" } ?? name }
  }

  /// Where rows come from.
  public enum Rows: Codable, Sendable, Equatable {
    case relation(Relation)
    /// A SELECT statement.
    case query(String)
  }

  /// Where the impressions lie, and which column plays which role.
  public struct Impressions: Codable, Sendable, Equatable {
    public var rows: Rows
    /// Column with the time at which an impression was shown.
    public var time: String
    /// Column that groups impressions ranked together.
    public var request: String?
    public var user: String?
    public var item: String?
    /// Column that tells each impression from all others; nil where time, request, user and item do.
    public var key: String?
    /// Column that says what each impression counts in training; nil where all count the same.
    public var weight: String?
    /// A SELECT of one time, until when the log is complete; nil takes the newest impression's.
    public var clock: String?
    /// A further SQL condition on the rows.
    public var condition: String?

    public init(
      rows: Rows, time: String, request: String? = nil, user: String? = nil, item: String? = nil,
      key: String? = nil, weight: String? = nil, clock: String? = nil, condition: String? = nil
    ) {
      self.rows = rows
      self.time = time
      self.request = request
      self.user = user
      self.item = item
      self.key = key
      self.weight = weight
      self.clock = clock
      self.condition = condition
    }
  }

  /// One goal to learn.
  public struct TaskDefinition: Codable, Sendable, Equatable {
    /// A word of letters, digits and underscores, unique among the tasks.
    public var name: String
    /// Column with the outcome.
    public var label: String
    /// The task that must be positive before this one can be: its funnel parent.
    public var after: String?
    /// How long after the impression the outcome may still come, in microseconds; nil where labels
    /// count as they are.
    public var window: Int64?
    /// Factor on the task's loss, above 0, with static weights or a conditioned network.
    public var weight: Double
    /// Column with the true probability of the outcome, where one knows it, as in a simulated log.
    public var truth: String?
    /// Times the learning rate, of the parameters that this task alone reaches, above 0; nil for once.
    public var learningRate: Double?
    /// How far labels are drawn to the task's rate of positives, in `0..<1`; nil for not at all.
    public var labelSmoothing: Double?
    /// The tasks whose bottoms it reads beside its own in an asymmetric network; nil for the one that it
    /// comes after.
    public var reads: [String]?

    public init(
      name: String, label: String, after: String? = nil, window: Int64? = nil, weight: Double = 1,
      truth: String? = nil, learningRate: Double? = nil, labelSmoothing: Double? = nil,
      reads: [String]? = nil
    ) {
      self.name = name
      self.label = label
      self.after = after
      self.window = window
      self.weight = weight
      self.truth = truth
      self.learningRate = learningRate
      self.labelSmoothing = labelSmoothing
      self.reads = reads
    }

    private enum CodingKeys: String, CodingKey {
      case name, label, after, window, weight, truth, reads
      case learningRate = "learning_rate"
      case labelSmoothing = "label_smoothing"
    }
  }
}
