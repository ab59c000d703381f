internal import Gates
internal import Interactions
internal import PostgresLogs
internal import RankingMetrics

// What the stages of a night note at their end, for an interrupted run to go on.

struct CheckDetail: Codable {
  var warnings: [String]
}

struct ReadDetail: Codable {
  /// In microseconds since 1970 UTC.
  var clock: Int64
  /// Which rows train and which evaluate.
  var windows: NightWindows
  /// The id of the model that the training goes on from; nil where it begins afresh.
  var base: Int?
  /// Why the training begins as it does, in words.
  var start: String
  /// The id of the model that was current; nil without one.
  var former: Int?
  /// The same, to compare with; nil without one that can be used.
  var current: Int?
  /// Why there is a current model that can't be compared with.
  var unusable: String?
  var rows: Int
  var days: Int
  var daysRead: Int
  /// The share of NULLs in each column that has any, among the newest days' rows.
  var missing: [String: Double]
  /// The directory that the new model will have.
  var model: String
}

struct TrainDetail: Codable {
  struct Task: Codable {
    var rows: Int
    var positives: Int
    /// The sum of the rows' keys, which are hashes, modulo 2⁶⁴, in hexadecimal digits: it tells which
    /// rows were used, whatever their order.
    var fingerprint: String
  }

  /// The registry's number of the new model; nil where no row was new.
  var model: Int?
  var version: Int?
  /// Why no row was new, in one line; nil where one was.
  var nothingNew: String?
  var rows: Int
  var seconds: Double
  var duplicates: Int
  var tooLate: Int
  var tasks: [String: Task]
}

struct EvaluateDetail: Codable {
  struct Task: Codable {
    var candidate: TaskMetrics
    var current: TaskMetrics?
    var gain: Double?
    var low: Double?
    var high: Double?
    /// Why there is no gain.
    var note: String?
    var isNew: Bool
    /// Days of the log from which the evaluation rows come.
    var days: Double?
    /// Whether only held requests evaluate.
    var isHeld: Bool?
  }

  var rows: Int
  var tasks: [String: Task]
  var profile: DriftProfile
}

struct GateDetail: Codable {
  var verdict: GateVerdict
  /// Why the model is published against the gate.
  var forced: String?
}

struct PublishDetail: Codable {
  var version: Int
  var previous: Int?
  /// Why the model was published against the gate.
  var forced: String?
}

struct RecordDetail: Codable {
  /// The versions whose directories were deleted.
  var pruned: [Int]
}
