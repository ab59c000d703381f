/// What one night's new rows were like, to hold the next night's against.
///
/// It is small (a few thousand numbers), holds no id, and travels as JSON.
public struct DriftProfile: Codable, Sendable, Equatable {
  /// A share of something, and of how many values that are as good as independent.
  public struct Share: Codable, Sendable, Equatable {
    /// In `0...1`.
    public var value: Double
    /// The values divided by their design effect: rows of one user resemble each other.
    public var effectiveCount: Double

    public init(_ value: Double, effectiveCount: Double) {
      self.value = value
      self.effectiveCount = effectiveCount
    }

    private enum CodingKeys: String, CodingKey {
      case value
      case effectiveCount = "effective_count"
    }
  }

  /// One task's labels.
  public struct Task: Codable, Sendable, Equatable {
    public var name: String
    /// Rows whose label is known.
    public var known: Int
    public var positives: Int
    /// How many known labels count as one independent label, at least 1.
    public var designEffect: Double

    public init(name: String, known: Int, positives: Int, designEffect: Double = 1) {
      self.name = name
      self.known = known
      self.positives = positives
      self.designEffect = designEffect
    }

    private enum CodingKeys: String, CodingKey {
      case name, known, positives
      case designEffect = "design_effect"
    }
  }

  /// How often a column holds nothing.
  public struct Column: Codable, Sendable, Equatable {
    public var name: String
    public var missing: Share

    public init(name: String, missing: Share) {
      self.name = name
      self.missing = missing
    }
  }

  /// One feature's values.
  public struct Feature: Codable, Sendable, Equatable {
    public var name: String
    /// Values that have no embedding, of those that aren't missing; nil for numbers.
    public var withoutEmbedding: Share?
    /// How the values are spread; nil for parts of the time, which the calendar moves.
    public var histogram: Histogram?
    /// The same values in the buckets of the night that this one was compared with.
    public var onFormer: Histogram?

    public init(
      name: String, withoutEmbedding: Share? = nil, histogram: Histogram? = nil,
      onFormer: Histogram? = nil
    ) {
      self.name = name
      self.withoutEmbedding = withoutEmbedding
      self.histogram = histogram
      self.onFormer = onFormer
    }

    private enum CodingKeys: String, CodingKey {
      case name, histogram
      case withoutEmbedding = "without_embedding"
      case onFormer = "on_former"
    }
  }

  /// Values counted in buckets.
  public struct Histogram: Codable, Sendable, Equatable {
    /// Of numbers: the ascending borders, of which bucket `b` begins at `edges[b-1]`; of ids: none,
    /// their buckets are by a hash of the id.
    public var edges: [Double]
    public var counts: [Int]
    /// How many values count as one independent value, at least 1.
    public var designEffect: Double
    /// How much this differs from bucket to bucket: one plus its squared relative variation.
    public var unevenness: Double

    public init(
      edges: [Double], counts: [Int], designEffect: Double = 1, unevenness: Double = 1
    ) {
      self.edges = edges
      self.counts = counts
      self.designEffect = designEffect
      self.unevenness = unevenness
    }

    private enum CodingKeys: String, CodingKey {
      case edges, counts, unevenness
      case designEffect = "design_effect"
    }
  }

  /// New rows.
  public var rows: Int
  /// Days that they come from.
  public var days: Double
  /// How many rows count as one that comes by itself, at least 1: rows of one user come together.
  public var clustering: Double
  public var tasks: [Task]
  /// The columns of which it is known.
  public var columns: [Column]
  public var features: [Feature]

  public init(
    rows: Int, days: Double, clustering: Double = 1, tasks: [Task] = [], columns: [Column] = [],
    features: [Feature] = []
  ) {
    self.rows = rows
    self.days = days
    self.clustering = clustering
    self.tasks = tasks
    self.columns = columns
    self.features = features
  }

  /// New rows a day.
  public var rowsPerDay: Double { Double(rows) / days }
}

extension DriftProfile.Task {
  /// Positives of the known labels; nil with none.
  public var rate: Double? { known > 0 ? Double(positives) / Double(known) : nil }
}
