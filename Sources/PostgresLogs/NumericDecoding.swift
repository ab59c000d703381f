import Glibc

/// Reads PostgreSQL's binary `numeric`: digits in base 10,000 with a weight and a sign.
enum NumericDecoding {
  /// Powers of ten that a `Double` holds exactly.
  private static let exactPowers: [Double] = (0...22).map { (0..<$0).reduce(1) { p, _ in p * 10 } }

  /// The nearest `Double`, or nil if the bytes aren't a numeric.
  static func value(_ bytes: UnsafeRawBufferPointer) -> Double? {
    func word(_ index: Int) -> UInt16 {
      unsafe UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
    }
    guard bytes.count >= 8 else { return nil }
    let digitCount = Int(word(0))
    guard bytes.count == 8 + 2 * digitCount else { return nil }
    let isNegative: Bool
    switch word(2) {
    case 0x0000: isNegative = false
    case 0x4000: isNegative = true
    case 0xC000: return .nan
    case 0xD000: return .infinity
    case 0xF000: return -.infinity
    default: return nil
    }
    let exponent = 4 * (Int(Int16(bitPattern: word(1))) - digitCount + 1)
    // Both parts exact, so that one rounding remains: fits nearly every number of a log.
    if digitCount <= 4 && abs(exponent) < exactPowers.count {
      var whole: UInt64 = 0
      for index in 0..<digitCount { whole = whole * 10_000 + UInt64(word(4 + index)) }
      if whole < 1 << 53 {
        let size =
          exponent < 0
          ? Double(whole) / exactPowers[-exponent] : Double(whole) * exactPowers[exponent]
        return isNegative ? -size : size
      }
    }
    var text = isNegative ? "-" : ""
    for index in 0..<digitCount {
      let digits = String(word(4 + index))
      text += String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
    return unsafe strtod(text + "e\(exponent)", nil)
  }
}
