/// The mean of numbers that come one after another.
struct Mean: Codable, Sendable, Equatable {
  private(set) var sum = 0.0
  private(set) var count = 0

  /// Nil before the first number.
  var value: Double? { count > 0 ? sum / Double(count) : nil }

  mutating func add(_ number: Double) {
    sum += number
    count += 1
  }
}
