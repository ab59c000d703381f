/// Where a setting stands beside a swept frontier, as far as the seeds tell.
///
/// - *behind*: a swept point is higher in every objective, by more than the noise.
/// - *beyond*: it is itself higher in every objective than a point of the frontier, by more than the
///   noise.
/// - *on*: neither, and by more than the noise no swept point beats it: a trade-off of its own.
/// - *within noise*: the seeds don't tell; more of them would.
///
/// The noise is a half-width for each objective's difference of two means, such as
/// ``SeedNoise/halfWidths(comparisons:)``. If those hold for all swept points together with probability
/// 0.95, then a setting that a swept point equals or beats is called *beyond*, and one that none beats
/// is called *behind*, with probability 0.05 at most, however many points were swept: where such a
/// setting leads a point by more than the half-widths, the swept point that equals it does so by more
/// than zero, so that the former is on no frontier.
public struct FrontierVerdict: Sendable, Equatable, Codable {
  /// The four findings.
  public enum Standing: String, Sendable, Codable, CaseIterable {
    case behind, on, beyond
    case withinNoise = "within noise"
  }

  public let standing: Standing
  /// See ``FrontierDistance``: negative behind the frontier.
  public let distance: Double
  /// The lower end of its interval.
  public let low: Double
  /// The upper end.
  public let high: Double
  /// By how much every objective is above those of some point of the frontier; negative where it isn't.
  public let lead: Double
  /// The lower end of its interval.
  public let leadLow: Double

  enum CodingKeys: String, CodingKey {
    case standing, distance, low, high, lead
    case leadLow = "lead_low"
  }

  /// Judges a setting's mean beside the swept points' means; nil where a number is missing.
  ///
  /// - Parameters:
  ///   - point: By objective.
  ///   - swept: `[pointCount][objectiveCount]`; those with a NaN count as absent.
  ///   - noise: By objective, at least 0.
  /// - Complexity: that of ``ParetoRanks``.
  public init?(of point: [Double], beside swept: [[Double]], noise: [Double]) {
    let frontier = ParetoRanks(of: swept).frontier.map { swept[$0] }
    guard !point.contains(where: \.isNaN), !noise.contains(where: \.isNaN), !frontier.isEmpty
    else { return nil }
    func moved(_ sign: Double) -> [Double] { zip(point, noise).map { $0 + sign * $1 } }
    func lead(of point: [Double]) -> Double {
      frontier.map { zip(point, $0).map { $0 - $1 }.min() ?? 0 }.max() ?? 0
    }
    distance = FrontierDistance(of: point, from: frontier).value
    low = FrontierDistance(of: moved(-1), from: frontier).value
    high = FrontierDistance(of: moved(1), from: frontier).value
    self.lead = lead(of: point)
    leadLow = lead(of: moved(-1))
    standing = high < 0 ? .behind : leadLow > 0 ? .beyond : low > 0 ? .on : .withinNoise
  }
}
