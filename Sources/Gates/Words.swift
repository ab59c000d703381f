internal import Foundation

/// Numbers as a sentence has them.
enum Words {
  /// As in `0.7312`; a missing one is `unknown`.
  static func number(_ value: Double?, digits: Int = 4) -> String {
    guard let value, value.isFinite else { return "unknown" }
    return String(format: "%.\(digits)f", value)
  }

  /// As in `+0.0012`.
  static func signed(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "unknown" }
    return String(format: "%+.4f", value)
  }

  /// As in `2.40 %`, with three significant digits.
  static func share(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "unknown" }
    let percent = value * 100
    let digits = percent >= 99.95 ? 0 : percent >= 10 || percent == 0 ? 1 : percent >= 1 ? 2 : 3
    return String(format: "%.\(digits)f %%", percent)
  }

  /// A count with its thousands apart, as in `1,234`; below 10 with a digit after the point if
  /// broken.
  static func count(_ value: Double?) -> String {
    guard let value, abs(value) < 1e15 else { return "unknown" }
    if value < 10 && value != value.rounded() { return String(format: "%.1f", value) }
    var digits = String(Int(value.rounded()))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }
}
