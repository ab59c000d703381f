/// How much each task matters to a conditioned network: shares that sum to 1.
public struct Preference: Codable, Sendable, Equatable {
  /// `[taskCount]`, each in `0...1`.
  public let shares: [Double]

  /// Creates a preference from weights of any positive sum, none negative.
  public init(_ weights: [Double]) {
    let largest = weights.max() ?? 0
    precondition(
      weights.allSatisfy { $0 >= 0 && $0.isFinite } && largest > 0, "a preference of \(weights)")
    // Divided by the largest first, so that no sum overflows.
    let scaled = weights.map { $0 / largest }
    let sum = scaled.reduce(0, +)
    shares = scaled.map { $0 / sum }
  }

  /// Equal shares of all tasks.
  public static func equal(taskCount: Int) -> Preference {
    Preference(Array(repeating: 1, count: taskCount))
  }
}
