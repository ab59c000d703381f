import Interactions
import Jobs
import Testing

/// Why a night without new rows had none, word for word.
struct NothingNewTests {
  private static let hour = Timestamp.microsecondsPerHour
  private static let day = Timestamp.microsecondsPerDay

  /// A night of one task whose window is six hours, at times counted in hours from 1970.
  private func reason(
    oldest: Int64, newest: Int64, clock: Int64, waiting: Int64?, former: Int64? = nil
  ) -> String {
    let windows = NightWindows(
      clock: clock * Self.hour, windows: [6 * Self.hour],
      newestKnown: [min(newest, clock - 6) * Self.hour], evaluation: Self.day, lateness: Self.day)
    return NothingNew(
      windows: windows, taskNames: ["click"], oldest: oldest * Self.hour,
      newest: newest * Self.hour, waiting: [waiting.map { $0 * Self.hour }],
      formerClock: former.map { $0 * Self.hour }
    ).reason
  }

  @Test func `all rows lie in the evaluation window`() {
    #expect(
      reason(oldest: 12, newest: 30, clock: 31, waiting: 12) == """
        nothing new: all rows, of 1970-01-01 12:00:00Z to 1970-01-02 06:00:00Z, lie in the \
        evaluation window of 1 day (the log's clock: 1970-01-02 07:00:00Z); lengthen the log or \
        shorten nightly.evaluation; the row of 1970-01-01 12:00:00Z trains for click once there are \
        rows after 1970-01-02 12:00:00Z and the clock has passed 1970-01-02 18:00:00Z
        """)
  }

  @Test func `the log ends long before its clock`() {
    #expect(
      reason(oldest: 0, newest: 48, clock: 24 * 12, waiting: 24) == """
        nothing new: the newest row, of 1970-01-03 00:00:00Z, lies 10 days before the log's clock, \
        1970-01-13 00:00:00Z: see whether the log is still written; the row of 1970-01-02 00:00:00Z \
        trains for click once there are rows after 1970-01-03 00:00:00Z and the clock has passed \
        1970-01-03 06:00:00Z
        """)
  }

  @Test func `older rows were used before`() {
    #expect(
      reason(oldest: 0, newest: 48, clock: 48, waiting: nil) == """
        nothing new: all rows older than the evaluation window of 1 day were used before, are held \
        for a comparison or have no label (newest row: 1970-01-03 00:00:00Z, the log's clock: \
        1970-01-03 00:00:00Z); only new rows train
        """)
  }

  @Test func `the clock went back`() {
    #expect(
      reason(oldest: 0, newest: 48, clock: 48, waiting: nil, former: 60) == """
        nothing new: the log's clock went back to 1970-01-03 00:00:00Z, an earlier night knew \
        1970-01-03 12:00:00Z: see impressions.clock; only new rows train
        """)
  }
}
