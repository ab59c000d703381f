import Foundation
import PostgresLogs
import Testing

/// Nights whose data or surroundings are not as usual: each is told in a line, ends as documented, and
/// costs no row.
@Suite(.serialized) struct BadNightTests {
  private let shop: GrowingShop

  /// The shop after a first good night, some hours later.
  init() throws {
    shop = try GrowingShop(nights: 6)
    let first = try shop.run("nightly")
    try #require(first.status == 0, "\(first.errors)")
    try shop.grow(byHours: 6)
  }

  // MARK: - Data

  @Test func `a night without new rows only scores`() throws {
    try shop.expectGoodNight()
    let versions = try shop.count("SELECT max(id) FROM paretorank.score_versions")
    let night = try shop.run("nightly", "--format", "json")
    #expect(night.status == 0, "\(night.errors)")
    #expect(try night.json()["state"] as? String == "nothing_new")
    let reason = try #require(try night.json()["reason"] as? String)
    #expect(
      reason.contains("all rows older than the evaluation window of 12 hours were used before"))
    #expect(reason.contains("the log's clock: 2026-01-04 06:00:00Z"))
    #expect(reason.contains("trains for click once there are rows after"))
    #expect(night.errors.contains(reason))
    let noted = try shop.connection.value(
      "SELECT reason FROM paretorank.runs ORDER BY id DESC LIMIT 1")
    #expect(noted == reason)
    #expect(try shop.count("SELECT count(*) FROM paretorank.models") == 2)
    #expect(try shop.count("SELECT max(id) FROM paretorank.score_versions") > versions)
    #expect(try shop.problemOfScores() == nil)
    try shop.grow(byHours: 6)
    try shop.expectGoodNight()
  }

  @Test func `a log that is no longer than the evaluation window says so`() throws {
    let night = try shop.finish(
      shop.start(["nightly", "--set", "nightly.evaluation=9 days", "--set", "output.name=other"]))
    #expect(night.status == 0, "\(night.errors)")
    #expect(night.output.contains("\nnothing new: all rows, of 2026-01-01 00:02:00Z to"))
    #expect(night.output.contains("lengthen the log or shorten nightly.evaluation"))
  }

  @Test func `a night without purchases is refused, and somebody is told`() throws {
    try shop.connection.execute(
      """
      CREATE TABLE shop.lost AS SELECT * FROM shop.events WHERE kind = 'purchase'
        AND happened_at > \(shop.clock) - interval '24 hours'
      """)
    try shop.connection.execute(
      "DELETE FROM shop.events e USING shop.lost l WHERE e = l::text::shop.events")
    let night = try shop.run(
      "nightly", "--on-failure", "(env | grep ^PARETORANK_ | sort; cat) > told")
    #expect(night.status == 3)
    #expect(night.problems.contains { $0.contains("purchase") && $0.contains("minimum_positives") })
    #expect(night.problems.last?.hasPrefix("error: the gate refused the model of run 2") == true)
    #expect(night.problems.last?.contains("paretorank models promote 2 --reason") == true)
    #expect(
      try shop.connection.value(
        "SELECT reason LIKE '%minimum_positives%' FROM paretorank.runs WHERE id = 2") == "t")
    let told = try shop.text("told")
    for line in ["PARETORANK_EXIT=3\n", "PARETORANK_RUN=2\n", "PARETORANK_STAGE=record\n"] {
      #expect(told.contains(line), "\(told)")
    }
    #expect(told.split(separator: "\n").last?.contains("minimum_positives") == true)
    #expect(try shop.text("paretorank.prom").contains("state=\"refused\"} 1"))
    try shop.connection.execute("INSERT INTO shop.events SELECT * FROM shop.lost")
    try shop.expectGoodNight()
    #expect(try shop.text("paretorank.prom").contains("state=\"published\"} 1"))
  }

  @Test func `a refused night that stopped before it was noted can still be forced`() throws {
    let strict = ["nightly", "--set", "nightly.gate.minimum_positives=100000"]
    #expect(try shop.finish(shop.start(strict)).status == 3)
    // As if the process had died after the gate.
    try shop.connection.execute(
      "DELETE FROM paretorank.stages WHERE run_id = 2 AND stage = 'record'")
    try shop.connection.execute(
      """
      UPDATE paretorank.runs SET state = 'running', finished_at = NULL, reason = NULL WHERE id = 2
      """)
    let forced = try shop.finish(shop.start(strict + ["--force", "looked at it"]))
    #expect(forced.status == 0, "\(forced.errors)")
    #expect(forced.errors.contains("run 2, which stopped in"))
    #expect(forced.output.contains("\nPublished by force (looked at it): "), "\(forced.output)")
    #expect(!forced.output.contains("Not published"))
    let shown = try shop.run("runs", "show", "2").output
    #expect(shown.contains("gate: Published by force (looked at it): "), "\(shown)")
    #expect(
      try shop.connection.value("SELECT reason FROM paretorank.runs WHERE id = 2")
        == "published against the gate: looked at it")
    #expect(
      try shop.count("SELECT run_id FROM paretorank.models WHERE state = 'current'") == 2)
    #expect(try shop.problemOfScores() == nil)
  }

  @Test func `a forced night says so first, wherever it is read`() throws {
    let night = try shop.run(
      "nightly", "--set", "nightly.gate.minimum_positives=100000", "--force", "looked at it")
    #expect(night.status == 0)
    for text in [night.errors, night.output] {
      #expect(text.contains("Published by force (looked at it): 2 of "), "\(text)")
      #expect(!text.contains("Not published"))
    }
  }

  @Test func `on a terminal the gate speaks once`() throws {
    let process = try shop.start(
      ["-qec", "\(GrowingShop.binary) nightly", "/dev/null"], running: "/usr/bin/script")
    let night = try shop.finish(process)
    #expect(night.status == 0)
    #expect(night.output.split(separator: "Fit to be published").count == 2, "\(night.output)")
    #expect(night.output.contains("calibration"))
  }

  @Test func `every line of a night's log has its run, and stages their rows and seconds`() throws {
    let night = try shop.run(
      "nightly", "--log", "json", "--set", "nightly.gate.minimum_positives=100000")
    #expect(night.status == 3)
    let lines = try night.errors.split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(object?["metadata"] as? [String: Any], "\(line)")
    }
    #expect(lines.allSatisfy { $0["run"] as? Int == 2 }, "\(night.errors)")
    let train = try #require(
      lines.first { $0["stage"] as? String == "train" && $0["seconds"] != nil })
    #expect(train["seconds"] is Double)
    #expect((train["rows"] as? Int).map { $0 > 0 } == true)
    #expect(lines.last?["exit"] as? Int == 3)
  }

  @Test func `a renamed label is a mistake of the configuration, and somebody is told`() throws {
    try shop.connection.execute("ALTER VIEW shop.log RENAME COLUMN clicked TO clicks")
    let night = try shop.run("nightly", "--on-failure", "(env | grep ^PARETORANK_; cat) > told")
    #expect(night.status == 64)
    #expect(night.problems.count == 1)
    #expect(night.problems.last?.contains("did you mean clicks?") == true, "\(night.errors)")
    let told = try shop.text("told")
    for line in ["PARETORANK_EXIT=64\n", "PARETORANK_STAGE=check\n", "did you mean clicks?\n"] {
      #expect(told.contains(line), "\(told)")
    }
    #expect(try shop.text("paretorank.prom").contains("state=\"failed\"} 1"))
    try shop.connection.execute("ALTER VIEW shop.log RENAME COLUMN clicks TO clicked")
    try shop.expectGoodNight()
  }

  @Test func `a feature that is suddenly missing is refused by its name`() throws {
    let newest = "shown_at >= \(shop.clock) - interval '12 hours'"
    try shop.connection.execute("UPDATE shop.impressions SET price = NULL WHERE \(newest)")
    let strict = ["--set", "nightly.gate.missing_rise=0.2"]
    let night = try shop.finish(shop.start(["nightly"] + strict))
    #expect(night.status == 3, "\(night.errors)")
    #expect(
      night.problems.contains { $0.contains("price") && $0.contains("missing_rise") },
      "\(night.errors)")
    try shop.connection.execute(
      """
      UPDATE shop.impressions i SET price = s.price FROM shop.source s
      WHERE i.price IS NULL AND s.impression_id = i.impression_id
      """)
    try shop.expectGoodNight(strict)
  }

  @Test func `rows of the future or of no time are told and not read`() throws {
    try shop.connection.execute(
      """
      INSERT INTO shop.impressions VALUES (-1, 1, 1, 1, '2026-05-01 00:00Z'),
        (-2, 1, 1, 1, '2100-01-01 00:00Z'), (-3, 1, 1, 1, 'infinity'), (-4, 1, 1, 1, NULL)
      """)
    let night = try shop.expectGoodNight()
    let told = night.problems.filter { $0.contains("rows are not read") }
    #expect(told.count == 2, "\(night.errors)")
    #expect(told.contains { $0.hasPrefix("warning: 2 rows are not read: they are without a time") })
    #expect(told.contains { $0.hasPrefix("warning: 2 rows are not read: they are younger than") })
  }

  // MARK: - The database and the machine

  @Test func `a locked log fails within the limit, and the next call goes on`() throws {
    let before = try shop.runs()
    try shop.connection.withTransaction {
      try shop.connection.execute("LOCK TABLE shop.impressions IN ACCESS EXCLUSIVE MODE")
      let start = ContinuousClock.now
      let night = try shop.run("nightly")
      #expect(night.status == 1)
      #expect(start.duration(to: .now) < .seconds(15))
      #expect(night.problems.count == 1, "\(night.errors)")
      #expect(night.problems.last?.contains("lock") == true, "\(night.errors)")
    }
    try shop.expectGoodNight()
    #expect(try shop.runs() == before + 1)
  }

  @Test(arguments: ["-3d", "+3d"])
  func `a clock that is wrong by days changes nothing`(skew: String) throws {
    let night = try shop.run(
      "nightly", "--format", "json", under: ["/usr/bin/faketime", "-f", skew])
    #expect(night.status == 0, "\(night.errors)")
    #expect(try night.json()["state"] as? String == "published")
    #expect(try shop.problemOfScores() == nil)
    try shop.grow(byHours: 6)
    try shop.expectGoodNight()
  }

  @Test func `of two at once the second names the first`() throws {
    let connection = shop.connection
    try connection.execute("BEGIN")
    try connection.execute("LOCK TABLE shop.impressions IN ACCESS EXCLUSIVE MODE")
    let first = try shop.start(["nightly", "--set", "limits.lock=30 seconds"])
    try shop.wait(
      for: "SELECT count(*) FROM paretorank.runs WHERE state = 'running'", by: connection)
    let second = try shop.finish(shop.start(["nightly"], as: "second"), as: "second")
    try connection.execute("COMMIT")
    #expect(second.status == 75)
    let told = second.problems.last ?? ""
    #expect(second.problems.count == 1)
    #expect(told.contains("\(first.processIdentifier)"), "\(told)")
    #expect(told.contains(ProcessInfo.processInfo.hostName), "\(told)")
    #expect(told.contains("since 20"), "\(told)")
    let result = try shop.finish(first)
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test func `a night that is told to stop goes on when it is called again`() throws {
    let long = ["nightly", "--set", "nightly.epochs=200", "--format", "json"]
    let process = try shop.start(long)
    try shop.wait(
      for: "SELECT count(*) FROM paretorank.stages WHERE run_id = 2 AND stage = 'train'",
      by: shop.connection)
    usleep(300_000)
    kill(process.processIdentifier, SIGTERM)
    let stopped = try shop.finish(process)
    #expect(stopped.status == 1)
    #expect(
      stopped.problems == [
        "error: stopped on request; the same command goes on from where it stopped"
      ], "\(stopped.errors)")
    #expect(try shop.connection.value("SELECT state FROM paretorank.runs WHERE id = 2") == "failed")
    let night = try shop.finish(shop.start(long))
    #expect(night.status == 0, "\(night.errors)")
    #expect(try night.json()["run"] as? Int == 2)
    #expect(night.errors.contains("training goes on from a checkpoint"))
    #expect(try shop.expectedRows() == shop.usedRows())
    #expect(try shop.leftovers() == [])
  }

  @Test func `what was published by force stays published, whoever ends the night`() throws {
    let strict = ["nightly", "--set", "nightly.gate.minimum_positives=100000"]
    #expect(try shop.finish(shop.start(strict + ["--force", "looked at it"])).status == 0)
    // The force came to an attempt after the gate's.
    try shop.connection.execute(
      """
      UPDATE paretorank.stages SET detail = detail - 'forced' WHERE run_id = 2 AND stage = 'gate'
      """)
    try shop.undo("record")
    let night = try shop.finish(shop.start(strict))
    #expect(night.status == 0, "\(night.errors)")
    #expect(night.output.contains("looked at it"))
    #expect(try shop.count("SELECT count(*) FROM paretorank.promotions") == 2)
    #expect(try shop.problemOfScores() == nil)
  }

  @Test func `a run that failed long ago is not gone on with`() throws {
    #expect(try shop.run("nightly").status == 0)
    try shop.undo("evaluate", "gate", "publish", "score", "record")
    try shop.connection.execute(
      """
      UPDATE paretorank.runs SET state = 'failed', finished_at = started_at + interval '1 minute',
        error = 'lost', started_at = started_at - interval '21 hours' WHERE id = 2
      """)
    let night = try shop.run("nightly")
    #expect(night.errors.contains("run 2 is abandoned: it began 21 hours ago"), "\(night.errors)")
  }

  @Test func `a run is not gone on with after another model was made the current one`() throws {
    #expect(try shop.run("nightly").status == 0)
    try shop.undo("evaluate", "gate", "publish", "score", "record")
    let night = try shop.run("nightly")
    #expect(
      night.errors.contains("run 2 is abandoned: another model has become the current one since"),
      "\(night.errors)")
    #expect(night.status == 0)
    #expect(try shop.expectedRows() == shop.usedRows())
  }

  // MARK: - Models

  @Test func `features made of other values are compared with nothing, so it takes force`() throws {
    let changed = [
      "nightly", "--set",
      "features=[{id: user_id, dimension: 2}, {number: price, transform: log1p}]",
    ]
    let night = try shop.finish(shop.start(changed))
    #expect(night.status == 3, "\(night.errors)")
    #expect(night.problems.contains { $0.contains("made of other values than tonight's") })
    #expect(try shop.finish(shop.start(changed + ["--force", "prices in logarithms"])).status == 0)
    #expect(try shop.problemOfScores() == nil)
  }

  @Test(arguments: [true, false])
  func `an unusable current model is replaced only by force`(isMissing: Bool) throws {
    let path = try #require(
      try shop.connection.value("SELECT path FROM paretorank.models WHERE state = 'current'"))
    if isMissing {
      try FileManager.default.removeItem(atPath: path)
    } else {
      try shop.damage(under: "models")
    }
    let refused = try shop.run("nightly")
    #expect(refused.status == 3, "\(refused.errors)")
    #expect(
      refused.problems.contains { $0.contains("version 1, the current model, can't be used") },
      "\(refused.errors)")
    let forced = try shop.run("nightly", "--force", "the disk was replaced", "--format", "json")
    #expect(forced.status == 0, "\(forced.errors)")
    #expect(try forced.json()["forced"] as? String == "the disk was replaced")
    #expect(
      try shop.connection.value("SELECT reason FROM paretorank.runs WHERE id = 3")
        == "published against the gate: the disk was replaced")
    #expect(try shop.problemOfScores() == nil)
    try shop.grow(byHours: 6)
    let next = try shop.expectGoodNight()
    #expect(try next.json()["start"] as? String == "from version 3")
  }

  @Test func `another network starts afresh and is held against the current model`() throws {
    let wider = ["--set", "network.expert=[6]"]
    let night = try shop.expectGoodNight(wider)
    let report = try night.json()
    #expect(
      report["start"] as? String
        == "from scratch: version 1 was trained with another network")
    let tasks = try #require(report["tasks"] as? [String: [String: Any]])
    for name in ["click", "purchase"] {
      #expect((tasks[name]?["current"] as? [String: Any])?["auc"] is Double)
      #expect(tasks[name]?["auc_gain"] is Double)
    }
    try shop.grow(byHours: 6)
    let next = try shop.expectGoodNight(wider)
    #expect(try next.json()["start"] as? String == "from version 2")
  }

  @Test func `nights from scratch see every row each time`() throws {
    let scratch = ["--set", "nightly.start=scratch"]
    for _ in 0..<2 {
      let night = try shop.expectGoodNight(scratch)
      #expect(try night.json()["start"] as? String == "from scratch, as nightly.start says")
      try shop.grow(byHours: 6)
    }
  }
}
