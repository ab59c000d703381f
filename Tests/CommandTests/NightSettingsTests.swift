import Foundation
import PostgresLogs
import Testing

/// Settings of a night that are wrong, or that change while it is not done.
@Suite(.serialized) struct NightSettingsTests {
  private let shop: GrowingShop

  /// The shop after a first good night, some hours later.
  init() throws {
    shop = try GrowingShop(nights: 6)
    let first = try shop.run("nightly")
    try #require(first.status == 0, "\(first.errors)")
    try shop.grow(byHours: 6)
  }

  @Test func `a mistake in the key or the clock is told by the setting's name`() throws {
    let key = try shop.run("nightly", "--set", "impressions.key=impresion_id")
    #expect(key.status == 64)
    #expect(
      key.problems == [
        "error: impressions.key: shop.log has no column impresion_id; did you mean impression_id?"
      ], "\(key.errors)")
    let clock = try shop.run("nightly", "--set", "impressions.clock=SELECT until FROM shop.clock")
    #expect(clock.status == 64)
    #expect(clock.problems.last?.hasPrefix("error: impressions.clock: ") == true, "\(clock.errors)")
    try shop.expectGoodNight()
  }

  @Test func `a clock that went back is told, not an interval that ends before it begins`() throws {
    let night = try shop.run(
      "nightly", "--set", "impressions.clock=SELECT timestamptz '2025-11-01 00:00Z'")
    #expect(night.status == 65)
    let told = night.problems.last ?? ""
    #expect(told.contains("the log's clock says 2025-11-01 00:00:00Z, which lies before 202"))
    #expect(told.hasSuffix("see whether impressions.clock went back"), "\(night.errors)")
    try shop.expectGoodNight()
  }

  @Test func `places that can't be written to are refused before the work`() throws {
    let before = try shop.runs()
    let numbers = try shop.run(
      "nightly", "--set", "nightly.metrics_file=nowhere/night.prom", "--on-failure", "cat > told")
    #expect(numbers.status == 64)
    #expect(
      numbers.problems == [
        "error: nightly.metrics_file: nowhere/night.prom: its folder nowhere doesn't exist"
      ], "\(numbers.errors)")
    #expect(try shop.text("told").contains("nightly.metrics_file"))
    let foreign = try shop.run("nightly", "--set", "nightly.report=models")
    #expect(foreign.status == 64)
    #expect(foreign.problems.count == 1)
    #expect(
      foreign.problems.last?.hasPrefix("error: nightly.report: ") == true, "\(foreign.errors)")
    let missing = try shop.run("nightly", "--set", "nightly.report=nowhere/nights")
    #expect(missing.status == 64)
    #expect(missing.problems.last?.hasSuffix("its folder nowhere doesn't exist") == true)
    #expect(try shop.runs() == before)
  }

  @Test func `settings of what is still to come may change on the way`() throws {
    try shop.connection.withTransaction {
      try shop.connection.execute("LOCK TABLE shop.impressions IN ACCESS EXCLUSIVE MODE")
      #expect(try shop.run("nightly").status == 1)
    }
    let later = [
      "nightly.report=nights", "nightly.metrics_file=other.prom", "nightly.keep=4",
      "nightly.checkpoint=1 minute", "nightly.gate.tolerance=0.4", "limits.retry=4 seconds",
      "scoring.top=4",
    ].flatMap { ["--set", $0] }
    let night = try shop.finish(shop.start(["nightly", "--format", "json"] + later))
    #expect(night.status == 0, "\(night.errors)")
    #expect(try night.json()["run"] as? Int == 2, "\(night.errors)")
    #expect(night.errors.contains("run 2, which stopped in"))
    let gate = try #require(try night.json()["gate"] as? [String: Any])
    let checks = try #require(gate["checks"] as? [[String: Any]])
    #expect(checks.first { $0["measure"] as? String == "auc" }?["limit"] as? Double == -0.4)
  }

  @Test func `a run of another configuration is abandoned, and its error stays to be seen`() throws
  {
    #expect(try shop.run("nightly").status == 0)
    try shop.undo("gate", "publish", "score", "record")
    try shop.connection.execute(
      """
      UPDATE paretorank.runs SET state = 'failed', finished_at = now(), error = 'the disk is full'
      WHERE id = 2
      """)
    let night = try shop.run("nightly", "--set", "nightly.epochs=2")
    #expect(night.errors.contains("run 2 is abandoned: another configuration"), "\(night.errors)")
    #expect(
      try shop.run("runs").output.contains("another configuration; before that: the disk is full"))
  }
}
