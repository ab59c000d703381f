import Glibc

/// An exponential moving average, corrected for its start from zero by the numbers that it has seen.
struct MovingAverage: Codable, Sendable {
  private var sum = 0.0
  private var steps = 0
  var isEmpty: Bool { steps == 0 }

  /// Takes in a number; `beta` is the share that the average keeps.
  mutating func add(_ number: Double, beta: Double) {
    sum = beta * sum + (1 - beta) * number
    steps += 1
  }

  /// The average of numbers that were added with this `beta`; 0 before the first.
  func value(beta: Double) -> Double { steps > 0 ? sum / (1 - pow(beta, Double(steps))) : 0 }
}
