/// One feature of a run: the column it comes from and how its values become network inputs.
public struct FeatureDefinition: Codable, Sendable, Equatable {
  /// Unique among a run's features; by default the column's name.
  public var name: String
  /// The log's column that holds the values; that of the first part of a cross.
  public var column: String
  public var encoding: Encoding

  public init(name: String, column: String, encoding: Encoding) {
    self.name = name
    self.column = column
    self.encoding = encoding
  }

  /// How the values of a feature become network inputs.
  public enum Encoding: Codable, Sendable, Equatable {
    /// An id or a category: one row of an embedding table.
    case id(IDTable)
    /// A list of ids: rows of an embedding table, pooled.
    case list(IDList)
    /// A real number: one float of the input or one a bin, with a missing flag one more, or a
    /// bucket's embedding.
    case number(NumberScaling)
    /// A part of a timestamp: one row of a small embedding table.
    case timePart(TimePart, dimension: Int)
    /// A vector of numbers, such as an embedding made elsewhere: a float of the input for each, and
    /// one more with a missing flag.
    case vector(NumberVector)
    /// A combination of the values of some id and time features, by their names: one row of an
    /// embedding table.
    case cross(of: [String], IDTable)
    /// How often earlier rows of an id were positive: two floats of the input for each task.
    case rate(IDRate)
  }

  /// Which ids have a row of their own.
  public enum Rows: Codable, Sendable, Equatable {
    /// Ids that occur in at least `minimumCount` training rows; all others share row 0.
    case vocabulary(minimumCount: Int)
    /// Rows 1..<rowCount by a hash of the id; row 0 is for missing ids.
    case hashed(rowCount: Int)
  }

  /// An embedding table of a feature's own.
  public struct IDTable: Codable, Sendable, Equatable {
    public var rows: Rows
    public var dimension: Int

    public init(rows: Rows, dimension: Int) {
      self.rows = rows
      self.dimension = dimension
    }
  }

  /// A list of ids, pooled.
  public struct IDList: Codable, Sendable, Equatable {
    /// Where the embeddings come from.
    public enum Table: Codable, Sendable, Equatable {
      case own(IDTable)
      /// The table of the named id feature; the list's values are ids of the same space.
      case shared(feature: String)
    }
    public var table: Table
    /// What becomes of longer lists where they don't keep their first elements.
    public enum Excess: String, Codable, Sendable {
      /// They keep their last elements.
      case keepLast = "keep_last"
      /// They are an error.
      case refuse
    }
    public var pooling: InputSchema.Pooling
    /// Longer lists keep their first `longest` elements, unless ``excess`` says otherwise.
    public var longest: Int
    /// Nil keeps the first elements.
    public var excess: Excess?

    public init(
      table: Table, pooling: InputSchema.Pooling, longest: Int, excess: Excess? = nil
    ) {
      self.table = table
      self.pooling = pooling
      self.longest = longest
      self.excess = excess
    }
  }

  /// The way of a number: transform, clip, then standardise, bucketise or spread over bins.
  public struct NumberScaling: Codable, Sendable, Equatable {
    public enum Transform: String, Codable, Sendable, CaseIterable {
      case none
      /// `sign(x) · log(1 + |x|)`.
      case log1p
    }
    public enum Output: Codable, Sendable, Equatable {
      /// One float: as it is, or if asked minus the training rows' mean and divided by their standard
      /// deviation; a second one says where it is missing if training rows lack it.
      case float(standardise: Bool)
      /// An embedding of the quantile bucket, borders from the training rows.
      case buckets(count: Int, dimension: Int)
      /// A float for each of at most so many bins that hold equal shares of the training rows; one
      /// more says where it is missing if training rows lack it.
      ///
      /// Gorishniy, Rubachev, Babenko: *On Embeddings for Numerical Features in Tabular Deep
      /// Learning*, NeurIPS 2022, equation 1; bins of section 3.2.1.
      /// <https://arxiv.org/abs/2203.05556>
      case piecewiseLinear(bins: Int)
    }
    public var transform: Transform
    /// Bounds before the transform; nil leaves that side open.
    public var lowest: Double?
    public var highest: Double?
    public var output: Output

    public init(
      transform: Transform = .none, lowest: Double? = nil, highest: Double? = nil,
      output: Output = .float(standardise: true)
    ) {
      self.transform = transform
      self.lowest = lowest
      self.highest = highest
      self.output = output
    }
  }

  /// A vector of numbers.
  public struct NumberVector: Codable, Sendable, Equatable {
    /// Numbers that every vector has.
    public var length: Int
    /// Whether each place is standardised by the training rows.
    public var standardise: Bool

    public init(length: Int, standardise: Bool = true) {
      self.length = length
      self.standardise = standardise
    }
  }

  /// How often rows of an id were positive before a row's own day, smoothed.
  public struct IDRate: Codable, Sendable, Equatable {
    /// A task whose outcomes are counted.
    public struct Task: Codable, Sendable, Equatable {
      public var name: String
      /// How long after a row its outcome may still come, in microseconds; nil where labels are known
      /// at once.
      public var window: Int64?

      public init(name: String, window: Int64? = nil) {
        self.name = name
        self.window = window
      }
    }
    public var tasks: [Task]
    /// As so many rows of the rate of all rows an id begins; above 0.
    public var prior: Double
    /// Whether inputs of one task's own read that task's rates alone; shared inputs read all.
    public var isOwn: Bool

    public init(tasks: [Task], prior: Double = 20, isOwn: Bool = false) {
      self.tasks = tasks
      self.prior = prior
      self.isOwn = isOwn
    }

    private enum CodingKeys: String, CodingKey {
      case tasks, prior
      case isOwn = "own"
    }

    // Older models' and column files' know no rates of one's own.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      tasks = try values.decode([Task].self, forKey: .tasks)
      prior = try values.decode(Double.self, forKey: .prior)
      isOwn = try values.decodeIfPresent(Bool.self, forKey: .isOwn) ?? false
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(tasks, forKey: .tasks)
      try container.encode(prior, forKey: .prior)
      if isOwn { try container.encode(isOwn, forKey: .isOwn) }
    }
  }

  /// A cyclic part of a timestamp, in UTC.
  public enum TimePart: String, Codable, Sendable, CaseIterable {
    /// 0...23.
    case hour
    /// 1...7, Monday to Sunday.
    case weekday
  }
}
