import Foundation
import Interactions
import Testing

struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01 00:00:00Z"), (-1, "1969-12-31 23:59:59.999999Z"),
    (951_782_400_000_000, "2000-02-29 00:00:00Z"),
    (1_777_624_200_500_000, "2026-05-01 08:30:00.5Z"),
    (-2_203_891_200_000_000, "1900-03-01 00:00:00Z"),
  ])
  func `times are written in UTC`(time: Int64, text: String) {
    #expect(Timestamp.text(time) == text)
  }

  @Test func `the extremes have hours and weekdays`() {
    for time in [Int64.min, .max] {
      #expect((0...23).contains(Timestamp.hour(time)))
      #expect((1...7).contains(Timestamp.weekday(time)))
      #expect(!Timestamp.text(time).isEmpty)
    }
  }

  @Test func `what is written reads back`() {
    for time in [
      0, -1, 951_782_400_000_000, 1_777_624_200_500_000, -2_203_891_200_000_000,
      -62_167_219_200_000_000, -62_167_219_200_000_000 + 59 * Timestamp.microsecondsPerDay,
      253_402_300_799_999_999,
    ] {
      #expect(Timestamp.time(Timestamp.text(time)) == time, "\(Timestamp.text(time))")
    }
  }

  @Test(arguments: [
    "1 day", "28 days", "36 hours", "1 hour", "90 minutes", "1 second", "0.05 seconds",
  ])
  func `a length is written as it can be read`(text: String) throws {
    #expect(Timestamp.lengthText(try #require(Timestamp.length(text))) == text)
  }

  @Test func `lengths are counts of units`() {
    let day = Timestamp.microsecondsPerDay
    #expect(Timestamp.length("28 days") == 28 * day)
    #expect(Timestamp.length("2weeks") == 14 * day)
    #expect(Timestamp.length("36 hours") == 36 * Timestamp.microsecondsPerHour)
    #expect(Timestamp.length("1.5 minutes") == 90_000_000)
    for text in [
      "", "days", "0 days", "-1 days", "1e9 days", "99999999999999999999 weeks", "1 dayss",
      "36601 days",
    ] {
      #expect(Timestamp.length(text) == nil, "\(text)")
    }
  }

  @Test func `moments are read as ISO 8601 writes them`() {
    let formatter = ISO8601DateFormatter()
    for text in [
      "1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2025-03-01T06:00:00+02:00",
      "1969-12-31T23:00:00-01:30", "2100-12-31T00:00:00Z", "1600-03-01T00:00:00Z",
    ] {
      let expected = formatter.date(from: text).map { Int64($0.timeIntervalSince1970) * 1_000_000 }
      #expect(Timestamp.time(text) == expected, "\(text)")
    }
    #expect(Timestamp.time("1970-01-02") == 86_400_000_000)
    #expect(Timestamp.time("1970-01-01 00:01") == 60_000_000)
    #expect(Timestamp.time("1970-01-01T00:00:00.25Z") == 250_000)
    #expect(Timestamp.time("1970-01-01T01:00+0100") == 0)
    for text in [
      "", "2025", "2025-13-01", "2025-02-29", "2025-01-01T24:00", "2025-01-01T00:00X",
      "2025-01-01T00:00:00+2", "2025-1-1", "2025-01-01Z", "2025-01-01T00:00:00.1234567",
    ] {
      #expect(Timestamp.time(text) == nil, "\(text)")
    }
  }
}
