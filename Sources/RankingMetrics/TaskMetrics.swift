/// Everything the reports say about one task's predictions on one set of rows.
///
/// A value that the rows don't define is nil, null in JSON, and ``note`` says why.
public struct TaskMetrics: Equatable, Sendable {
  /// Rows with a known label for the task.
  public var rows: Int
  /// Those of the rows with label 1.
  public var positives: Int
  /// See ``AUC``.
  public var auc: Double?
  /// The lower end of the 95 % interval, see ``AUC/interval``.
  public var aucLow: Double?
  /// The upper end of the interval.
  public var aucHigh: Double?
  /// See ``GroupedAUC``.
  public var gauc: Double?
  /// The number of groups that hold both classes, which alone count for GAUC.
  public var gaucGroups: Int?
  /// Their share of all groups, in `0...1`.
  public var gaucGroupShare: Double?
  /// The share of all rows that they hold, in `0...1`.
  public var gaucRowShare: Double?
  /// The area under the precision–recall curve, see ``AveragePrecision``.
  public var prAUC: Double?
  /// In nats a row, see ``ProbabilityQuality``.
  public var logLoss: Double?
  /// Log loss over that of always predicting the share of positives.
  public var normalisedEntropy: Double?
  /// Mean prediction over share of positives.
  public var calibration: Double?
  /// The expected calibration error over 15 bins of equal mass, see ``Reliability``.
  public var calibrationError: Double?
  /// The order within requests; nil unless asked for.
  public var byRequest: RequestMetrics?
  /// Why values are missing, such as `no positive among 812 rows`; nil if none is.
  public var note: String?

  /// Computes all metrics over the rows whose label is 0 or 1.
  ///
  /// - Parameters:
  ///   - scores: probabilities in `0...1`, one a row.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  ///   - groups: what the rows of one request or user share, for GAUC; nil leaves GAUC out.
  ///   - requests: what the rows of one request share, for ``byRequest``; nil leaves it out.
  ///   - cutoff: how many ranks of a request count.
  ///   - weights: how much each row counts, finite and at least 0, which leaves the row out; nil
  ///     counts all alike. ``byRequest`` knows no weights, only that rows of weight 0 are left out.
  /// - Complexity: O(n) time, at most about 20 bytes of memory a row (28 with weights) and 32 a
  ///   group.
  public init(
    scores: [Float], labels: [UInt8], groups: [Int64]? = nil, requests: [Int64]? = nil,
    cutoff: Int = 10, weights: [Float]? = nil
  ) {
    rows = labels.count { $0 <= 1 }
    positives = labels.count { $0 == 1 }
    var reasons: [String] = []
    func add(_ reason: String) {
      if !reasons.contains(reason) { reasons.append(reason) }
    }
    do throws(UndefinedMetric) {
      let counted = try CountedRows(labels: labels, weights: weights)
      rows = counted.labels.count { $0 <= 1 }
      positives = counted.labels.count { $0 == 1 }
      let quality = try ProbabilityQuality(
        probabilities: scores, labels: counted.labels, weights: counted.weights)
      logLoss = quality.logLoss
      normalisedEntropy = quality.normalisedEntropy
      calibration = quality.calibration
      if let requests, positives > 0 {
        byRequest = try RequestMetrics(
          scores: scores, labels: counted.labels, requests: requests, cutoff: cutoff)
      }
      try measureOrder(scores, counted, add)
      if let groups {
        let grouped = try GroupedAUC(
          scores: scores, labels: counted.labels, groups: groups, weights: counted.weights)
        gauc = grouped.value
        gaucGroups = grouped.groupsUsed
        gaucGroupShare = grouped.groupShare
        gaucRowShare = grouped.rowShare
      }
    } catch {
      add(error.description)
    }
    if groups == nil { add("no gauc: the rows have no groups") }
    note = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

  /// What one sorting of all rows gives.
  private mutating func measureOrder(
    _ scores: [Float], _ counted: CountedRows, _ add: (String) -> Void
  ) throws(UndefinedMetric) {
    let ranked = try RankedRows(
      scores: scores, labels: counted.labels, weights: counted.weights)
    calibrationError = try Reliability(ranked: ranked).expectedCalibrationError
    prAUC = try AveragePrecision(ranked: ranked).value
    let area = try AUC(ranked: ranked)
    auc = area.value
    aucLow = area.interval?.lowerBound
    aucHigh = area.interval?.upperBound
    if let reason = area.whyNoInterval { add(reason) }
  }
}

extension AUC {
  /// Why ``interval`` is nil, for a reader.
  fileprivate var whyNoInterval: String? {
    if interval != nil { return nil }
    if variance == nil {
      return "no auc interval: \(positives) positive and \(negatives) negative, two of each needed"
    }
    return "no auc interval: the scores separate the classes perfectly"
  }
}

extension TaskMetrics: Codable {
  private enum CodingKeys: String, CodingKey {
    case rows, positives, auc, gauc, calibration, note
    case aucLow = "auc_low"
    case aucHigh = "auc_high"
    case gaucGroups = "gauc_groups"
    case gaucGroupShare = "gauc_group_share"
    case gaucRowShare = "gauc_row_share"
    case prAUC = "pr_auc"
    case logLoss = "log_loss"
    case normalisedEntropy = "normalised_entropy"
    case calibrationError = "ece"
    case byRequest = "by_request"
  }

  /// Writes every key, with null where a value is missing; `by_request` only where it was asked for.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rows, forKey: .rows)
    try container.encode(positives, forKey: .positives)
    try container.encode(auc, forKey: .auc)
    try container.encode(aucLow, forKey: .aucLow)
    try container.encode(aucHigh, forKey: .aucHigh)
    try container.encode(gauc, forKey: .gauc)
    try container.encode(gaucGroups, forKey: .gaucGroups)
    try container.encode(gaucGroupShare, forKey: .gaucGroupShare)
    try container.encode(gaucRowShare, forKey: .gaucRowShare)
    try container.encode(prAUC, forKey: .prAUC)
    try container.encode(logLoss, forKey: .logLoss)
    try container.encode(normalisedEntropy, forKey: .normalisedEntropy)
    try container.encode(calibration, forKey: .calibration)
    try container.encode(calibrationError, forKey: .calibrationError)
    try container.encodeIfPresent(byRequest, forKey: .byRequest)
    try container.encode(note, forKey: .note)
  }
}
