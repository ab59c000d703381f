internal import RankingMetrics

/// One task's predictions on one set of rows, as curves to draw.
///
/// Curves that the rows don't define are empty.
public struct TaskCurves: Codable, Sendable, Equatable {
  /// A point of a curve.
  public struct Point: Codable, Sendable, Equatable {
    public var x: Double
    public var y: Double
  }

  /// Rows with similar predictions.
  public struct Bin: Codable, Sendable, Equatable {
    /// The mean prediction.
    public var prediction: Double
    /// The share of positives.
    public var share: Double
    /// The ends of its 95 % interval.
    public var low: Double
    public var high: Double
    public var rows: Int
  }

  /// See ``ROCCurve``: negatives passed against positives found.
  public var roc: [Point] = []
  /// See ``PrecisionRecallCurve``: positives found against precision.
  public var precisionRecall: [Point] = []
  /// See ``Reliability``, in ascending order of prediction.
  public var reliability: [Bin] = []
  /// The lift of each tenth of the rows, highest scores first; see ``Lift``.
  public var lift: [Double] = []

  enum CodingKeys: String, CodingKey {
    case roc, reliability, lift
    case precisionRecall = "precision_recall"
  }

  /// Points of a curve: more can't be seen.
  private static let pointLimit = 200

  /// Draws the curves of the rows whose label is 0 or 1.
  ///
  /// - Parameters:
  ///   - scores: Probabilities in `0...1`, one a row.
  ///   - labels: 0 negative, 1 positive; rows with any other value are left out as unknown.
  init(scores: [Float], labels: [UInt8]) {
    do throws(UndefinedMetric) {
      let bins = try Reliability(probabilities: scores, labels: labels, binCount: 10).bins
      reliability = bins.map {
        Bin(
          prediction: $0.meanPrediction, share: $0.positiveRate, low: $0.interval.lowerBound,
          high: $0.interval.upperBound, rows: $0.rows)
      }
      lift = try Lift(scores: scores, labels: labels).parts.map(\.lift)
      precisionRecall = try PrecisionRecallCurve(
        scores: scores, labels: labels, limit: Self.pointLimit
      ).points.map { Point(x: $0.recall, y: $0.precision) }
      roc = try ROCCurve(scores: scores, labels: labels, limit: Self.pointLimit).points
        .map { Point(x: $0.falsePositiveRate, y: $0.truePositiveRate) }
    } catch {
      // What came before stays; the task's metrics say what its rows lack.
    }
  }
}
