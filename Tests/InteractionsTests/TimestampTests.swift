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
}
