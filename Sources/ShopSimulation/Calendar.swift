/// How the log's impressions spread over days, requests and hours.
struct Calendar: Sendable {
  static let microsecondsPerDay: Int64 = 86_400_000_000

  private let settings: ShopSettings
  /// Shares of a day's requests that come before each full hour.
  private let cumulativeHours: [Double]

  init(settings: ShopSettings) {
    self.settings = settings
    // Requests in each hour of the day, in percent: few at night, most in the evening.
    let hours = [
      1.5, 1, 0.7, 0.5, 0.5, 0.8, 1.6, 2.8, 4, 4.8, 5.2, 5.4, 5.8, 5.4, 5, 5, 5.2, 5.6, 6.4, 7.4,
      8.2, 7.8, 5.8, 3.6,
    ]
    let total = hours.reduce(0, +)
    var sum = 0.0
    cumulativeHours =
      [0]
      + hours.map { hour in
        sum += hour; return sum / total
      }
  }

  /// Impressions before `day`, counted from the start of the log.
  func impressions(before day: Int) -> Int { settings.impressions * day / settings.days }

  /// Impressions on `day`.
  func impressions(on day: Int) -> Int { impressions(before: day + 1) - impressions(before: day) }

  /// Requests on `day`; all but the last show ``ShopSimulation/itemsPerRequest`` items.
  func requests(on day: Int) -> Int {
    let perRequest = ShopSimulation.itemsPerRequest
    return (impressions(on: day) + perRequest - 1) / perRequest
  }

  /// The moment of `day` before which the share `share` of its requests comes.
  func time(on day: Int, after share: Double) -> Int64 {
    let hour = min((cumulativeHours.firstIndex { $0 > share } ?? 24) - 1, 23)
    let within =
      (share - cumulativeHours[hour]) / (cumulativeHours[hour + 1] - cumulativeHours[hour])
    let hours = Double(hour) + min(max(within, 0), 1)
    let perDay = Self.microsecondsPerDay
    let offset = min(Int64(hours / 24 * Double(perDay)), perDay - 1)
    return settings.start + Int64(day) * perDay + offset
  }

  /// The hour of the day in UTC, `0...23`.
  static func hour(of time: Int64) -> Int {
    Int(time % microsecondsPerDay / (microsecondsPerDay / 24))
  }
}
