import Gates
import Interactions
import Randomness
import Testing

/// Nights on which nothing happens, and nights on which something does.
struct NoFalseAlarmTests {
  @Test func `of 500 nights without drift, fewer than one in a hundred alarms`() {
    let log = PlantedLog(users: 3_000, seed: 1)
    #expect(log.features.features.count == 30)
    var generator = SplitMix64(seed: 2)
    var order: [Int] = []
    var former: DriftProfile?
    var alarms: [GateCheck] = []
    var tightAlarms: [GateCheck] = []
    for _ in 0..<500 {
      // 60 users with 180 rows, who were not there the night before.
      if order.count < 60 {
        order = Array(0..<log.users).shuffled(using: &generator)
        former = nil
      }
      let profile = log.profile(log.rows(ofUsers: order.suffix(60)), since: former)
      order.removeLast(60)
      func alarm(_ settings: GateSettings) -> GateCheck? {
        DriftCheck(settings: settings).findings(of: profile, since: former).first { !$0.passed }
      }
      if let check = alarm(.usual) { alarms.append(check) }
      if let check = alarm(.tight) { tightAlarms.append(check) }
      former = profile
    }
    #expect(alarms.count < 5, "\(alarms)")
    #expect(tightAlarms.count < 5, "\(tightAlarms)")
  }

  /// A night of harmed rows after one of sound rows.
  private func alarms(
    _ settings: GateSettings = .usual, missing: [String: Double] = [:],
    _ harm: (inout PlantedLog) -> Void
  ) -> [String] {
    let log = PlantedLog(users: 600, seed: 4)
    var harmed = log
    harm(&harmed)
    let former = log.profile(log.rows(ofUsers: 0..<300))
    let tonight = harmed.profile(
      harmed.rows(ofUsers: 300..<600), missing: missing, since: former)
    return DriftCheck(settings: settings).findings(of: tonight, since: former)
      .filter { !$0.passed }.map { "\($0.measure.rawValue) \($0.subject)" }
  }

  @Test func `a sound night raises no alarm`() {
    #expect(alarms { _ in } == [])
  }

  @Test func `a feature that has gone NULL raises an alarm, whatever its kind`() {
    #expect(alarms { $0.clear("number5") } == ["missing number5"])
    #expect(alarms { $0.forget("hashed1") } == ["missing hashed1"])
    #expect(alarms(missing: ["id1": 1]) { $0.forget("id1") } == ["missing id1"])
    #expect(alarms { $0.forget("bucket2") } == ["missing bucket2"])
  }

  @Test func `a feature of new ids alone raises an alarm`() {
    #expect(alarms { $0.forget("id1") } == ["new_ids id1"])
  }

  @Test func `a number that has shifted raises an alarm`() {
    #expect(alarms { $0.shift("number1", by: 1.5) } == ["stability number1"])
    #expect(alarms { $0.shift("number3", by: 2) } == ["stability number3"])
  }

  @Test func `a label rate that has doubled raises an alarm where the limit is lower`() {
    var settings = GateSettings.usual
    #expect(alarms(settings) { $0.raise("click", by: 0.3, seed: 5) } == [])
    settings.labelRatio = 1.3
    #expect(alarms(settings) { $0.raise("click", by: 0.3, seed: 5) } == ["label_rate click"])
  }
}
