internal import Foundation

/// Numbers as readers see them.
package enum ReportNumber {
  /// A number with this many digits after the point, and a real minus.
  package static func text(_ value: Double?, digits: Int = 4) -> String {
    guard let value, value.isFinite else { return "–" }
    let text = String(format: "%.\(digits)f", value)
    guard text.hasPrefix("-") else { return text }
    // No minus where all digits that are shown are zero.
    let isZero = text.allSatisfy { "-0.".contains($0) }
    return (isZero ? "" : "−") + text.dropFirst()
  }

  /// A number with its sign, a plus included.
  package static func signed(_ value: Double?, digits: Int = 4) -> String {
    let text = text(value, digits: digits)
    return value ?? 0 > 0 ? "+" + text : text
  }

  /// A whole number with its thousands apart.
  package static func count(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (value < 0 ? "−" : "") + ([digits] + groups).joined(separator: ",")
  }
}
