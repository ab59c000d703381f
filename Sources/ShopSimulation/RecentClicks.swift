/// Each user's latest clicks, for the lists that the log shows with every request.
struct RecentClicks {
  /// Items that a list holds at most.
  static let longest = 10
  /// A few more than a list holds, since the newest clicks may lie after the request.
  private static let kept = longest + 6

  private var items: [Int64]
  private var times: [Int64]
  private var counts: [UInt8]

  init(userCount: Int) {
    items = Array(repeating: 0, count: userCount * Self.kept)
    times = Array(repeating: 0, count: userCount * Self.kept)
    counts = Array(repeating: 0, count: userCount)
  }

  /// Notes a click; the user's clicks stay ordered by time, newest first.
  mutating func add(item: Int64, at time: Int64, by user: Int) {
    let base = user * Self.kept
    let count = Int(counts[user])
    var place = 0
    while place < count && times[base + place] > time { place += 1 }
    guard place < Self.kept else { return }
    let newCount = min(count + 1, Self.kept)
    for index in stride(from: newCount - 1, to: place, by: -1) {
      items[base + index] = items[base + index - 1]
      times[base + index] = times[base + index - 1]
    }
    items[base + place] = item
    times[base + place] = time
    counts[user] = UInt8(newCount)
  }

  /// Appends what `user` had clicked before `time`, newest first, at most ``longest`` items.
  func append(of user: Int, before time: Int64, to list: inout [Int64]) {
    let base = user * Self.kept
    var room = Self.longest
    for index in base..<base + Int(counts[user]) where room > 0 && times[index] < time {
      list.append(items[index])
      room -= 1
    }
  }
}
