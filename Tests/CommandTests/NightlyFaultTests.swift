import Foundation
import PostgresLogs
import Testing

/// Nights in which something goes wrong at a random moment: nothing is lost, used twice or half
/// published.
///
/// `make soak` runs many of them; SOAK_NIGHTS says how many.
@Suite(.serialized) struct NightlyFaultTests {
  private static func setting(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }

  @Test func `whatever happens at night, each row is used once and scores are whole`() throws {
    let nights = Self.setting("SOAK_NIGHTS") ?? Fault.allCases.count
    let shop = try GrowingShop(nights: nights + 2)
    var outcomes: [String: Int] = [:]
    var typical = Duration.seconds(1)
    for night in 0..<nights {
      let fault = Fault.allCases[night % Fault.allCases.count]
      let delay = typical * Double.random(in: 0...1.1)
      let began = ContinuousClock.now
      let result = try shop.night(with: fault, after: delay)
      if fault == .none { typical = began.duration(to: .now) }
      outcomes["\(fault) \(result.status)", default: 0] += 1
      let story = "night \(night), \(fault) after \(delay): \(result.status)\n\(result.errors)"
      #expect(Self.isHonest(result, fault), "\(story)")
      if let problem = try shop.problemOfScores() { Issue.record("\(problem)\n\(story)") }
      // Half of the failed nights are tried again at once, as a timer's restart does.
      if result.status != 0, result.status != 3, Bool.random() {
        let again = try shop.run("nightly")
        #expect([0, 3].contains(again.status), "again after \(story)\n\(again.errors)")
        if let problem = try shop.problemOfScores() { Issue.record("\(problem)\n\(again.errors)") }
      }
      try shop.grow(byHours: 6)
    }
    let last = try shop.run("nightly", "--format", "json")
    #expect(last.status == 0, "\(last.errors)")
    let clock = try #require(try last.json()["clock"] as? String)
    let (used, expected) = (try shop.usedRows(), try shop.expectedRows(clock: clock))
    #expect(used == expected, "\(used), not \(expected)")
    #expect(try shop.leftovers() == [])
    #expect(
      try shop.count("SELECT count(*) FROM paretorank.runs WHERE state = 'running'") == 0)
    #expect(
      try shop.count(
        """
        SELECT count(*) FROM paretorank.runs r WHERE kind = 'nightly' AND state = 'finished'
          AND EXISTS (SELECT FROM paretorank.stages s WHERE s.run_id = r.id AND s.state <> 'finished')
        """) == 0)
    #expect(
      try shop.count(
        """
        SELECT count(*) FROM (SELECT FROM paretorank.promotions WHERE kind = 'publish'
          GROUP BY run_id HAVING count(*) > 1) AS twice
        """) == 0)
    if nights > Fault.allCases.count {
      for (outcome, count) in outcomes.sorted(by: { $0.key < $1.key }) { print(outcome, count) }
    }
  }

  /// Whether the exit code is one that this fault may lead to, and anything but success says why.
  private static func isHonest(_ result: CommandResult, _ fault: Fault) -> Bool {
    if result.status == 0 { return fault != .refusal || result.output.contains("nothing new") }
    if result.status == -SIGKILL { return [.kill, .checkpoint].contains(fault) }
    let isTold = result.errors.contains("error: ")
    switch fault {
    case .refusal: return result.status == 3 && isTold
    case .backends, .crash, .cut: return [69, 1].contains(result.status) && isTold
    case .fileSize, .diskFull: return result.status == 1 && isTold
    default: return false
    }
  }
}
