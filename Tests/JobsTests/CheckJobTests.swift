import DatabaseTestSupport
import Jobs
import PostgresLogs
import RunConfiguration
import Testing

struct CheckJobTests {
  /// A log of 120 hours, and a configuration for it.
  private struct Log {
    let connection: PostgresConnection
    let schema: String

    init(_ schema: String) throws {
      self.schema = schema
      connection = try TestServer.connect(schema: schema)
      try connection.execute(
        """
        CREATE TABLE log AS SELECT timestamptz '2026-03-01 00:00Z' + i * interval '1 hour' AS shown_at,
          i % 7 AS user_id, i % 5 AS item_id, (i * 37 % 101)::float8 AS price, 'x'::text AS note,
          point(i, i) AS place, (i % 3 = 0)::int AS clicked, i % 6 = 0 AS bought, i / 1e3 AS truth
        FROM generate_series(0, 119) AS i
        """)
    }

    func check(_ overrides: String...) throws -> CheckJob.Report {
      let configuration = try RunConfiguration(
        yaml: """
          database: "\(TestServer.url.get())"
          impressions: {from: \(schema).log, time: shown_at, user: user_id, item: item_id}
          tasks: [{name: click, label: clicked}, {name: purchase, label: bought, after: click}]
          features: [{id: user_id, dimension: 2}, {number: price}]
          """, overrides: overrides)
      return try CheckJob(configuration: configuration).run(JobContext())
    }
  }

