import DatabaseTestSupport
import Foundation
import PostgresLogs
import Testing

/// Every bad input gets one line and its exit status.
struct BadInputTests {
  @Test func `no server`() throws {
    let place = try Workplace("cli_no_server")
    let result = try place.run("train", "--set", "database=postgresql://me@/x?host=/tmp/nowhere")
    #expect(result.status == 69)
    #expect(result.problems.count == 1)
    #expect(result.errors.hasPrefix("error: no PostgreSQL server answers at /tmp/nowhere: "))
    #expect(result.output == "")
  }

  @Test func `a wrong password, which is not printed`() throws {
    let place = try Workplace("cli_password")
    let host = try #require(try TestServer.url.get().split(separator: "host=").last)
    let result = try place.run(
      "train", "--set",
      "database=postgresql://\(TestServer.carefulUser):hunter22@/paretorank?host=\(host)")
    #expect(result.status == 69)
    #expect(result.problems.count == 1)
    #expect(result.errors.contains("doesn't let user careful in"))
    #expect(!result.errors.contains("hunter22"))
  }

  @Test func `a table that isn't there`() throws {
    let place = try Workplace("cli_table")
    for command in ["train", "check"] {
      let result = try place.run(command, "--set", "impressions.from=cli_table.nothing")
      #expect(result.status == 64)
      #expect(
        result.problems == [
          #"error: relation "cli_table.nothing" does not exist (SQLSTATE 42P01)"#
        ])
    }
  }

  @Test func `a column that isn't there`() throws {
    let place = try Workplace("cli_column")
    let training = try place.run("train", "--set", "features.1.number=prise")
    #expect(training.status == 64)
    #expect(
      training.problems == [
        "error: cli_column.log has no column prise; did you mean price?"
      ])
    let check = try place.run("check", "--set", "features.1.number=prise")
    #expect(check.status == 64)
    #expect(
      check.problems == [
        "error: there is no column prise, needed as number prise; did you mean price?"
      ])
  }

  @Test func `a vector of another length, and a list too long`() throws {
    let place = try Workplace("cli_vector")
    try place.connection.execute(
      "ALTER TABLE log ADD image float4[] DEFAULT '{1,2}', ADD recent int8[] DEFAULT '{1,2}'")
    let vector = try place.run("train", "--set", "features=[{vector: image, length: 3}]")
    #expect(vector.status == 65)
    #expect(
      vector.problems == [
        "error: row 1 (user_id 0, item_id 0): image is a vector of 2, not one of 3 finite numbers"
      ])
    let list = try place.run(
      "train", "--set", "features=[{list: recent, longest: 1, strict: true}]")
    #expect(list.status == 65)
    #expect(
      list.problems == [
        "error: row 1 (user_id 0, item_id 0): recent is a list of 2, not one of 1 elements or fewer"
      ])
  }

  @Test func `a shop where something is already`() throws {
    let place = try Workplace("cli_shop")
    let result = try place.run("simulate", "--schema", "cli_shop", "--impressions", "1000")
    #expect(result.status == 64)
    #expect(
      result.problems == [
        "error: schema cli_shop exists already; --replace drops it and all that is in it"
      ])
  }

  @Test func `another run of the same model`() throws {
    let place = try Workplace("cli_locked")
    #expect(try place.run("train").status == 0)
    #expect(try place.connection.lock(job: "model cli_locked"))
    for arguments in [["train"], ["score", "--to-table", "cli_locked.scores"]] {
      let result = try place.finish(place.start([Workplace.binary] + arguments))
      #expect(result.status == 75)
      #expect(result.problems == ["error: another run holds the lock of model cli_locked"])
    }
    #expect(try place.run("score").status == 0)
    #expect(try place.run("train", "--set", "output.name=cli_unlocked").status == 0)
  }

  @Test func `a column of the wrong type`() throws {
    let place = try Workplace("cli_type")
    let message =
      "error: column note is text and can't be number note; what fits: a number, a whole number, "
      + "a boolean"
    for command in ["train", "check"] {
      let result = try place.run(command, "--set", "features.1.number=note")
      #expect(result.status == 65)
      #expect(result.problems == [message])
    }
  }

  @Test func `a label that is 2`() throws {
    let place = try Workplace("cli_label")
    try place.change("UPDATE log SET clicked = 2 WHERE price = 37")
    let training = try place.run("train")
    #expect(training.status == 65)
    #expect(training.problems.count == 1)
    #expect(training.errors.contains("clicked is 2, not "))
    let check = try place.run("check")
    #expect(check.status == 65)
    #expect(
      check.problems == [
        "error: task click: 2 values of clicked are neither 0 nor 1, such as 2"
      ])
  }

  @Test func `NULL labels are unknown, and counted`() throws {
    let place = try Workplace("cli_null")
    try place.change("UPDATE log SET bought = NULL WHERE item_id = 1")
    let result = try place.run("train", "--format", "json")
    #expect(result.status == 0)
    let reading = try #require(try result.json()["reading"] as? [[String: Any]])
    #expect(reading.last?["unknown"] as? Int == 24)
    #expect(reading.last?["task"] as? String == "purchase")
  }

  @Test func `a purchase without a click is a warning`() throws {
    let place = try Workplace("cli_funnel")
    try place.change("UPDATE log SET clicked = 0 WHERE shown_at < '2026-03-01 07:00Z'")
    let training = try place.run("train")
    #expect(training.status == 0)
    #expect(
      training.problems == [
        "warning: 2 rows are positive for purchase although click is negative; "
          + "they are kept as they are"
      ])
    let check = try place.run("check")
    #expect(check.status == 0)
    #expect(
      check.problems == ["warning: task purchase: 2 rows are positive although click is negative"])
  }

  @Test func `an empty window`() throws {
    let place = try Workplace("cli_window")
    #expect(try place.run("train").status == 0)
    let result = try place.run("evaluate", "--from", "2031-01-01")
    #expect(result.status == 65)
    #expect(result.problems == ["error: no row lies in the window"])
    let reversed = try place.run("evaluate", "--from", "2031-01-01", "--to", "2030-01-01")
    #expect(reversed.status == 64)
  }

  @Test func `a window without a positive has no AUC and says so`() throws {
    let place = try Workplace("cli_positive")
    try place.change("UPDATE log SET bought = 0 WHERE shown_at >= '2026-03-05'")
    #expect(try place.run("train").status == 0)
    let result = try place.run("evaluate", "--format", "json")
    #expect(result.status == 0)
    let tasks = try #require(try result.json()["tasks"] as? [String: [String: Any]])
    let purchase = try #require(tasks["purchase"])
    #expect(purchase["auc"] is NSNull)
    #expect(purchase["positives"] as? Int == 0)
    #expect((purchase["note"] as? String)?.contains("no positive") == true)
    #expect(tasks["click"]?["auc"] is Double)
    #expect(try place.run("evaluate").output.contains("purchase: no positive"))
  }

  @Test(arguments: ["NaN", "Infinity"])
  func `a number that is not finite`(value: String) throws {
    let place = try Workplace("cli_finite_\(value.lowercased())")
    try place.change("UPDATE log SET price = '\(value)' WHERE price = 37")
    let training = try place.run("train")
    #expect(training.status == 65)
    #expect(training.problems.count == 1)
    #expect(training.errors.contains("not a finite number"))
    let check = try place.run("check")
    #expect(check.status == 65)
    #expect(
      check.problems == [
        "error: column price: 2 values are NaN or infinite; "
          + "make them NULL in the query if they mean missing"
      ])
  }

  @Test func `an id that training never saw`() throws {
    let place = try Workplace("cli_unseen")
    #expect(try place.run("train").status == 0)
    try place.change("UPDATE log SET user_id = 4711 WHERE shown_at >= '2026-03-05'")
    #expect(try place.run("evaluate").status == 0)
    let scores = try place.run("score")
    #expect(scores.status == 0)
    #expect(try place.text("scores.csv").contains("\n4711,"))
  }

  @Test func `a key that the configuration doesn't have`() throws {
    let place = try Workplace("cli_key")
    let result = try place.run("train", "--set", "trainin.epochs=3", "--set", "training.epoch=3")
    #expect(result.status == 64)
    #expect(result.problems.count == 2)
    #expect(result.errors.contains(#"did you mean "training"?"#))
    #expect(result.errors.contains(#"did you mean "epochs"?"#))
  }

  @Test func `no model, a foreign folder, an option that isn't there`() throws {
    let place = try Workplace("cli_usage")
    #expect(try place.run("evaluate").status == 64)
    #expect(try place.run("evaluate", "elsewhere").status == 64)
    #expect(try place.run("evaluate", ".").status == 64)
    #expect(try place.run("train", "--epochs", "3").status == 64)
    #expect(try place.run("evaluate", "--from", "yesterday").status == 64)
    #expect(try place.run("train", "--config", "absent.yaml").status == 64)
    #expect(try place.run("train", "--output", ".").status == 64)
  }
}
