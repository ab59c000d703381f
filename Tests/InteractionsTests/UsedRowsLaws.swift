import Interactions
import Testing

/// What holds over many nights, whatever arrives when.
struct UsedRowsLaws {
  static let day = UsedRowsTests.day

  /// An impression as the shop knows it.
  struct Impression {
    var key: Int64
    var time: Int64
    /// When it is in the log.
    var arrival: Int64
    /// When each label is in the log.
    var labelled: [Int64]
    /// How often it was used for each task.
    var uses = [0, 0]
    var counts = 0
  }

  /// Small numbers in a fixed order.
  struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 33
    }
  }

  static func impressions(_ count: Int, _ numbers: inout Numbers) -> [Impression] {
    (0..<count).map { _ in
      let time = Int64.random(in: 0..<20 * day, using: &numbers)
      // One in four comes late, by up to the lateness that is allowed.
      let isLate = UInt8.random(in: 0..<4, using: &numbers) == 0
      let arrival = time + (isLate ? Int64.random(in: 0...day, using: &numbers) : 0)
      return Impression(
        key: Int64.random(in: .min ... .max, using: &numbers), time: time, arrival: arrival,
        labelled: (0..<2).map { _ in arrival + Int64.random(in: 0...day, using: &numbers) })
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `over random nights every row is used once for each task`(seed: UInt64) throws {
    var numbers = Numbers(state: seed)
    var impressions = Self.impressions(400, &numbers)
    var used = UsedRows()
    var clock: Int64 = 0
    while clock < 30 * Self.day {
      // Nights come too early, too late, or not at all; now and then the clock goes back.
      clock += Int64.random(in: -Self.day / 4...2 * Self.day, using: &numbers)
      let arrived = impressions.indices
        .filter { impressions[$0].arrival <= clock && impressions[$0].time >= used.horizon }
        .sorted { impressions[$0].time < impressions[$1].time }
      let (log, keys) = UsedRowsTests.log(
        arrived.map { index in
          let row = impressions[index]
          return .init(
            key: row.key, time: row.time,
            labels: row.labelled.map { $0 <= clock ? .positive : .unknown })
        })
      let night = try used.night(
        of: log, keys: keys, windows: UsedRowsTests.windows(clock: clock, holdout: 0.3))
      for task in 0..<2 {
        for row in arrived.indices where night.evaluationLog.labels[task][row] != 2 {
          #expect(impressions[arrived[row]].uses == [0, 0])
          #expect(night.trainingLog.labels.allSatisfy { $0[row] == 2 })
        }
      }
      #expect(night.tooLate == 0 && night.duplicates == 0)
      let counted = used.counted(times: log.times, keys: keys, windows: night.windows)
      #expect(UsedRowsTests.values(counted) == UsedRowsTests.values(night.counted))
      for row in UsedRowsTests.values(night.counted) { impressions[arrived[row]].counts += 1 }
      for task in 0..<2 {
        for row in arrived.indices where night.trainingLog.labels[task][row] != 2 {
          impressions[arrived[row]].uses[task] += 1
        }
      }
      // A night that is refused leaves the ledger as it was.
      if UInt8.random(in: 0..<5, using: &numbers) == 0 {
        for row in UsedRowsTests.values(night.counted) { impressions[arrived[row]].counts -= 1 }
        for task in 0..<2 {
          for row in arrived.indices where night.trainingLog.labels[task][row] != 2 {
            impressions[arrived[row]].uses[task] -= 1
          }
        }
        continue
      }
      used.add(night)
      used = try UsedRows(bytes: used.bytes)
      #expect(impressions.allSatisfy { $0.uses[0] <= 1 && $0.uses[1] <= 1 && $0.counts <= 1 })
    }
    #expect(impressions.allSatisfy { $0.uses == [1, 1] && $0.counts == 1 })
    #expect(used.rowCount == 0)
  }
}
