/// Which columns of a log say when, who, what, in which request, and with what outcome.
public struct LogRoles: Codable, Sendable, Equatable {
  /// The column that says how one task turned out.
  public struct TaskLabel: Codable, Sendable, Equatable {
    /// The task's name.
    public var name: String
    /// A boolean column, or a number column of zeros and ones; NULL means unknown.
    public var column: String
    /// The task that has to be positive first; nil where the task stands alone.
    public var after: String?

    public init(name: String, column: String, after: String? = nil) {
      self.name = name
      self.column = column
      self.after = after
    }
  }

  /// When each impression was shown.
  public var time: String
  public var user: String?
  public var item: String?
  public var request: String?
  /// The column that tells each impression from all others; nil where time, request, user and item
  /// do.
  public var key: String?
  /// The column that says what each impression counts in training; nil where all count the same.
  public var weight: String?
  /// Whether each row gets a number that tells it from all others, ``EncodedLog/keys``; only then is
  /// ``key`` read.
  public var identifiesRows: Bool
  public var tasks: [TaskLabel]

  public init(
    time: String, user: String? = nil, item: String? = nil, request: String? = nil,
    key: String? = nil, identifiesRows: Bool = false, weight: String? = nil, tasks: [TaskLabel]
  ) {
    self.time = time
    self.user = user
    self.item = item
    self.request = request
    self.key = key
    self.weight = weight
    self.identifiesRows = identifiesRows
    self.tasks = tasks
  }
}
