/// Points in time as whole microseconds since 1970-01-01 00:00 UTC, before then negative.
package enum Timestamp {
  package static let microsecondsPerHour: Int64 = 3_600_000_000
  package static let microsecondsPerDay: Int64 = 24 * microsecondsPerHour

  /// The hour of the day in UTC, `0...23`.
  @inline(__always)
  package static func hour(_ time: Int64) -> Int32 {
    Int32(truncatingIfNeeded: floorModulo(time, microsecondsPerDay) / microsecondsPerHour)
  }

  /// The day of the week in UTC, `1...7`, Monday to Sunday; 1970-01-01 was a Thursday.
  @inline(__always)
  package static func weekday(_ time: Int64) -> Int32 {
    Int32(truncatingIfNeeded: floorModulo(floorQuotient(time, microsecondsPerDay) + 3, 7)) + 1
  }

  /// The time as people write it, `2026-05-01 08:30:00.5Z`.
  package static func text(_ time: Int64) -> String {
    let day = floorQuotient(time, microsecondsPerDay)
    let microseconds = floorModulo(time, microsecondsPerDay)
    let seconds = microseconds / 1_000_000
    let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
    var fraction = padded(microseconds % 1_000_000, 6)
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return date(day) + " " + clock.joined(separator: ":")
      + (fraction.isEmpty ? "" : ".\(fraction)") + "Z"
  }

  /// The day in UTC, counted from 1970-01-01.
  package static func day(_ time: Int64) -> Int64 { floorQuotient(time, microsecondsPerDay) }

  /// When such a day begins, or the earliest time where a number can't hold that.
  package static func start(ofDay day: Int64) -> Int64 {
    let (start, overflow) = day.multipliedReportingOverflow(by: microsecondsPerDay)
    return overflow ? .min : start
  }

  /// The date of such a day, `2026-05-01`.
  package static func dayText(_ day: Int64) -> String { date(day) }

  /// The date of a day counted from 1970-01-01 in the Gregorian calendar.
  ///
  /// Years start in March here, so that a leap day is the last of its year; 400 years have 146,097
  /// days.
  private static func date(_ day: Int64) -> String {
    let shifted = day + 719_468  // Days since 0000-03-01.
    let era = floorQuotient(shifted, 146_097)
    let dayOfEra = floorModulo(shifted, 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    let year = yearOfEra + 400 * era + (month <= 2 ? 1 : 0)
    let dayOfMonth = dayOfYear - (153 * march + 2) / 5 + 1
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
  }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value.magnitude)
    return (value < 0 ? "-" : "")
      + String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  @inline(__always)
  private static func floorModulo(_ a: Int64, _ b: Int64) -> Int64 {
    let rest = a % b
    return rest < 0 ? rest + b : rest
  }

  @inline(__always)
  static func floorQuotient(_ a: Int64, _ b: Int64) -> Int64 {
    a / b - (a % b < 0 ? 1 : 0)
  }
}
