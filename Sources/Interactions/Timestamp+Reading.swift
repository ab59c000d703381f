extension Timestamp {
  /// The time that a text in the form of ISO 8601 stands for; nil where it is none.
  ///
  /// It takes a date alone, or with hours and minutes after `T` or a space, then perhaps seconds
  /// with up to six decimals, then perhaps `Z` or an offset such as `+02:00`. UTC is the default.
  package static func time(_ text: String) -> Int64? {
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
    var microseconds = Self.day(year, month, day) * microsecondsPerDay
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

  /// The microseconds in a text such as `28 days`; nil where it is no length of time.
  ///
  /// It takes a positive number of seconds, minutes, hours, days or weeks, up to 100 years.
  package static func length(_ text: String) -> Int64? {
    let units: [String: Int64] = [
      "second": 1_000_000, "minute": microsecondsPerHour / 60, "hour": microsecondsPerHour,
      "day": microsecondsPerDay,
      "week": 7 * microsecondsPerDay,
    ]
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    var unit = text[digits.endIndex...].drop { $0 == " " }
    if unit.last == "s" { unit.removeLast() }
    guard let count = Double(digits), let scale = units[String(unit)] else { return nil }
    let microseconds = (count * Double(scale)).rounded()
    let longest = Double(100 * 366 * microsecondsPerDay)
    return (1...longest).contains(microseconds) ? Int64(microseconds) : nil
  }

  /// A length of time in its largest whole unit, `36 hours` or `1 day`: what ``length(_:)`` reads.
  package static func lengthText(_ length: Int64) -> String {
    let units = [
      (microsecondsPerDay, "day"), (microsecondsPerHour, "hour"),
      (microsecondsPerHour / 60, "minute"),
    ]
    if length > 0, let (size, name) = units.first(where: { length % $0.0 == 0 }) {
      return "\(length / size) \(name)\(length == size ? "" : "s")"
    }
    let seconds = Double(length) / 1_000_000
    let count = seconds == seconds.rounded() ? "\(length / 1_000_000)" : "\(seconds)"
    return "\(count) second\(seconds == 1 ? "" : "s")"
  }

  private static func daysIn(month: Int64, year: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return switch month {
    case 2: isLeap ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The day, counted from 1970-01-01, of a date; the way back of `date(_:)`.
  private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let march = (month + 9) % 12
    let leapDays =
      floorQuotient(shifted, 4) - floorQuotient(shifted, 100) + floorQuotient(shifted, 400)
    return shifted * 365 + leapDays + (153 * march + 2) / 5 + day - 1 - 719_468
  }
}
