/// What is known about one task's outcome for one impression.
public enum Label: UInt8, Sendable, Codable {
  case negative = 0
  case positive = 1
  /// NULL in the log, or the attribution window has not closed yet. Masked, never a negative.
  case unknown = 2
}

/// The rows that a lookup selects: one table row per impression, or a list of them.
public enum LookupColumn: Sendable {
  /// `[rowCount]`: the table row of each impression; 0 where unknown or missing.
  case single(Column<Int32>)
  /// Impression `i` selects `values[ends[i-1]..<ends[i]]`, with `ends[-1]` read as 0.
  case list(values: Column<Int32>, ends: Column<Int64>)
}

/// An interaction log in the form that networks read, rows ordered by time.
///
/// It may lie in a mapped file larger than memory; columns are read where they are.
public struct EncodedLog: Sendable {
  public var schema: InputSchema
  public var rowCount: Int
  /// In the order of ``InputSchema/lookups``.
  public var lookups: [LookupColumn]
  /// In the order of ``InputSchema/numbers``; `[rowCount]` each, always finite.
  public var numbers: [Column<Float>]
  public var taskNames: [String]
  /// In the order of ``taskNames``: ``Label`` raw values, `[rowCount]` each.
  public var labels: [Column<UInt8>]
  /// When each impression was shown, in microseconds since 1970 UTC.
  public var times: Column<Int64>
  /// A number for each impression's user, for GAUC; equal numbers mean the same user.
  public var users: Column<Int64>?
  /// A number for each impression's request; equal numbers mean ranked together.
  public var requests: Column<Int64>?
  /// A number for each impression that tells it from all others, in every log that holds it; nil
  /// where nobody asked for it.
  public var keys: Column<Int64>?
  /// What each impression counts in training, finite and at least 0; nil where all count the same.
  public var weights: Column<Float>?

  public init(
    schema: InputSchema, rowCount: Int, lookups: [LookupColumn], numbers: [Column<Float>],
    taskNames: [String], labels: [Column<UInt8>], times: Column<Int64>,
    users: Column<Int64>? = nil, requests: Column<Int64>? = nil,
    keys: Column<Int64>? = nil, weights: Column<Float>? = nil
  ) {
    self.schema = schema
    self.rowCount = rowCount
    self.lookups = lookups
    self.numbers = numbers
    self.taskNames = taskNames
    self.labels = labels
    self.times = times
    self.users = users
    self.requests = requests
    self.keys = keys
    self.weights = weights
  }
}
