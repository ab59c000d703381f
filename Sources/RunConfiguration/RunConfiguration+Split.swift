extension RunConfiguration {
  /// A length of time.
  public struct Span: Codable, Sendable, Equatable {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static func days(_ count: Int64) -> Span {
      Span(microseconds: count * 86_400_000_000)
    }

    /// Reads a positive number of minutes, hours, days or weeks, at most 100 years: `28 days`.
    public init?(_ text: String) {
      let units: [String: Double] = [
        "minute": 60e6, "hour": 3_600e6, "day": 86_400e6, "week": 604_800e6,
      ]
      let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      var unit = text[digits.endIndex...].drop { $0 == " " }
      if unit.last == "s" { unit.removeLast() }
      guard let count = Double(digits), let scale = units[String(unit)] else { return nil }
      let microseconds = (count * scale).rounded()
      guard microseconds >= 1, microseconds <= 100 * 366 * 86_400e6 else { return nil }
      self.init(microseconds: Int64(microseconds))
    }
  }

  /// A window of time: `from` is in it, `to` is not.
  ///
  /// Both are microseconds since 1970-01-01 00:00 UTC.
  public struct Window: Codable, Sendable, Equatable {
    public var from: Int64
    public var to: Int64

    public init(from: Int64, to: Int64) {
      self.from = from
      self.to = to
    }
  }

  /// Which rows train, validate and test.
  public enum Split: Codable, Sendable, Equatable {
    /// Counted back from the newest row: test comes last, validation before it, then training.
    ///
    /// `train` is nil where all earlier rows train.
    case recent(train: Span?, validation: Span, test: Span)
    case windows(train: Window, validation: Window, test: Window)
    /// Shares of the rows, drawn with `seed`; the rest stays unused.
    case random(train: Double, validation: Double, test: Double, seed: UInt64)

    /// All rows but the last two days train, then a day validates, and a day tests.
    public static let standard = Split.recent(train: nil, validation: .days(1), test: .days(1))
  }
}

/// Reads moments as ISO 8601 writes them.
public enum ISO8601 {
  /// Microseconds since 1970-01-01 00:00 UTC; nil where `text` is no moment.
  ///
  /// It takes a date alone, or with hours and minutes after `T` or a space, then perhaps seconds
  /// with up to six decimals, then perhaps `Z` or an offset such as `+02:00`. UTC is the default.
  public static func microseconds(_ text: String) -> Int64? {
    var rest = Array(text.utf8)[...]
    func digits(_ count: Int) -> Int64? {
      let part = rest.prefix(count)
      guard part.count == count, part.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
      rest = rest.dropFirst(count)
      return part.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
    func skip(_ character: Character) -> Bool {
      guard rest.first == character.asciiValue else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = digits(4), skip("-"), let month = digits(2), skip("-"),
      let day = digits(2), (1...12).contains(month),
      (1...daysIn(month: month, year: year)).contains(day)
    else { return nil }
    var microseconds = daysSince1970(year, month, day) * 86_400_000_000
    if rest.isEmpty { return microseconds }
    guard skip("T") || skip(" "), let hour = digits(2), skip(":"), let minute = digits(2),
      hour <= 23, minute <= 59
    else { return nil }
    microseconds += (hour * 60 + minute) * 60_000_000
    if skip(":") {
      guard let second = digits(2), second <= 59 else { return nil }
      microseconds += second * 1_000_000
      if skip(".") {
        var scale: Int64 = 100_000
        guard let first = digits(1) else { return nil }
        microseconds += first * scale
        while scale > 1, let next = digits(1) {
          scale /= 10
          microseconds += next * scale
        }
      }
    }
    if rest.isEmpty || skip("Z") { return rest.isEmpty ? microseconds : nil }
    let isEast = skip("+")
    guard isEast || skip("-"), let hours = digits(2), hours <= 18 else { return nil }
    _ = skip(":")
    let minutes = rest.isEmpty ? 0 : digits(2)
    guard let minutes, minutes <= 59, rest.isEmpty else { return nil }
    let offset = (hours * 60 + minutes) * 60_000_000
    return microseconds + (isEast ? -offset : offset)
  }

  private static func daysIn(month: Int64, year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return switch month {
    case 2: isLeap ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days in the proleptic Gregorian calendar, counted in years that begin in March.
  private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }
}
