import Foundation

/// Numbers, times and texts as people read them.
enum Text {
  /// What stands where there is no value.
  static let none = "–"

  /// A whole number with commas: `12,345`.
  static func count(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits.removeLast(3)
    }
    groups.insert(digits[...], at: 0)
    return (value < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  static func number(_ value: Double?, digits: Int = 4) -> String {
    guard let value else { return none }
    return String(format: "%.\(digits)f", value)
  }

  /// Two numbers and a dash between; one dash where either is missing.
  static func interval(_ low: Double?, _ high: Double?, digits: Int = 4) -> String {
    guard let low, let high else { return none }
    return "\(number(low, digits: digits))–\(number(high, digits: digits))"
  }

  /// Four digits after the point, always with a sign.
  static func signed(_ value: Double?) -> String {
    value.map { String(format: "%+.4f", $0) } ?? none
  }

  /// As in `-0.0012 to +0.0123`.
  static func signedInterval(_ low: Double?, _ high: Double?) -> String {
    low == nil || high == nil ? none : "\(signed(low)) to \(signed(high))"
  }

  /// Six significant digits, as `1.23457` or `4.5e-09`.
  static func significant(_ value: Double?) -> String {
    guard let value else { return none }
    return String(format: "%.6g", value)
  }

  static func percent(_ share: Double?, digits: Int = 1) -> String {
    guard let share else { return none }
    return String(format: "%.\(digits)f%%", share * 100)
  }

  /// Up to two units: `2 h 5 min`, `3 min 20 s`, `8 s`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded())
    if whole >= 3_600 { return "\(whole / 3_600) h \(whole % 3_600 / 60) min" }
    return whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
  }

  /// A text in one line, of at most so many characters.
  static func line(_ text: String, longest: Int? = nil) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard let longest, line.count > longest else { return line }
    return line.prefix(longest - 1) + "…"
  }

  /// A text as JSON writes it, which is YAML too.
  static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