  @Test func `rows, parts, labels and values are counted exactly`() throws {
    let report = try Log("check_counts").check()
    #expect(report.problems == [])
    #expect(report.warnings == [])
    #expect(report.rows == 120)
    #expect(report.parts.map(\.rows) == [72, 24, 24])
    #expect(report.tasks.map(\.positives) == [24, 12])
    #expect(report.tasks.map(\.negatives) == [48, 60])
    #expect(report.tasks.map(\.testPositives) == [8, 4])
    #expect(
      report.columns.map(\.name) == [
        "shown_at", "user_id", "item_id", "clicked", "bought", "price",
      ])
    let user = try #require(report.columns.first { $0.name == "user_id" })
    #expect(user.roles == ["user", "feature user_id"])
    #expect(user.distinct == 7)
    #expect(user.missing == 0)
  }

  @Test func `everything wrong is reported at once`() throws {
    let log = try Log("check_wrong")
    try log.connection.execute("UPDATE log SET clicked = 2 WHERE price = 37")
    try log.connection.execute("UPDATE log SET price = 'NaN' WHERE price = 74")
    let report = try log.check(
      "impressions.request=request_id", "features.0.id=usr_id",
      "split={train: all, validation: 1 day, test: 9 days}",
      "features=[{id: usr_id, dimension: 2}, {number: price}, {number: note}, {category: place, dimension: 2}]"
    )
    #expect(
      report.problems.map(\.message) == [
        "there is no column request_id, needed as request",
        "there is no column usr_id, needed as id usr_id; did you mean user_id?",
        "column note is text and can't be number note; what fits: a number, a whole number, a boolean",
        "column place has type point, which can't be used; cast it, for example place::text or place::float8",
        "no row lies in train (2026-02-23 23:00:00.000001Z up to 2026-02-23 23:00:00.000001Z); the log's rows run from 2026-03-01 00:00:00Z to 2026-03-05 23:00:00Z: set split so that train has some",
        "no row lies in validation (2026-02-23 23:00:00.000001Z up to 2026-02-24 23:00:00.000001Z); the log's rows run from 2026-03-01 00:00:00Z to 2026-03-05 23:00:00Z: set split so that validation has some",
        "task click: 2 values of clicked are neither 0 nor 1, such as 2",
        "column price: 2 values are NaN or infinite; make them NULL in the query if they mean missing",
      ])
  }

  @Test func `warnings say what training would not stop at`() throws {
    let log = try Log("check_warnings")
    try log.connection.run(
      script: """
        UPDATE log SET clicked = 0 WHERE shown_at >= '2026-03-05';
        UPDATE log SET price = NULL;
        INSERT INTO log (shown_at, user_id, item_id) VALUES ('2999-01-01', 1, 1);
        """)
    let report = try log.check(
      "split={train: {from: 2026-03-01, to: 2026-03-04}, validation: {from: 2026-03-04, to: 2026-03-05}, test: {from: 2026-03-05, to: 2026-03-06}}",
      "features=[{number: price}, {category: note, dimension: 2}]")
    #expect(report.problems == [])
    #expect(
      report.warnings == [
        "1 rows lie in the future; the newest is of 2999-01-01 00:00:00Z",
        "task click: no test row is positive, so its AUC is undefined",
        "task purchase: 4 rows are positive although click is negative",
        "column price is NULL in every training row",
        "column note is the same in every training row",
      ])
  }

  @Test func `weights are checked by their column and values`() throws {
    let log = try Log("check_weights")
    let sound = try log.check("impressions.weight=price")
    #expect(sound.problems == [])
    #expect(sound.columns.first { $0.name == "price" }?.roles == ["weight", "feature price"])
    #expect(try log.check("impressions.weight=user_id").problems == [])
    let wrong = try log.check("impressions.weight=note")
    #expect(
      wrong.problems.map(\.message) == [
        "column note is text and can't be weight; what fits: a whole number, a number"
      ])
    #expect(
      try log.check("impressions.weight=prise").problems.map(\.message) == [
        "there is no column prise, needed as weight; did you mean price?"
      ])
    for (value, shown) in [
      ("NULL", "NULL"), ("'NaN'", "NaN"), ("'Infinity'", "Infinity"), ("-1", "-1"),
    ] {
      try log.connection.execute("UPDATE log SET truth = \(value) WHERE user_id = 3")
      let problems = try log.check("impressions.weight=truth").problems
      #expect(
        problems.map(\.message) == [
          "17 values of truth are no weights, finite numbers from 0 on, such as \(shown)"
        ])
      #expect(problems.map(\.kind) == [.data])
    }
  }

  @Test func `the settings of nights are checked by their names`() throws {
    let log = try Log("check_night")
    let report = try log.check(
      "impressions.key=user_idd", "impressions.clock=SELECT end FROM nowhere",
      "tasks.0.window=1 hour")
    #expect(
      report.problems.map(\.message).first
        == "impressions.key: check_night.log has no column user_idd; did you mean user_id?")
    #expect(report.problems.last?.message.hasPrefix("impressions.clock: ") == true)
    #expect(report.problems.map(\.kind) == [.configuration, .configuration])
    #expect(report.clock == nil)
    #expect(
      report.warnings == [
        """
        no window: paretorank nightly takes the labels of purchase as known at once; where the event \
        comes later, say how much in the task's window
        """
      ])
    let sound = try log.check(
      "impressions.key=user_id", "impressions.clock=SELECT max(shown_at) FROM check_night.log")
    #expect(sound.problems == [])
    #expect(sound.clock == "2026-03-05 23:00:00Z")
    #expect(sound.columns.first { $0.name == "user_id" }?.roles.first == "key")
    let wrong = try log.check("impressions.clock=SELECT 1", "impressions.key=price")
    #expect(wrong.problems.map(\.kind) == [.data, .data])
    #expect(wrong.problems.last?.message.hasPrefix("impressions.clock: column") == true)
  }

  @Test func `an empty table is a problem, a table that isn't there an error`() throws {
    let log = try Log("check_empty")
    try log.connection.execute("DELETE FROM log")
    #expect(try log.check().problems.map(\.message) == ["check_empty.log has no rows"])
    #expect(throws: PostgresError.self) { try log.check("impressions.from=check_empty.nothing") }
  }

  @Test(arguments: [1, 10, 1_000, 20_000, 200_000])
  func `distinct values are told within a tenth`(count: Int) throws {
    let schema = "check_distinct_\(count)"
    let log = try Log(schema)
    try log.connection.execute(
      """
      CREATE VIEW \(schema).many AS SELECT timestamptz '2026-03-01' + i * interval '1 second' AS shown_at,
        i % \(count) AS user_id, i % 2 = 0 AS clicked
      FROM generate_series(0, \(count) + 9) AS i
      """)
    let report = try log.check(
      "impressions={from: \(schema).many, time: shown_at}",
      "tasks=[{name: click, label: clicked}]", "features=[{id: user_id, dimension: 2}]",
      "split={by: random, train: 0.8, validation: 0.1, test: 0.1}")
    let found = try #require(report.columns.first { $0.name == "user_id" }?.distinct)
    #expect(abs(Double(found) - Double(count)) <= 0.1 * Double(count))
  }
}
