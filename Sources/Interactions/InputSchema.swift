/// What a network reads: embedding tables, the lookups into them, and plain numbers.
///
/// The input row of a network is the lookups' embeddings in order, each as wide as its table's
/// dimension, followed by the numbers.
public struct InputSchema: Codable, Sendable, Equatable {
  /// One embedding table, shared by every lookup that names it.
  ///
  /// Row 0 is for unknown and missing
  /// ids, so it always exists.
  public struct Table: Codable, Sendable, Equatable {
    public var name: String
    public var rowCount: Int
    public var dimension: Int

    public init(name: String, rowCount: Int, dimension: Int) {
      self.name = name
      self.rowCount = rowCount
      self.dimension = dimension
    }
  }

  /// How the embeddings of a list become one.
  public enum Pooling: String, Codable, Sendable, CaseIterable {
    case mean, sum
    /// The highest number of each column; zeros where the list is empty.
    case max
    /// A sum, each element weighted by how it fits the row's own id of the same table.
    case attention
  }

  /// A feature that selects rows of a table: one row, or a list of rows that is pooled.
  public struct Lookup: Codable, Sendable, Equatable {
    public var feature: String
    /// Index into ``InputSchema/tables``.
    public var table: Int
    /// How a list is pooled; nil where the feature is a single id.
    public var pooling: Pooling?
    /// Most elements of a list whose elements are weighted by attention; nil for all others.
    public var longest: Int?

    public init(feature: String, table: Int, pooling: Pooling? = nil, longest: Int? = nil) {
      precondition(
        (pooling == .attention) == (longest != nil), "\(feature): attention has a longest list")
      self.feature = feature
      self.table = table
      self.pooling = pooling
      self.longest = longest
    }
  }

  public var tables: [Table]
  public var lookups: [Lookup]
  /// Names of the number inputs: each is one float of the input row.
  public var numbers: [String]
  /// For each number the one task whose own inputs read it beside shared ones, nil where all do; nil where
  /// all read all.
  public var numberTasks: [String?]?

  public init(
    tables: [Table], lookups: [Lookup], numbers: [String], numberTasks: [String?]? = nil
  ) {
    precondition(
      numberTasks?.count ?? numbers.count == numbers.count, "tasks of other than all numbers")
    self.tables = tables
    self.lookups = lookups
    self.numbers = numbers
    self.numberTasks = numberTasks
  }

  /// Whether a task's own inputs read a number.
  public func isRead(_ number: Int, byOwnInputsOf task: String) -> Bool {
    guard let owner = numberTasks?[number] else { return true }
    return owner == task
  }

  /// The single id that reads the same table as lookup `index`; nil where none does.
  public func target(ofLookup index: Int) -> Int? {
    lookups.firstIndex { $0.table == lookups[index].table && $0.pooling == nil }
  }

  /// Width of the embeddings' part of the input row.
  public var embeddingWidth: Int { lookups.reduce(0) { $0 + tables[$1.table].dimension } }

  /// Width of the whole input row.
  public var width: Int { embeddingWidth + numbers.count }
}
