/// What a night does with the rows of its log: which train and which evaluate, for which tasks.
public struct NightRows: Sendable {
  /// One task's share in the rows that train or evaluate.
  public struct Part: Codable, Sendable, Equatable {
    /// Rows with a label.
    public var rows: Int
    /// Those of them that are positive.
    public var positives: Int
    /// The times of the first and the last of them, this one's end excluded; nil without rows.
    public var span: TimeWindow?

    public init(rows: Int = 0, positives: Int = 0, span: TimeWindow? = nil) {
      self.rows = rows
      self.positives = positives
      self.span = span
    }

    mutating func add(_ label: UInt8, at time: Int64) {
      rows += 1
      if label == Label.positive.rawValue { positives += 1 }
      span = TimeWindow(from: span?.from ?? time, to: time.addingClamped(1))
    }
  }

  /// When labels were known.
  public let windows: NightWindows
  /// The rows that train for one task or more.
  public let training: RowSelection
  /// The log with labels only where they train: others are unknown.
  ///
  /// All but the labels is shared with the night's log.
  public let trainingLog: EncodedLog
  /// Each task's part in the training, in the order of the log's tasks.
  public let trainingParts: [Part]
  /// The rows that evaluate for one task or more.
  public let evaluation: RowSelection
  /// The log with labels only where they evaluate.
  public private(set) var evaluationLog: EncodedLog
  /// Each task's part in the evaluation.
  public let evaluationParts: [Part]
  /// The rows that no night has seen before and that are old enough to train: each row is among
  /// these once in its life.
  public let counted: RowSelection
  /// Rows that repeat the key of an earlier row of the log and are used for nothing.
  public let duplicates: Int
  /// Rows of before the time from which the former model still knows what it used; used for nothing.
  public let tooLate: Int

  let keys: Column<Int64>

  /// Gives back the memory of labels that only an evaluation reads.
  package mutating func dropEvaluationLabels() { evaluationLog.labels = [] }
}

extension RowSelection {
  /// The rows whose flag is set.
  init(_ flags: [Bool]) {
    let rows = flags.indices.filter { flags[$0] }
    guard let first = rows.first, let last = rows.last else {
      self = .range(0..<0)
      return
    }
    self =
      last - first + 1 == rows.count
      ? .range(first..<(last + 1)) : .list(Column(rows.map(Int32.init)))
  }
}
