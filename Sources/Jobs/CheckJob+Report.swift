public import Interactions

extension CheckJob {
  /// Whose mistake a problem is.
  public enum ProblemKind: String, Codable, Sendable {
    /// The configuration names what isn't there.
    case configuration
    /// The data aren't what the configuration needs.
    case data
  }

  /// Something that would keep training from its start.
  public struct Problem: Codable, Sendable, Equatable {
    /// Decides between exit status 64 and 65.
    public var kind: ProblemKind
    /// One line.
    public var message: String
  }

  /// A column that the configuration uses.
  public struct Column: Codable, Sendable {
    public var name: String
    /// The database's name of its type.
    public var type: String
    /// What it is used as, such as `time` or `feature price`.
    public var roles: [String]
    /// The share of training rows that are NULL; nil where nothing was counted.
    public var missing: Double?
    /// About how many values differ among the training rows; nil for lists and labels.
    public var distinct: Int?
  }

  /// A part of the split.
  public struct Part: Codable, Sendable {
    public var name: SplitPart
    public var rows: Int
    /// The ends of its window; nil for a random split.
    public var from: String?
    public var to: String?
  }

  /// One task's labels.
  public struct Task: Codable, Sendable {
    public var name: String
    public var label: String
    /// Among the training rows, as are the next three.
    public var positives: Int
    public var negatives: Int
    public var unknown: Int
    /// Positives among known labels; nil where none is known.
    public var rate: Double?
    /// Positives among the rows of validation and test; nil for a random split.
    public var validationPositives: Int?
    public var testPositives: Int?
    /// Rows positive here although the task before is negative.
    public var funnelViolations: Int

    enum CodingKeys: String, CodingKey {
      case name, label, positives, negatives, unknown, rate
      case validationPositives = "validation_positives"
      case testPositives = "test_positives"
      case funnelViolations = "funnel_violations"
    }
  }

  /// What was found.
  public struct Report: Codable, Sendable {
    /// Its name and host, without a password.
    public var database: String
    /// The table, or `the query`.
    public var source: String
    /// Rows of the source, those outside of the split included.
    public var rows = 0
    /// The times of the oldest and newest row, in UTC.
    public var first: String?
    public var last: String?
    /// What `impressions.clock` answers, in UTC; nil without one.
    public var clock: String?
    /// In the order of time; without those that the split leaves out.
    public var parts: [Part] = []
    /// In the configuration's order; empty where nothing could be counted.
    public var tasks: [Task] = []
    /// Roles first, then features.
    public var columns: [Column] = []
    /// What would keep training from its start.
    public var problems: [Problem] = []
    /// What training would not stop at, each one line.
    public var warnings: [String] = []

    init(database: String, source: String) {
      self.database = database
      self.source = source
    }

    mutating func add(_ kind: ProblemKind, _ message: String) {
      problems.append(Problem(kind: kind, message: message))
    }
  }
}
